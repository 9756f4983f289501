"""Q1: the weight at which an answer changes is worked by hand, and at that weight both options draw level."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace
from typing import Any

import pytest

from workbook.brief import load
from workbook.catalog import loader
from workbook.plan import derive
from workbook.plan.flips import DECADES, STEPS_A_DECADE, Probes, _by_weight, factor_at, flip_point
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


def probes(level: float, unfit: float = math.inf) -> Probes:
    """A is worth 1 whatever is asked, B a share that grows as the demand does and reaches 1 at `level` times today's; beyond `unfit` none fits."""
    a, b = (Option(name.lower(), name, 1.0, PATTERN) for name in ("A", "B"))

    def at(factor: float) -> Any:
        worth = factor / level
        excuses = (say("too much"),) if factor > unfit else ()
        judged = tuple(Judged(o, (), excuses, {"x": Score(v)}, v) for o, v in ((a, 1.0), (b, worth)))
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


def test_where_nothing_fits_any_more_is_said() -> None:
    """From 30 times on every option has an excuse; that one of them leads there all the same is no answer."""
    shown = probes(1e9, unfit=30.0)
    assert flip_point(shown, shown.at(1.0).decided["d"]).startswith("nothing known fits from 23.7 times today's demand")


@pytest.mark.parametrize("level", [20.0, 0.05, 1e9])
def test_few_systems_are_worked_out(level: float) -> None:
    """Today's, at most the end of each decade both ways, and two within one: 24 points of the grid are not all asked."""
    shown = probes(level)
    flip_point(shown, shown.at(1.0).decided["d"])
    assert len(shown._at) <= 1 + 6 + 2


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chat", "clinic", "music"])
def test_what_is_found_by_halves_is_what_a_walk_over_the_grid_finds(name: str) -> None:
    """The first step of the grid at which the answer is another, wherever it is another at the end of a decade."""
    plan = derive(load(name))
    shown = plan._probes
    for decision in plan.decisions:
        today = shown.chosen(0, decision)
        for sign in (1, -1):
            steps = [sign * k for k in range(1, STEPS_A_DECADE * DECADES + 1)]
            changed = [s for s in steps if shown.chosen(s, decision) not in (today, None)]
            if changed and not plan.decisions[decision].pinned and any(s % STEPS_A_DECADE == 0 for s in changed):
                place = factor_at(changed[0]), factor_at(changed[0] - sign)
                said = re.search(rf"{'from' if sign > 0 else 'below'} ([\d.]+) times", plan.flip_point(decision))
                assert said is not None, decision
                assert min(place) * 0.99 <= float(said[1]) <= max(place) * 1.01, decision
