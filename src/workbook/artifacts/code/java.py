"""An operation in Java: a class with one method. Rows are maps; what is refused is thrown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from workbook.artifacts.code import names
from workbook.artifacts.code.braces import Braces
from workbook.artifacts.code.language import Asked
from workbook.artifacts.code.printer import UNKNOWN, ends
from workbook.artifacts.code.variables import BLOCKS, Kind, Variable
from workbook.artifacts.dialects.statement import Slot
from workbook.artifacts.writing import java as writing
from workbook.plan.form.model import Group, GroupKind

HELPERS = (
    *("all", "asJson", "batches", "compared", "digest", "eachOf", "field", "fields", "later", "listed", "own", "pick"),
    *("reckoned", "row", "rows", "same", "secondsBetween", "size", "span", "total", "tried", "window", "without"),
)
ROW = "Map<String, Object>"
_TYPES = {
    Kind.ROW: ROW,
    Kind.ROWS: f"List<{ROW}>",
    Kind.NUMBER: "long",
    Kind.VALUE: "Object",
    Kind.VALUES: "List<Object>",
}
_EMPTY = {Kind.ROW: "null", Kind.ROWS: "List.of()", Kind.NUMBER: "0"}
_ROW = re.compile(r"(?<![.\w])row$")
LARGEST_INT = 2**31
WHOLE = 1e15
"""Numbers below this are whole in a double, and shown without an exponent."""


class Java(Braces):
    """Rows are maps from names to objects."""

    blocks = BLOCKS | {GroupKind.TOGETHER}
    own_names = frozenset({*HELPERS, "app"})
    last_comma = ""
    longest = 112

    # Statements -------------------------------------------------------------------------------------------------------

    def spelling(self, name: str) -> str:
        return writing.identifier(names.camel(name))

    def opening(self) -> None:
        arguments = ", ".join(["App app", *(f"{ROW} {g}" for g in self.given)])
        self.depth = 1
        self.line(f"static {ROW} run({arguments}) throws SQLException {{")

    def declare(self, variable: Variable) -> None:
        value = "new ArrayList<>()" if variable.gathers else _EMPTY[variable.kind]
        self.line(f"{_TYPES[variable.kind]} {self.variable(variable)} = {value};")

    def _called(self, asked: Asked) -> str:
        slots = list(asked.slots or ())
        more = [self.mapping(list(asked.more))] if asked.more else []
        method = names.camel(asked.method)
        return f"app.{self.spoken(asked.part)}.{method}({', '.join([*asked.arguments, *slots, *more])})"

    def ask(self, asked: Asked) -> None:
        failed = self._result(asked)
        if failed:
            self.spread(f"if ({failed})", " {")
            self.line(f"{self.indent}throw new Refused({asked.status}, {self.text(asked.why)});")
            self.line("}")

    def ask_and_test(self, asked: Asked) -> str:
        return self._result(asked)

    def _result(self, asked: Asked) -> str:
        called = self._called(asked)
        if asked.variable is None:
            if asked.status and len(called) < self.longest - 30:
                return self.failed(asked, called)
            if asked.status:
                found = self.locals.fresh("found")
                self.spread(f"{_TYPES[asked.gives or Kind.ROW]} {found} = {called}")
                return self.failed(asked, found)
            self.spread(called)
            return ""
        target = self.variable(asked.variable)
        type_ = f"{_TYPES[asked.variable.kind]} " if self.declares(asked) else ""
        self.spread(f"{type_}{target} = {called}")
        return self.failed(asked, target) if asked.status else ""

    def tried(self, asked: Asked, outcome: str) -> None:
        arguments = ", ".join((f"app.{asked.part}", *asked.arguments))
        self.spread(f"Tried {outcome} = tried({arguments})")
        if asked.variable is not None:
            type_ = f"{ROW} " if self.declares(asked) else ""
            self.line(f"{type_}{self.variable(asked.variable)} = {outcome}.found();")
            self.seen.add(id(asked.variable))

    def outcome_is(self, outcome: str, word: str) -> str:
        return f"{outcome}.outcome() == Outcome.{word.upper()}"

    def declined(self, target: str, word: str, status: int) -> None:
        if word == UNKNOWN:
            self.line(f"throw new Unknown({self.text(target)});")
        else:
            self.line(f"throw new Refused({status}, {self.text(f'{target} declines')});")

    def begin_attempt(self, store: str) -> str:
        attempt = self.locals.fresh("attempt")
        self.line(f"Transaction {attempt} = app.{self.spoken(store)}.begin();")
        return attempt

    def undo_attempt(self, store: str, attempt: str) -> None:
        self.line(f"{attempt}.close();")

    def keep_attempt(self, store: str, attempt: str) -> None:
        self.line(f"{attempt}.commit();")

    def transaction(self, store: str, group: Group) -> None:
        self.open_transactions.append(self.locals.fresh("transaction"))
        self.line(f"try (Transaction {self.open_transactions[-1]} = app.{self.spoken(store)}.begin()) {{")
        self.inside(group)
        if not ends(group.steps):
            self.line(f"{self.indent}{self.open_transactions[-1]}.commit();")
        self.open_transactions.pop()
        self.line("}")

    def commit(self) -> None:
        self.line(f"{self.open_transactions[-1]}.commit();")

    def begin_if(self, test: str) -> None:
        self.spread(f"if ({test})", " {")

    def begin_loop(self, element: Variable, name: str, listed: str) -> None:
        self.line(f"for ({_TYPES[element.kind]} {name} : {listed}) {{")

    def gather(self, variable: Variable, inner: Variable) -> None:
        self.line(f"{self.variable(variable)}.addAll({self._as_rows(inner)});")

    def _as_rows(self, variable: Variable) -> str:
        name = self.variable(variable)
        return name if variable.kind is Kind.ROWS else self.wrapped(name)

    def answer(self, parts: Mapping[str, str]) -> None:
        self.spread(f"return {self.mapping(list(parts.items()))}")

    def refuse(self, status: int, word: str) -> None:
        self.line(f"throw new Refused({status}, {self.text(word)});")

    def stop(self) -> None:
        self.line("return null;")

    def missing(self, what: str) -> None:
        self.line("if (true) {")
        self.line(f"{self.indent}throw new UnsupportedOperationException({self.text(what)});")
        self.line("}")

    def missing_value(self, value: str) -> str:
        return f"{value} == null"

    def mark(self, position: int, slot: Slot) -> str:
        return f"?::{slot.type}{'[]' if slot.many and not slot.type.endswith('[]') else ''}"

    def slot(self, slot: Slot) -> str:
        value = self.value(slot.value)
        if slot.type == "interval":
            return f"span({value})"
        return f"asJson({value})" if slot.type == "jsonb" and not slot.many else value

    def constant_name(self, name: str) -> str:
        return name.upper()

    def mapping(self, pairs: list[tuple[str, str]]) -> str:
        return f"row({', '.join(f'{self.text(n)}, {v}' for n, v in pairs)})"

    def elements(self, head: str, parts: list[str]) -> list[str]:
        if not _ROW.search(head):
            return parts
        return [f"{a}, {b}" for a, b in zip(parts[::2], parts[1::2], strict=True)]

    def listing(self, values: list[str]) -> str:
        return f"all({', '.join(values)})"

    def own(self, written: str) -> str:
        return f"own({self.text(written)})"

    def without(self, listed: str, keys: tuple[str, ...], less: str, less_keys: tuple[str, ...]) -> str:
        named = (f"List.of({', '.join(self.texts(k))})" for k in (keys, less_keys))
        first, second = named
        return f"without({listed}, {first}, {less}, {second})"

    def batches(self, listed: str, size: str) -> str:
        return f"batches({listed}, {size})"

    # Expressions ------------------------------------------------------------------------------------------------------

    def field(self, variable: str, name: str, sure: bool) -> str:
        return f"{variable}.get({self.text(name)})" if sure else f"field({variable}, {self.text(name)})"

    def opened(self, value: str, name: str) -> str:
        return f"field({value}, {self.text(name)})"

    def looked_up(self, structure: str, key: str, name: str) -> str:
        column = self.form.structures[structure].key[0]
        return f'app.{self.spoken(self.store_of(structure))}.field("{structure}", "{column}", {key}, "{name}")'

    def all_looked_up(self, structure: str, keys: str, name: str) -> str:
        column = self.form.structures[structure].key[0]
        return f'app.{self.spoken(self.store_of(structure))}.fields("{structure}", "{column}", {keys}, "{name}")'

    def picked(self, rows: str, name: str) -> str:
        return f"pick({rows}, {self.text(name)})"

    def wrapped(self, variable: str) -> str:
        return f"rows({variable})"

    def as_list(self, value: str) -> str:
        return f"listed({value})"

    def length(self, value: str) -> str:
        return f"{value}.size()"

    def total(self, value: str) -> str:
        return f"total({value})"

    def text(self, value: str) -> str:
        return writing.string(value)

    def number(self, value: float) -> str:
        if value == int(value) and abs(value) < WHOLE:
            return f"{value:.0f}" if abs(value) < LARGEST_INT else f"{value:.0f}L"
        return repr(float(value))

    def nothing(self) -> str:
        return "null"

    def now(self) -> str:
        return "app.now()"

    def new(self) -> str:
        return "app.newId()"

    def here(self) -> str:
        return "app.here"

    def tunable(self, name: str) -> str:
        return constant(name)

    def digest(self, value: str) -> str:
        return f"digest({value})"

    def size(self, value: str) -> str:
        return f"size({value})"

    def moved(self, time: str, sign: str, seconds: str) -> str:
        return f'reckoned({time}, "{sign}", {seconds})' if sign == "-" else f"later({time}, {seconds})"

    def between(self, later: str, earlier: str) -> str:
        return f"secondsBetween({later}, {earlier})"

    def window(self, time: str, seconds: str) -> str:
        return f"window({time}, {seconds})"

    def reckoned(self, left: str, operator: str, right: str, loose: bool) -> str:
        return f'reckoned({left}, "{operator}", {right})'

    def each_of(self, left: str, operator: str, right: str) -> str:
        return f'eachOf({left}, "{operator}", {right})'

    def compared(self, left: str, operator: str, right: str, timed: bool, loose: bool) -> str:
        if operator == "has":
            return f"listed({left}).contains({right})"
        if operator in ("=", "!="):
            return f"{'!' if operator == '!=' else ''}same({left}, {right})"
        return f'compared({left}, "{operator}", {right})'

    def found(self, variable: str, kind: Kind, present: bool) -> str:
        if kind is Kind.ROWS:
            return f"{'!' if present else ''}{variable}.isEmpty()"
        if kind is Kind.NUMBER:
            return "true" if present else "false"
        return f"{variable} {'!=' if present else '=='} null"

    def chance(self, share: float) -> str:
        return f"Math.random() < {share:g}"


def constant(name: str) -> str:
    """A tunable as the files call it."""
    return f"{name}_" if name in HELPERS else writing.identifier(name)
