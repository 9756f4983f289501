"""Rows are numbered in the order of commits: with racing writers and skewed clocks a reader behind a cursor passes none over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, makers, points, same, writers
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Rest, Scenario
from workbook.proof.stage.background import Fault
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.ORDERED
RACERS, ROUNDS = 5, 4
SKEW = timedelta(minutes=5)


@dataclass(frozen=True)
class Watched:
    """What a reader follows: the rows of one key."""

    key: Row


@dataclass
class Reader:
    """Reads behind a cursor between any two steps of the others."""

    pledge: Pledge
    key: Row
    play: Play
    cursor: Any = None
    read: list[str] = field(default_factory=list)

    def look(self) -> None:
        """The rows behind the cursor, in order."""
        number = str(self.pledge.said["number"])
        rows = [r for r in self.play.rows(self.pledge.structure) if all(same(r[k], v) for k, v in self.key.items())]
        new = [r for r in rows if r[number] is not None and (self.cursor is None or r[number] > self.cursor)]
        for row in sorted(new, key=lambda r: r[number]):
            self.read.append(_named(self.play, self.pledge, row))
            self.cursor = row[number]
            self.play.say(f"  the reader sees {number} {self.cursor}")


@dataclass(frozen=True)
class Watching:
    """A reader follows while something happens."""

    pledge: Pledge
    key: Row
    inside: Any

    def perform(self, play: Play) -> None:
        reader = Reader(self.pledge, self.key, play)
        play.between = reader.look
        try:
            self.inside.perform(play)
        finally:
            play.between = None
        reader.look()
        play.readers.append(reader)

    def smaller(self) -> Iterator[Any]:
        for less in self.inside.smaller():
            yield replace(self, inside=less)


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    by = " and ".join(pledge.by)
    return f"{RACERS} writers with skewed clocks race on the same {by} while a reader follows behind a cursor"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Writers of one key race; one dies; a reader follows."""
    scene = cast.house.scene
    called = makers(scene, pledge.structure)
    behind = [n for n in writers(scene, pledge.structure, MAKES_ROWS) if scene.programs[n].starts not in CALLED]
    if not called and not behind:
        raise CannotAttack(f"no operation makes rows of {pledge.structure}")
    calls = [c for c in (cast.fitting(n, key=pledge.id) for n in called) if c is not None]
    if not calls and called:
        raise CannotAttack(cast.lacking(called))
    for call in calls:
        key = _key(pledge, cast, call)
        racers = tuple(_racers(cast, call, key))
        for seed in range(ROUNDS):
            yield Scenario(
                "writers in turns", (Watching(pledge, key, Calls(racers, How.STEPWISE)),), seed, Watched(key)
            )
        yield Scenario("one after the other", (Watching(pledge, key, Calls(racers)),), 0, Watched(key))
        for point in points(scene.programs[call.operation]):
            dying = (replace(racers[0], dies=point), *racers[1:3])
            yield Scenario("a writer dies", (Watching(pledge, key, Calls(dying, How.STEPWISE)),), 0, Watched(key))
    yield from _behind(pledge, cast, behind)


def _racers(cast: Cast, call: Call, key: Row) -> Iterator[Call]:
    """The same people may write the same key; every request is another, and every instance has another clock."""
    for number in range(RACERS):
        other = cast.request(call.operation, ("racer", number), call.caller)
        body = {**other.body, **{n: v for n, v in call.body.items() if any(same(v, k) for k in key.values())}}
        yield replace(call, body=body, skew=SKEW * (RACERS // 2 - number))


def _key(pledge: Pledge, cast: Cast, call: Call) -> Row:
    """The key of the rows that a request makes."""
    play = cast.play()
    play.begin(0)
    result = play.call(call)
    rows = [
        r for s, given in result.given if s.target == pledge.structure and given for r in [given] if isinstance(r, dict)
    ]
    cast.house.reset()
    return {b: rows[-1][b] for b in pledge.by} if rows else {}


def _behind(pledge: Pledge, cast: Cast, behind: list[str]) -> Iterator[Scenario]:
    """Workers who write: those who start them race, a worker dies."""
    if not behind:
        return
    starting = [c for n in cast.called for c in [cast.fitting(n)] if c is not None]
    for name in behind:
        for point in points(cast.house.scene.programs[name]):
            acts = (Calls(tuple(starting)), Watching(pledge, {}, Rest((Fault(name, point),))))
            yield Scenario("a worker dies", acts, 0, Watched({}))


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """A row that a reader behind its cursor never sees, or two with one number."""
    number = str(pledge.said["number"])
    rows = [r for r in play.rows(pledge.structure) if all(same(r[k], v) for k, v in scenario.about.key.items())]
    numbers = [(*(str(r[b]) for b in pledge.by), r[number]) for r in rows]
    if len(set(numbers)) < len(numbers):
        return f"two rows of {pledge.structure} have the same {number}"
    if not scenario.about.key:
        return ""
    for reader in play.readers:
        missed = [r for r in rows if _named(play, pledge, r) not in reader.read]
        if missed:
            shown = ", ".join(str(r[number]) for r in missed[:3])
            return f"a reader behind its cursor never sees {number} {shown} of {pledge.structure}"
    return _read_wrong(pledge, play, number)


def _read_wrong(pledge: Pledge, play: Play, number: str) -> str:
    """What the operation that reads answers is in the order of the numbers."""
    read = str(pledge.said.get("read", ""))
    for result in play.results:
        if result.call.operation == read and result.fine:
            for step, given in result.given:
                if step.target == pledge.structure and isinstance(given, list):
                    found = [r[number] for r in given]
                    if found != sorted(found) and found != sorted(found, reverse=True):
                        return f"{read} answers {number} in the order {found}"
    return ""


def _named(play: Play, pledge: Pledge, row: Row) -> str:
    return " ".join(str(row[k]) for k in play.house.scene.tables[pledge.structure].key)


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The transaction that holds the number until the row is there."""
    making = {n: scene.programs[n] for n in writers(scene, pledge.structure, MAKES_ROWS)}
    return list(g.transactions(making, (pledge.structure,)))
