"""F14: a slip that everybody makes is answered with what was meant, or is simply read."""

from __future__ import annotations

import pytest

from workbook.brief import BriefError, loads
from workbook.brief.model import Load
from workbook.brief.quantities import NotAQuantity, parse
from workbook.brief.rates import parse_rate


@pytest.mark.parametrize(
    ("written", "kind", "meant"),
    [
        ("1 kb", "size", "1 KB"),
        ("1 Mb", "size", "1 MB"),
        ("1 K", "size", "1 KB"),
        ("1..2 kb", "size", "1..2 KB"),
        ("40 (20..60) mb", "size", "40 (20..60) MB"),
        ("10m", "number", "10M"),
        ("2 million", "number", "2M"),
        ("10m", "time", "10 min"),
        ("2 hrs", "time", "2 h"),
        ("20k USD", "money", "20k USD/month"),
        ("20 %", "growth", "20 %/year"),
    ],
)
def test_f14_a_slip_in_a_unit_gets_the_quantity_that_was_meant(written: str, kind: str, meant: str) -> None:
    """The message proposes a quantity, and that quantity is read."""
    with pytest.raises(NotAQuantity, match="Did you mean") as caught:
        parse(written, kind)
    assert f"Did you mean {meant}?" in str(caught.value)
    assert parse(meant, kind).best > 0


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("10m/month", "10M/month"),
        ("4 per users per 10m", "10 min"),
        ("1 per 15m during ride", "15 min"),
    ],
)
def test_f14_a_slip_in_a_rate_gets_what_was_meant(written: str, meant: str) -> None:
    """A rate with a small m is answered with millions before the period, and with minutes in it."""
    with pytest.raises(NotAQuantity) as caught:
        parse_rate(written)
    assert f"Did you mean {meant}?" in str(caught.value)


@pytest.mark.parametrize("written", ["400", "10 fnord", "kb", "", "9" * 500])
def test_f14_nothing_is_proposed_where_nothing_is_near(written: str) -> None:
    """Text without a known unit gets the general remedy alone."""
    with pytest.raises(NotAQuantity) as caught:
        parse(written, "size")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize(
    ("written", "hours", "share"),
    [
        ("6.5 h/day", 6.5, 1.0),
        ("6.5 h per day", 6.5, 1.0),
        ("6.5h/day", 6.5, 1.0),
        ("80 % in 14 h a day", 14, 0.8),
    ],
)
def test_f14_active_hours_may_say_that_they_are_of_a_day(written: str, hours: float, share: float) -> None:
    """`6.5 h/day` is read as `6.5 h`."""
    found = Load.model_validate({"active_hours": written}).active_hours
    assert found is not None
    assert (found.hours.best, found.share.best) == (hours * 3600, share)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("load:\n\tpeak: 3x", ":3: is not YAML: a tab stands where YAML wants spaces\n    Replace each tab"),
        ("load:\n  \tpeak: 3x", ":3: is not YAML: a tab stands"),
        ("goals:\n - a\n\t- b", ":4: is not YAML: a tab stands"),
        ("statement: >\n\ttext", ":3: is not YAML: a tab stands"),
        ("goals: [%x]", ":2: is not YAML: a value cannot begin with %\n    Put the value in quotes"),
        ("statement: @home", ":2: is not YAML: a value cannot begin with @"),
    ],
)
def test_f14_what_yaml_refuses_is_said_in_plain_words(text: str, says: str) -> None:
    """A tab is called a tab, with its line, and what to write instead."""
    with pytest.raises(BriefError) as caught:
        loads(f"system: Bad\n{text}\n", name="bad.yaml")
    assert f"bad.yaml{says}" in str(caught.value)
    assert "token" not in str(caught.value)
