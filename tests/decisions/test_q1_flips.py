"""Q1: the weight at which an answer changes is worked by hand, and at that weight both options draw level."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest

from workbook.catalog import loader
from workbook.plan.flips import Probes, _by_weight, flip_point
from workbook.plan.passes.model import Decided, Judged, Option, Score
from workbook.prose import say

PATTERN = next(iter(loader.patterns().values()))
WEIGHTS = {"x": 0.5, "y": 0.3, "z": 0.2}
MINE = {"x": 0.9, "y": 0.3, "z": 0.5}
THEIRS = {"x": 0.5, "y": 0.8, "z": 0.5}


def total(scores: dict[str, float], weights: dict[str, float]) -> float:
    """The weighted sum."""
    return sum(weights[name] * scores[name] for name in weights)


def decided(mine: dict[str, float], theirs: dict[str, float], excuses: tuple[str, ...] = ()) -> Decided:
    """A between A, chosen, and B."""
    a, b = (Option(name.lower(), name, 1.0, PATTERN) for name in ("A", "B"))
    judged = (
        Judged(a, (), (), {n: Score(v) for n, v in mine.items()}, total(mine, WEIGHTS)),
        Judged(b, (), tuple(say(e) for e in excuses), {n: Score(v) for n, v in theirs.items()}, total(theirs, WEIGHTS)),
    )
    return Decided("d", "d", "", "D", "?", judged, WEIGHTS, a, b)


def test_q1_the_weight_at_which_the_answer_changes() -> None:
    """A has 0.45 + 0.09 + 0.10 = 0.64, B 0.25 + 0.24 + 0.10 = 0.59.

    With y at w and the others scaled to 1 - w: A = 0.3 w + (1 - w) 0.55 / 0.7, B = 0.8 w + (1 - w) 0.35 / 0.7. They are level
    where (1 - w) 0.2 / 0.7 = 0.5 w, at w = 0.3636: up from 30 %. With x it would be 0.4 w = 0.3 (1 - w), w = 0.4286: down from 50 %,
    a larger change. So y is named.
    """
    assert _by_weight(decided(MINE, THEIRS)) == "B if y weighed 36% instead of 30%"


def test_q1_at_that_weight_both_are_level() -> None:
    """Put into the weighted sums, 0.3636 for y gives A and B the same total; a point more gives it to B."""
    wanted = 4 / 11
    for weight, sign in ((wanted, 0), (wanted + 0.01, -1), (wanted - 0.01, 1)):
        weights = {n: weight if n == "y" else v * (1 - weight) / 0.7 for n, v in WEIGHTS.items()}
        gap = total(MINE, weights) - total(THEIRS, weights)
        assert (gap > 1e-9) - (gap < -1e-9) == sign


def test_q1_nothing_is_said_where_no_weight_changes_it() -> None:
    """An option that is worse on every point, or is excluded, wins at no weight."""
    assert _by_weight(decided(MINE, {n: v - 0.1 for n, v in MINE.items()})) == ""
    assert _by_weight(decided(MINE, THEIRS, ("too slow",))) == ""


@pytest.mark.parametrize("strong", ["x", "y", "z"])
def test_q1_a_weight_goes_up_where_the_rival_is_better(strong: str) -> None:
    """The criterion on which B is better has to weigh more, one on which A is better less."""
    theirs = {n: 0.9 if n == strong else 0.3 for n in WEIGHTS}
    mine = dict.fromkeys(WEIGHTS, 0.5)
    found = re.fullmatch(r"B if (\w) weighed (\d+)% instead of (\d+)%", _by_weight(decided(mine, theirs)))
    if total(mine, WEIGHTS) <= total(theirs, WEIGHTS):
        return
    assert found
    assert (int(found[2]) > int(found[3])) == (found[1] == strong)


def probes(level: float) -> Probes:
    """A is worth 1 whatever is asked, B a share that grows as the demand does and reaches 1 at `level` times today's."""
    a, b = (Option(name.lower(), name, 1.0, PATTERN) for name in ("A", "B"))

    def at(factor: float) -> Any:
        worth = factor / level
        judged = tuple(Judged(o, (), (), {"x": Score(v)}, v) for o, v in ((a, 1.0), (b, worth)))
        chosen, other = (b, a) if worth > 1 else (a, b)
        one = Decided("d", "d", "", "D", "?", judged, {"x": 1.0}, chosen, other)
        return SimpleNamespace(decided={"d": one}, demand=SimpleNamespace(total=lambda name: 100.0))

    return Probes(at)


@pytest.mark.parametrize(
    ("level", "says"),
    [
        (20.0, "B from 20 times today's demand (2,000 requests/s at peak)"),
        (0.05, "A below 0.05 times today's demand (5 requests/s at peak)"),
    ],
)
def test_q1_the_demand_at_which_the_answer_changes(level: float, says: str) -> None:
    """B draws level with A at exactly `level` times today's demand: above it where A holds today, below it where B does."""
    shown = probes(level)
    assert flip_point(shown, shown.at(1.0).decided["d"]).startswith(says)
