"""What was written is what is read: on another instance, with copies in between, and while others read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Verb
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.verbs import READS, WRITES
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, same, span, writers
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Rest, Scenario, Wait
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, How, Play, Result
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.FRESH
ROUNDS = 24
OWN = "own"


@dataclass(frozen=True)
class Read:
    """Which row is read by which request at the end."""

    key: Row
    reading: str


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"{pledge.structure} is read, written and read again, on other instances and while others read; copies lag"


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Every pair of a write and a read."""
    scene = cast.house.scene
    reading = _reading(pledge, scene)
    writing = [n for n in writers(scene, pledge.structure, WRITES) if scene.programs[n].starts in CALLED]
    if not reading or not writing:
        raise CannotAttack(f"nobody {'reads' if not reading else 'writes'} {pledge.structure}")
    found = False
    span = _within(pledge, cast)
    for writer in writing:
        for reader in reading:
            pair = _pair(pledge, cast, writer, reader)
            if pair is None:
                continue
            found = True
            write, read, key = pair
            about = Read(key, reader)
            after = (Rest(), Wait(span), Rest(), Calls((read,))) if span else (Calls((read,)),)
            yield Scenario("read, written, read", (Calls((read,)), Calls((write,)), *after), 0, about)
            for seed in range(ROUNDS):
                racing = Calls((read, write, read), How.STEPWISE)
                yield Scenario("written while others read", (racing, *after), seed, about)
    if not found:
        raise CannotAttack(f"no request of {' or '.join(writing)} changes a row that {' or '.join(reading)} reads")


def _reading(pledge: Pledge, scene: Scene) -> list[str]:
    said = str(pledge.said.get("for", ""))
    if said:
        return [said] if said in scene.programs and scene.programs[said].starts in CALLED else []
    copies = {pledge.structure, *(n for n, s in scene.form.structures.items() if pledge.structure in s.of)}
    return [
        n
        for n, p in scene.programs.items()
        if p.starts in CALLED and any(s.target in copies and s.verb in READS for s, _ in p.steps())
    ]


def _within(pledge: Pledge, cast: Cast) -> timedelta:
    return timedelta(0) if pledge.said.get("within") == OWN else span(pledge, cast.play(), "within")


def _pair(pledge: Pledge, cast: Cast, writer: str, reader: str) -> tuple[Call, Call, Row] | None:
    """A request that changes a row, and one that reads that row."""
    write = cast.fitting(writer, lambda call, play: bool(_written(pledge, play.results[-1])), pledge.id)
    if write is None:
        return None
    play = cast.play()
    play.begin(0)
    row = _written(pledge, play.call(write))[0]
    key = {k: row[k] for k in cast.house.scene.tables[pledge.structure].key}
    for number in range(20):
        own = pledge.said.get("within") == OWN
        read = cast.request(reader, ("fresh", number), write.caller if own else None)
        fields = cast.house.scene.programs[reader].request
        body = {
            n: next((v for k, v in key.items() if n == k or _is(fields, n, pledge)), v) for n, v in read.body.items()
        }
        asked = replace(read, body=body)
        if any(_is_row(r, key) for r in _given(pledge, play.call(asked))):
            cast.house.reset()
            return write, asked, key
    cast.house.reset()
    return None


def _is(fields: Any, name: str, pledge: Pledge) -> bool:
    type_ = fields.get(name)
    return type_ is not None and type_.ref == pledge.structure


def _written(pledge: Pledge, result: Result) -> list[Row]:
    verbs = WRITES - {Verb.REMOVE}
    rows = [v for s, v in result.given if s.target == pledge.structure and s.verb in verbs and v]
    return [r for v in rows for r in (v if isinstance(v, list) else [v])]


def _given(pledge: Pledge, result: Result) -> list[Row]:
    """The rows of an answer."""
    found: list[Row] = []
    for value in result.outcome.answer.values():
        found += [r for r in (value if isinstance(value, list) else [value]) if isinstance(r, dict)]
    return found


def _is_row(row: Row, key: Row) -> bool:
    return all(same(row.get(k), v) for k, v in key.items())


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """The last read did not give what is there."""
    about: Read = scenario.about
    if not play.results or play.results[-1].call.operation != about.reading or not play.results[-1].fine:
        return ""
    last = play.results[-1]
    now = [r for r in play.rows(pledge.structure) if _is_row(r, about.key)]
    read = [r for r in _given(pledge, last) if _is_row(r, about.key)]
    if not now:
        return f"{about.reading} shows a row of {pledge.structure} that is gone" if read else ""
    wrong = {
        c: (r[c], now[0][c])
        for r in read
        for c in r
        if c in now[0] and c != "__structure__" and not same(r[c], now[0][c])
    }
    if wrong:
        column, (old, new) = next(iter(wrong.items()))
        return f"{about.reading} shows {column} {old} of {pledge.structure}; {new} was written before"
    return ""


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """What throws copies away or writes them anew."""
    copies = [n for n, s in scene.form.structures.items() if pledge.structure in s.of]
    made = []
    for name in writers(scene, pledge.structure, WRITES):
        for step, _ in scene.programs[name].steps():
            if step.target in copies and step.verb in WRITES:
                made.append(g.step_left_out(step, name))
    for copy in copies:
        for name in writers(scene, copy, (Verb.PUT,)):
            made += [g.condition(s) for s, _ in scene.programs[name].steps() if s.target == copy and s.only_if]
    return made or [g.stale(pledge.structure, n) for n in _reading(pledge, scene)]
