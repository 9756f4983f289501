"""The same request again: at once, after a crash at any point, until it is forgotten. One effect, one answer; another body is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.shapes import Loss
from workbook.brief.steps.syntax import Verb
from workbook.plan.form.model import Program
from workbook.plan.form.pledges import Pledge
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, points
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Rest, Scenario, Wait
from workbook.proof.stage.cast import TRIES, Cast
from workbook.proof.stage.play import Call, How, Play, Result, ended
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.REPEATABLE
RACERS, CROWD, ROUNDS = 5, 10, 2
LITTLE = timedelta(seconds=1)
Effect = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Once:
    """What one request comes to. `other` says that the second request is another one under the same key."""

    effect: Effect
    changed: frozenset[str]
    """What became of rows that were there before."""
    claimed: frozenset[str]
    other: bool = False


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return (
        f"the same request {CROWD} times at once, after a crash before every step, and late; another body under its key"
    )


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Races, crashes and late repetitions of one request."""
    call = cast.fitting(pledge.operation)
    if call is None:
        raise CannotAttack(cast.lacking((pledge.operation,)))
    program = cast.house.scene.programs[pledge.operation]
    once = _once(cast, program, (Calls((call,)),))
    for seed in range(ROUNDS):
        yield Scenario("the same request, in turns", (Calls((call,) * RACERS, How.STEPWISE),), seed, once)
    yield Scenario("the same request, at once", (Calls((call,) * CROWD, How.AT_ONCE),), 0, once)
    for point in points(program):
        yield Scenario("again after a crash", (Calls((replace(call, dies=point),)), Calls((call,))), 0, once)
    for other in _others(pledge, cast, call):
        yield Scenario(
            "another body under the same key", (Calls((call,)), Calls((other,))), 0, replace(once, other=True)
        )
    kept = _kept(pledge, cast)
    if kept > LITTLE:
        later = (Calls((call,)), Rest(), Wait(kept - LITTLE), Rest())
        yield Scenario("late", (*later, Calls((call,))), 0, _once(cast, program, later))


def _once(cast: Cast, program: Program, acts: tuple[Any, ...]) -> Once:
    claimed = frozenset(s.target for s, _ in program.steps() if s.verb is Verb.CLAIM)
    play = cast.play()
    Scenario("once", acts).perform(play)
    effect = _effect(play, claimed)
    return Once(effect, _changed(play, effect), claimed)


def _changed(play: Play, effect: Effect) -> frozenset[str]:
    """Rows that were there before and are not as they were: what they say now, but for times."""
    found = set()
    for name, (_, went) in effect.items():
        if not went or name not in play.house.scene.tables:
            continue
        table = play.house.scene.tables[name]
        told = [c.name for c in table.columns if c.type.kind not in ("time", "id") and c.name not in table.key]
        before = {tuple(str(r[k]) for k in table.key): r for r in play.before(name)}
        for row in play.rows(name):
            key = tuple(str(row[k]) for k in table.key)
            if before.get(key, row) != row:
                found.add(f"{name} {' '.join(key)}: {', '.join(f'{c} {row[c]}' for c in told)}")
    return frozenset(found)


def _effect(play: Play, claimed: frozenset[str]) -> Effect:
    """Rows that came and went, events told, calls made. What is rebuilt from others is no effect of its own."""
    derived = {n for n, t in play.house.scene.tables.items() if t.structure.loss is Loss.REBUILT and t.structure.of}
    found = {n: e for n, e in play.house.effect().items() if n not in {*claimed, *derived}}
    found |= {f"events of {t}": (n, 0) for t, n in _counted(t for t, _ in play.outside.broker.told).items()}
    return found | {f"effects of {c}": (len(play.outside.effects(c)), 0) for c in _changing(play)}


def _changing(play: Play) -> list[str]:
    """Calls of others that change something there."""
    integrations = play.house.scene.form.integrations
    named = dict.fromkeys(c.call for c in play.outside.calls)
    return [n for n in named if integrations[n.partition(".")[0]].calls[n.partition(".")[2]].changes]


def _counted(names: Iterator[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found


def _others(pledge: Pledge, cast: Cast, call: Call) -> Iterator[Call]:
    """Another request that would succeed by itself, under the key of the first."""
    keys = {b.removeprefix("body.") for b in pledge.by}
    for number in range(1, TRIES):
        other = cast.request(pledge.operation, ("other", number), call.caller)
        body = {**other.body, **{k: call.body.get(k) for k in keys}}
        if {k: str(v) for k, v in body.items()} != {k: str(v) for k, v in call.body.items()}:
            yield replace(call, body=body)
            return


def _kept(pledge: Pledge, cast: Cast) -> timedelta:
    """How long a request is remembered: by the promise, else by what the design keeps."""
    said = pledge.said.get("for")
    if isinstance(said, Quantity):
        return timedelta(seconds=said.best)
    program = cast.house.scene.programs[pledge.operation]
    lives = [cast.house.scene.form.structures[s.target].ttl for s, _ in program.steps() if s.verb is Verb.CLAIM]
    return min((timedelta(seconds=q.best) for q in lives if isinstance(q, Quantity)), default=timedelta(0))


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """More than one effect, none though it was answered, or two answers."""
    once: Once = scenario.about
    fine = [r for r in play.results if r.call.operation == pledge.operation and r.outcome.kind == "answered"]
    again = play.results[1:] if play.results and play.results[0].outcome.kind == "killed" else []
    if again and again[-1].outcome.kind in ("refused", "failed"):
        return f"{pledge.operation} died, and when it was asked again it was {ended(again[-1])}"
    answers = list(dict.fromkeys(_answer(r, play) for r in fine))
    found = _effect(play, once.claimed)
    for name in {*found, *once.effect}:
        came, wanted = found.get(name, (0, 0)), once.effect.get(name, (0, 0))
        if came > wanted:
            return f"{pledge.operation} had its effect on {name} more than once: {came[0]} instead of {wanted[0]}"
        if fine and came < wanted:
            return f"{pledge.operation} was answered, and its effect on {name} is missing"
    changed = _changed(play, found) if fine else once.changed
    if changed != once.changed and not once.other:
        return (
            f"{pledge.operation} left {'; '.join(sorted(changed))}, and once leaves {'; '.join(sorted(once.changed))}"
        )
    if once.other:
        return f"another body under the same key was answered with {answers[-1]}" if len(fine) > 1 else ""
    if len(answers) > 1:
        return f"{pledge.operation} was answered with {answers[0]}, and again with {answers[1]}"
    return ""


def _answer(result: Result, play: Play) -> str:
    """What was answered, as the key of the row."""
    frame = play.frame("answer")
    return ", ".join(_text(frame.key(v)) for v in result.outcome.answer.values())


def _text(key: Any) -> str:
    return " ".join(str(k) for k in key) if isinstance(key, tuple) else str(key)


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """Claims, conditions and transactions of the operation."""
    program = scene.programs[pledge.operation]
    touched = {s.target for s, _ in program.steps()}
    own = {pledge.operation: program}
    return [*g.conditions(own, touched), *g.transactions(own)]
