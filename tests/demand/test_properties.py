"""Demand over all briefs: it grows with those who ask, and its ranges hold what they should."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.brief import examples, load, loads
from workbook.plan.complete import complete
from workbook.plan.demand import Value, demand

RANGED = """
system: Notes
populations: {users: {daily_active: 1M (500k..4M), concurrent: 10 % (5..20)}, desks: 10..30}
load: {peak: 3x (2x..5x)}
entities: {note: {size: 800..1200 B, retention: 30 days (10 days..90 days)}}
operations:
  write: {does: create note, rate: 3 (1..10) per users per day, fan_out: 1..100}
  read: {does: read note, rate: [20 % (10..60) of write, 1..4 per desks per min]}
"""


def values(text: str, samples: int = 1) -> Mapping[str, Value]:
    """The results of a brief."""
    return demand(complete(loads(text)), samples).values


@pytest.mark.parametrize("name", examples())
def test_twice_the_people_ask_twice_as_often(name: str) -> None:
    """Doubling every population doubles each operation that people drive, and no total rises by more."""
    once, twice = (demand(complete(load(name)), scale=s).values for s in (1.0, 2.0))
    assert set(once) == set(twice)
    for result, value in once.items():
        if result.startswith("operations.") and result.endswith(("per_day", "_qps", "_per_second", "in_progress")):
            assert twice[result].best == pytest.approx(2 * value.best), result
        assert value.best <= twice[result].best * (1 + 1e-9), result


@given(users=st.integers(1, 10**9), rate=st.floats(0.01, 1000), times=st.floats(1, 1000))
@settings(max_examples=30, deadline=None)
def test_rates_are_linear(users: int, rate: float, times: float) -> None:
    """As many times the users give as many times the calls, bytes and connections."""
    text = "system: x\npopulations: {{users: {{daily_active: {}}}}}\n"
    text += "entities: {{note: {{size: 1 KB}}}}\noperations: {{write: {{does: create note, rate: {!r} per users per day}}}}\n"
    once, more = values(text.format(users, rate)), values(text.format(users * times, rate))
    for name in (
        "totals.peak_qps",
        "totals.storage_bytes_per_day",
        "totals.ingress_bits_per_second",
        "totals.concurrent_connections",
    ):
        assert more[name].best == pytest.approx(times * once[name].best)


def test_the_same_brief_has_the_same_range() -> None:
    """Drawn twice, the samples are the same to the last bit."""
    first, second = values(RANGED, 500), values(RANGED, 500)
    assert all((first[n].samples == second[n].samples).all() for n in first)


def test_an_edit_elsewhere_leaves_the_other_samples() -> None:
    """A new operation and another size do not move the samples of what they do not touch."""
    before = values(RANGED, 500)
    edited = RANGED.replace("800..1200 B", "1..2 KB").replace(
        "  read:", "  drop: {does: delete note, rate: 1..9 per desks per day}\n  read:"
    )
    after = values(edited, 500)
    for name in (
        "operations.write.peak_qps",
        "operations.read.per_day",
        "populations.users.concurrent",
        "populations.desks.count",
        "entities.note.rows_retained",
    ):
        assert (before[name].samples == after[name].samples).all(), name
    assert (before["entities.note.row_bytes"].samples != after["entities.note.row_bytes"].samples).any()


@pytest.mark.parametrize("said", ["daily_active: 1M (500k..4M)", "daily_active: 500k..4M", "daily_active: 1M (0..4M)"])
def test_a_range_is_five_to_ninety_five_per_cent(said: str) -> None:
    """What the user gives as range comes back as range of the population itself."""
    text = f"system: x\npopulations: {{users: {{{said}}}}}\nentities: {{note: {{size: 1 B}}}}\n"
    found, best = (
        values(text, 20_000)["populations.users.daily_active"],
        values(text)["populations.users.daily_active"].best,
    )
    low, high = found.range()
    assert low <= best <= high
    assert high == pytest.approx(4e6, rel=0.05)
    assert low == pytest.approx(0 if "(0.." in said else 5e5, rel=0.05, abs=1e5)
    assert found.samples.min() >= 0


@pytest.mark.parametrize("name", examples())
def test_every_range_holds_numbers(name: str) -> None:
    """With ranges drawn, every result is finite and keeps its name, and shares stay below one."""
    best, drawn = demand(complete(load(name))).values, demand(complete(load(name)), 300).values
    assert set(best) == set(drawn)
    for result, value in drawn.items():
        low, high = value.range()
        assert math.isfinite(low) and math.isfinite(high) and 0 <= low <= high, result  # noqa: PT018
        if len({*value.samples.tolist()}) == 1:
            assert low == pytest.approx(best[result].best)
