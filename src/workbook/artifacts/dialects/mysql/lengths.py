"""How long texts may be in MySQL's keys: a key has so many bytes, and a letter takes up to four of them."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.dialects.mysql.expressions import SQL
from workbook.catalog import loader
from workbook.plan.fold.layout import Column, Index, Table

LETTER_BYTES = 4
"""Of utf8mb4 (reference manual, character sets)."""
LONGEST_TEXT = 255
"""Letters of a text in a key where there is room (our assumption: titles, addresses and handles are shorter)."""
_SHORT = 64
"""Letters that a value of an enumeration may have (our assumption: words); with longer ones it is a text like others."""
_SPARE = 3
"""Bytes that a column of a key may take besides its value: whether it is there, and how long it is."""
_BYTES = {
    "char(36)": 36, "bigint": 8, "decimal(18,4)": 9, "decimal(14,2)": 7, "boolean": 1, "datetime(6)": 8, "date": 3,
}  # fmt: skip
_NEVER = ("json", "point")
_TEXT_BYTES = 65_535
"""Of the type `text` (reference manual, storage requirements)."""
_TIMES_MEAN = 16
"""How many times its mean a text may be long (our assumption)."""


class Lengths:
    """The texts of one table."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._types = {c.name: SQL.type_of(c.type) for c in table.columns}
        self._columns = {c.name: c for c in table.columns}
        rules = loader.name_rules()["mysql"]
        self._key_bytes, self._key_columns = rules.key_bytes or 0, rules.key_columns or 0
        self._whole: dict[str, int] = {}
        for unique in (table.key, *(u.columns for u in table.uniques)):
            for name, letters in self._share(unique).items():
                self._whole[name] = min(letters, self._whole.get(name, LONGEST_TEXT))

    def type(self, column: Column, type_: str) -> str:
        """The type of a column, as long as its keys allow."""
        if type_ == "longblob":
            return f"varbinary({LONGEST_TEXT})" if column.name in self._whole else type_
        if type_ != "text":
            return type_
        if not self._open(column.name):
            return f"varchar({_SHORT})"
        if column.name in self._whole:
            return f"varchar({self._whole[column.name]})"
        if column.type.values:
            return f"varchar({max(map(len, column.type.values))})"
        return "text" if column.type.bytes * _TIMES_MEAN <= _TEXT_BYTES else "longtext"

    def takes(self, index: Index) -> bool:
        """Whether the engine can have an index: of lists and places it compares nothing."""
        names = [c for c, _ in index.columns]
        return len(names) <= self._key_columns and not any(self._types[n] in _NEVER for n in names)

    def of(self, index: Index) -> dict[str, str]:
        """How much of each column an index holds: nothing where it is all of it."""
        names = [c for c, _ in index.columns]
        shares = self._share(names)
        made = dict.fromkeys(names, "")
        for name, letters in shares.items():
            if name not in self._whole or self._whole[name] > letters:
                made[name] = f"({letters})"
        return made

    def _share(self, names: Iterable[str]) -> dict[str, int]:
        """The letters of each text in a key: what the other columns leave, in equal parts."""
        known = list(dict.fromkeys(names))
        texts = [n for n in known if self._open(n)]
        others = sum(self._bytes(n) for n in known if n not in texts)
        left = self._key_bytes - others - _SPARE * (len(known) + 1)
        return {n: max(1, min(LONGEST_TEXT, left // (LETTER_BYTES * len(texts)))) for n in texts}

    def _open(self, name: str) -> bool:
        """Whether a column is of any length."""
        values = max(map(len, self._columns[name].type.values), default=0)
        return self._types[name] == "longblob" or (self._types[name] == "text" and not 0 < values <= _SHORT)

    def _bytes(self, name: str) -> int:
        return _BYTES.get(self._types[name], LETTER_BYTES * _SHORT)
