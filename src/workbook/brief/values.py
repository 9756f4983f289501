"""What single values of a brief are read as: names, quantities, products, rates. Quantities leave in base units."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict

from workbook.brief.problems import nearest, spaced
from workbook.brief.quantities import NotAQuantity, Quantity, parse, shown
from workbook.brief.rates import Rate, Share, parse_rate, parse_share_of

SENSITIVITIES = ("personal", "health", "payment", "secret")
LONGEST_NAME = 60
"""Characters of a name: databases cut theirs at 63 bytes (PostgreSQL) or 64 (MySQL)."""
_ID = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
REFERENCE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[a-z_]+)?")


def of(kind: str) -> BeforeValidator:
    """Read as a quantity of that kind."""
    return BeforeValidator(lambda value: parse(value, kind))


Number = Annotated[Quantity, of("number")]
Size = Annotated[Quantity, of("size")]
Time = Annotated[Quantity, of("time")]
ShareOf1 = Annotated[Quantity, of("share")]
Factor = Annotated[Quantity, of("factor")]
Money = Annotated[Quantity, of("money")]
Growth = Annotated[Quantity, of("growth")]
Price = Annotated[Quantity, of("price")]


def known(names: tuple[str, ...], what: str) -> BeforeValidator:
    """Read as one of these names; the error says which are known."""

    def check(value: object) -> str:
        if isinstance(value, str) and value in names:
            return value
        raise ValueError(
            f'"{shown(value)}" is not {what}. {nearest(str(value), names)} Known are {", ".join(names)}.'.replace(
                "  ", " "
            )
        )

    return BeforeValidator(check)


def identifier(value: object) -> str:
    """A name as the user may give one. Raises ValueError with what to write instead."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise ValueError(f'"{shown(value)}" is not a name. {_name_like(str(value))}')
    if len(value) > LONGEST_NAME:
        raise ValueError(f'"{shown(value)}" is a name of {len(value)} characters. Write at most {LONGEST_NAME}.')
    return value


def _name_like(value: str) -> str:
    """What to write instead of a name that is none."""
    if ":" in value and _ID.fullmatch(value.partition(":")[0]):
        return spaced(value)
    likely = re.sub(r"\W+", "_", value).strip("_")
    hint = (
        f"Did you mean {likely}? " if likely != value and _ID.fullmatch(likely) and len(likely) <= LONGEST_NAME else ""
    )
    return f"{hint}Write letters, digits and underscores, beginning with a letter."


def as_list(value: Any) -> list[Any]:
    """The elements of a list; nothing is none, and anything else one."""
    if isinstance(value, list | tuple):
        return list(value)
    return [] if value is None else [value]


def listed(value: object) -> object:
    """One word stands for a list of one."""
    return [value] if isinstance(value, str) else value


Id = Annotated[str, BeforeValidator(identifier)]
Words = Annotated[tuple[str, ...], BeforeValidator(listed)]
Priority = Annotated[str, known(("P0", "P1", "P2"), "a priority")]
Consistency = Annotated[str, known(("strong", "eventual"), "a consistency")]
Sensitivity = Annotated[str, known(SENSITIVITIES, "a sensitivity")]


class PartOf(BaseModel):
    """A factor of a product: a quantity, or the size of a population (or of an entity with a count)."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)
    amount: Quantity
    of: str = ""
    attribute: str = ""


def _factor(value: object, kinds: tuple[str, ...]) -> PartOf:
    if isinstance(value, PartOf):
        return value
    if isinstance(value, str) and "%" in value and " of " in value:
        share: Share = parse_share_of(value)
        return PartOf(amount=share.amount, of=share.of, attribute=share.attribute)
    for kind in kinds:
        try:
            return PartOf(amount=parse(value, kind))
        except NotAQuantity:
            continue
    if isinstance(value, str) and REFERENCE.fullmatch(value.strip()) and "number" in kinds:
        name, _, attribute = value.strip().partition(".")
        return PartOf(amount=parse(1, "number"), of=name, attribute=attribute)
    parse(value, kinds[0])
    raise AssertionError("unreachable: parse raises")


def product(*kinds: str) -> Callable[[object], tuple[PartOf, ...]]:
    """Read as a product of quantities and sizes of populations."""

    def read(value: object) -> tuple[PartOf, ...]:
        parts = value if isinstance(value, list | tuple) else [value]
        if not parts:
            raise NotAQuantity("an empty product. Write a number, or a list of factors.")
        return tuple(_factor(p, kinds) for p in parts)

    return read


Product = Annotated[tuple[PartOf, ...], BeforeValidator(product("number", "share"))]


def _active(value: object) -> tuple[PartOf, ...]:
    parts = product("number", "share")(value)
    if isinstance(value, str) and REFERENCE.fullmatch(value.strip()):
        parse(value, "number")
    return parts


Active = Annotated[tuple[PartOf, ...], BeforeValidator(_active)]


def _size_product(value: object) -> tuple[PartOf, ...]:
    parts = product("size", "number", "share")(value)
    if sum(p.amount.kind == "size" for p in parts) != 1:
        if not isinstance(value, list | tuple):
            parse(value, "size")
        raise NotAQuantity(
            f'"{shown(value)}" is not a size. Write one size, and numbers it is taken times, as in [200, 50 B].'
        )
    return parts


SizeProduct = Annotated[tuple[PartOf, ...], BeforeValidator(_size_product)]


def rates(value: object) -> tuple[Rate, ...]:
    """Read as one rate or a list of rates that are summed."""
    items = value if isinstance(value, list | tuple) else [value]
    if not items:
        raise NotAQuantity("an empty list is not a rate. Write a rate, or leave it out.")
    for item in items:
        if not isinstance(item, str | Rate):
            raise NotAQuantity(
                f'"{shown(item)}" is not a rate: it says neither per what time nor per whom. As in 40 per users per day.'
            )
    return tuple(i if isinstance(i, Rate) else parse_rate(i) for i in items)


class Strict(BaseModel):
    """Frozen; an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
