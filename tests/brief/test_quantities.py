"""Quantities and rates: what people write is read, anything else is refused in words and nothing else."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.brief import BriefError, find, loads
from workbook.brief.fields import parse_field
from workbook.brief.quantities import KINDS, SIZE_UNITS, TIME_UNITS, NotAQuantity, parse
from workbook.brief.rates import parse_rate, parse_share_of

NUMBERS = st.floats(min_value=1e-6, max_value=1e9, allow_nan=False).map(lambda f: float(f"{f:.6g}"))
QUANTITY_LIKE = st.text(alphabet="0123456789.eE+-_, ()%xkKMGBTiUSDs/year pmonthdaof∞²٣", max_size=40)
RATE_LIKE = st.lists(
    st.sampled_from(
        [
            "40",
            "per",
            "users",
            "users.items",
            "day",
            "/",
            "during",
            "ride",
            "%",
            "of",
            "(1..2)",
            "-3",
            "0",
            "2B",
            "15 s",
            "15s",
            "1e999",
            "..",
        ]
    ),
    max_size=8,
).map(" ".join)
YAML_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | QUANTITY_LIKE | RATE_LIKE,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=6) | st.sampled_from(["rate", "does", "size", "count", "users"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
PARTS = st.sampled_from(
    [
        "system",
        "populations",
        "load",
        "entities",
        "operations",
        "features",
        "quality",
        "constraints",
        "capacity",
        "choices",
        "tiers",
        "zzz",
    ]
)


def complaint(read: Callable[..., object], *arguments: object) -> str | None:
    """The words in which something is refused, or None where it is read."""
    try:
        read(*arguments)
    except (NotAQuantity, BriefError) as error:
        return str(error)
    return None


@given(number=NUMBERS, unit=st.sampled_from(sorted(SIZE_UNITS)))
def test_a_size_is_read_as_it_is_printed(number: float, unit: str) -> None:
    """Number and unit give the bytes, and what is printed is what was written."""
    found = parse(f"{number!r} {unit}", "size")
    assert found.best == pytest.approx(number * SIZE_UNITS[unit])
    assert parse(str(found), "size") == found
    assert found.exact


@given(number=NUMBERS, unit=st.sampled_from(sorted(TIME_UNITS)))
def test_a_time_is_read_as_it_is_printed(number: float, unit: str) -> None:
    """Number and unit give the seconds, with or without a blank between."""
    assert (
        parse(f"{number!r}{unit}", "time").best
        == parse(f" {number!r}  {unit} ", "time").best
        == pytest.approx(number * TIME_UNITS[unit])
    )


@given(low=NUMBERS, ratio=st.floats(1, 100), unit=st.sampled_from(["", "k", "M"]))
def test_a_range_alone_takes_the_geometric_middle(low: float, ratio: float, unit: str) -> None:
    """`25..60` is read with its best guess in the middle, by ratio."""
    high = low * ratio
    found = parse(f"{low!r}{unit}..{high!r}{unit}", "number")
    assert found.best == pytest.approx(math.sqrt(found.low * found.high))
    assert found.low <= found.best * (1 + 1e-12)
    assert found.best <= found.high * (1 + 1e-12)


@given(text=st.text() | QUANTITY_LIKE, kind=st.sampled_from(sorted(KINDS)))
@settings(max_examples=400)
def test_any_text_is_a_quantity_or_is_refused(text: str, kind: str) -> None:
    """Nothing but NotAQuantity is raised; what is accepted is finite, in order and not negative where that cannot be."""
    refused = complaint(parse, text, kind)
    if refused is not None:
        assert 20 < len(refused) < 400
        return
    found = parse(text, kind)
    assert all(math.isfinite(v) for v in (found.low, found.best, found.high))
    assert found.low <= found.best <= found.high
    assert found.low >= 0 or kind == "growth"


@given(text=st.text() | QUANTITY_LIKE | RATE_LIKE)
@settings(max_examples=400)
def test_any_text_is_a_rate_or_is_refused(text: str) -> None:
    """Nothing but NotAQuantity is raised for a rate, a share of a population or a type of field."""
    for read in (parse_rate, parse_share_of, parse_field):
        assert len(complaint(read, text) or "") < 600


@given(
    amount=NUMBERS,
    many=st.integers(1, 10**6),
    name=st.sampled_from(["users", "rooms.count"]),
    times=st.integers(1, 99),
    unit=st.sampled_from(["s", "min", "days", "month"]),
)
def test_a_rate_of_members_reads_in_any_order(amount: float, many: int, name: str, times: int, unit: str) -> None:
    """Per whom and per what time may be said in either order, with `per` or a slash."""
    first = parse_rate(f"{amount!r} per {many} {name} per {times} {unit}")
    second = parse_rate(f"{amount!r} per {times} {unit} per {many} {name}")
    third = parse_rate(f"{amount!r}/{times} {unit}/{many} {name}")
    for found in (first, second, third):
        assert (found.kind, found.amount.best, found.per, found.seconds) == (
            "members",
            amount,
            many,
            times * TIME_UNITS[unit],
        )
        assert f"{found.of}{'.' if found.attribute else ''}{found.attribute}" == name


@given(document=st.dictionaries(PARTS, YAML_LIKE, max_size=5))
@settings(max_examples=150, deadline=None)
def test_any_document_is_a_brief_or_is_refused(document: object) -> None:
    """A document of nonsense in the right places raises nothing but BriefError."""
    assert complaint(loads, yaml.safe_dump(document, allow_unicode=True)) != ""


@given(text=st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_is_a_brief_or_is_refused(text: str) -> None:
    """Text that is no brief raises nothing but BriefError."""
    for whole in (text, f"system: x\n{text}", f"system: x\nentities: {{a: {{size: {text}}}}}"):
        assert complaint(loads, whole) != ""


@given(data=st.data(), name=st.sampled_from(["chat", "clinic", "feed", "music"]))
@settings(max_examples=60, deadline=None)
def test_a_damaged_brief_is_read_or_refused(data: st.DataObject, name: str) -> None:
    """A brief with a piece cut out or put in raises nothing but BriefError."""
    text = Path(find(name)).read_text(encoding="utf-8")
    at = data.draw(st.integers(0, len(text)))
    cut = data.draw(st.integers(0, 30))
    put = data.draw(st.text(max_size=5) | QUANTITY_LIKE)
    assert complaint(loads, text[:at] + put + text[at + cut :]) != ""
