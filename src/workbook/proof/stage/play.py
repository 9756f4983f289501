"""One history on a house: calls, races, time, faults, and what runs behind. The same seed gives the same history."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from workbook.artifacts.dialects.postgresql import security
from workbook.artifacts.dialects.statement import Statement
from workbook.artifacts.writing.sql import identifier as quoted_name
from workbook.plan.form.model import Program, Step
from workbook.plan.form.terms import Root, refs
from workbook.plan.form.verbs import READS
from workbook.proof.stage.background import Background, Fault
from workbook.proof.stage.frame import Clock, Frame, Row
from workbook.proof.stage.house import BEFORE, TIME, House
from workbook.proof.stage.machine import Machine, Outcome, Point, field_of
from workbook.proof.stage.outside import Outside
from workbook.proof.stage.turns import Turns

OK = ("answered", "done", "stopped")
NOBODY = timedelta(0)


class Killed(Exception):
    """Whoever ran an operation is gone."""


@dataclass(frozen=True)
class Made:
    """A field of the last row that a step of this history gave of a structure: known only when it comes to that."""

    structure: str
    field: str

    def __str__(self) -> str:
        return f"the {self.field} of that {self.structure}"


class How(StrEnum):
    """How several calls come."""

    IN_TURN = "one after the other"
    STEPWISE = "step by step in turns"
    AT_ONCE = "at once"


@dataclass(frozen=True)
class Call:
    """A request. `dies` is the point before which whoever carries it out dies."""

    operation: str
    caller: Row | None = None
    body: Row = field(default_factory=dict)
    dies: str = ""
    skew: timedelta = NOBODY
    """How far the clock of the instance that carries it out is off."""


@dataclass
class Result:
    """A call and what came of it."""

    call: Call
    outcome: Outcome
    given: list[tuple[Step, Any]]
    at: datetime
    item: Row = field(default_factory=dict)

    @property
    def fine(self) -> bool:
        """Whether it did what was asked."""
        return self.outcome.kind in ("answered", "done")


@dataclass
class Play:
    """What happens in one scenario, and all that is known of it afterwards."""

    house: House
    programs: Mapping[str, Program]
    change: Callable[[Statement, Step], Statement] = lambda statement, step: statement
    acknowledge_first: bool = False
    """A control: events count as handled before they are."""
    unbounded: frozenset[str] = frozenset()
    """A control: what starts however late it is."""
    lagging: frozenset[tuple[str, str]] = frozenset()
    """A control: structures of which an operation reads a copy as it was in the beginning."""
    clock: Clock = field(default_factory=Clock)
    outside: Outside = field(default_factory=lambda: Outside(random.Random(0), Clock()))
    background: Background = field(init=False)
    results: list[Result] = field(default_factory=list)
    connected: list[Row] = field(default_factory=list)
    seen: list[tuple[str, Row, str, str, list[Row]]] = field(default_factory=list)
    """What personas saw by themselves: who, how, of what, which rows."""
    readers: list[Any] = field(default_factory=list)
    secured: bool = True
    log: list[str] = field(default_factory=list)
    between: Callable[[], None] | None = None
    """Called after every step of a race: for those who look on."""
    _ready: dict[Any, Any] = field(default_factory=dict)
    _runs: int = 0
    salt: object = 0

    def __post_init__(self) -> None:
        self.rng = self.house.rng("play")
        self.background = Background(self)

    def begin(self, seed: object) -> None:
        """The rows of the house, the first hour, nothing outside, nobody connected."""
        self.house.reset()
        self.clock = Clock()
        self.rng = self.house.rng("play", seed)
        self.salt = seed
        self.outside = Outside(random.Random(self.rng.getrandbits(64)), self.clock)
        self.background = Background(self)
        self.results, self.connected, self.seen, self.readers, self.log, self._runs = [], [], [], [], [], 0

    def say(self, line: str) -> None:
        """A line of the history."""
        self.log.append(self.house.named(line))

    def machine(self, before: Callable[[Point], None], after: Callable[[Step, Any], None]) -> Machine:
        """Runs one operation."""
        scene = self.house.scene
        change = self._lagged if self.lagging else self.change
        return Machine(scene.form, self.programs, scene.tables, self.outside, before, after, change, self._ready)

    def _lagged(self, statement: Statement, step: Step) -> Statement:
        """Reads of what lags go to the copy that was made in the beginning."""
        changed = self.change(statement, step)
        if (step.target, step.id.split(".")[0]) not in self.lagging or step.verb not in READS:
            return changed
        old, new = f"FROM {quoted_name(step.target)}", f"FROM {BEFORE}.{quoted_name(step.target)}"
        parts = tuple(p.replace(old, new) if isinstance(p, str) else p for p in changed.parts)
        return replace(changed, parts=parts)

    def frame(self, operation: str, clock: Clock | None = None, **given: Any) -> Frame:
        """What a run knows at its start."""
        self._runs += 1
        rng = self.house.rng("frame", self.salt, operation, self._runs)
        return Frame(self.house.scene.form, clock or self.clock, rng, lookup=self._looked_up, **given)

    def _looked_up(self, structure: str, key: Any, name: str) -> Any:
        return field_of(self.house.admin, self.house.scene.tables, structure, key, name)

    def enter(self, connection: Any, program: Program, caller: Row | None, clock: Clock) -> None:
        """Take the role in which an operation runs, and say who calls and what time it is."""
        self.assume(connection, {TIME: clock.now.isoformat()})
        if not self.house.secured or not self.secured:
            self.leave(connection)
            return
        said = {"role": security.role_of(program), security.setting(): str(_identity(caller))}
        persona = self.house.scene.form.personas.get(program.operation.caller)
        known = self.house.scene.form.structures.get(persona.entity) if persona else None
        fields = {*(persona.token if persona else ()), *(known.fields if known else ())}
        said |= {security.setting(f): str((caller or {}).get(f) or "") for f in fields}
        self.assume(connection, said)

    def assume(self, connection: Any, said: Mapping[str, str]) -> None:
        """Settings of a session."""
        pairs = [part for pair in said.items() for part in pair]
        made = ", ".join("set_config(%s, %s, false)" for _ in said)
        connection.execute(f"SELECT {made}", pairs)

    def leave(self, connection: Any) -> None:
        """Whoever is alone is nobody in particular."""
        connection.execute("RESET ROLE")

    # Runs

    def carry_out(
        self, call: Call, number: int = 0, pause: Callable[[Point], None] | None = None, frame: Frame | None = None
    ) -> Result:
        """One run of an operation on the connection of a racer."""
        connection = self.house.connection(number)
        program = self.programs[call.operation]
        given: list[tuple[Step, Any]] = []

        def before(point: Point) -> None:
            if pause is not None:
                pause(point)
            if call.dies and point.id == call.dies:
                self.house.kill(connection)
                raise Killed(point.text)

        if frame is None:
            frame = self._framed(call)
        machine = self.machine(before, lambda step, found: given.append((step, found)))
        try:
            self.enter(connection, program, call.caller, frame.clock)
            outcome = machine.run(connection, call.operation, frame)
        except Killed as killed:
            self.house.connection(number)
            outcome = Outcome("killed", 0, {}, str(killed))
        except Exception as error:  # noqa: BLE001 (what the engine says is the outcome)
            outcome = Outcome("failed", 503, {"error": f"{type(error).__name__}: {_first_line(error)}"})
        return Result(call, outcome, given, self.clock.now, dict(frame.item))

    def call(self, call: Call) -> Result:
        """A request that comes alone."""
        result = self.carry_out(call)
        self.results.append(result)
        self.say(f"{_shown(call)} -> {ended(result)}")
        return result

    def race(self, calls: Sequence[Call], how: How) -> list[Result]:
        """Several requests."""
        if how is How.IN_TURN:
            return [self.call(c) for c in calls]
        for position, call in enumerate(calls):
            self.say(f"{_letter(position)}: {_shown(call)}")
        results = self._stepwise(calls) if how is How.STEPWISE else self._at_once(calls)
        for position, result in enumerate(results):
            self.say(f"{_letter(position)} -> {ended(result)}")
        self.results += results
        return results

    def _stepwise(self, calls: Sequence[Call]) -> list[Result]:
        pids = {n: self.house.connection(n).info.backend_pid for n in range(len(calls))}
        frames = [self._framed(c) for c in calls]

        def between(number: int, point: Point) -> None:
            if self.between is not None:
                self.between()
            if point.text != "start":
                self.say(f"  {_letter(number)}: {point.text}")

        turns = Turns(self.rng, lambda running: self.house.locked({n: pids[n] for n in running}), between)

        def task(number: int) -> Callable[[], Result]:
            return lambda: self.carry_out(calls[number], number, lambda p: turns.pause(number, p), frames[number])

        found = turns.run([task(n) for n in range(len(calls))])
        if self.between is not None:
            self.between()
        return [r for r in found if r is not None]

    def _framed(self, call: Call) -> Frame:
        clock = Clock(self.clock.now + call.skew) if call.skew else self.clock
        body = {n: self.made(v) if isinstance(v, Made) else v for n, v in call.body.items()}
        return self.frame(call.operation, clock, caller=call.caller, body=body)

    def made(self, wanted: Made) -> Any:
        """What a step of this history gave."""
        for result in reversed(self.results):
            for step, given in reversed(result.given):
                row = given[-1] if isinstance(given, list) and given else given
                if step.target == wanted.structure and isinstance(row, Mapping) and wanted.field in row:
                    return row[wanted.field]
        return None

    def _at_once(self, calls: Sequence[Call]) -> list[Result]:
        results: list[Result | None] = [None] * len(calls)
        for number in range(len(calls)):
            self.house.connection(number)
        frames = [self._framed(c) for c in calls]
        barrier = threading.Barrier(len(calls))

        def one(number: int) -> None:
            barrier.wait(30)
            results[number] = self.carry_out(calls[number], number, None, frames[number])

        threads = [threading.Thread(target=one, args=(n,), daemon=True) for n in range(len(calls))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [r for r in results if r is not None]

    def rest(self, faults: Sequence[Fault] = ()) -> None:
        """Everything that nobody calls is done, until nothing is left."""
        self.background.rest(faults)

    def wait(self, span: timedelta) -> None:
        """Time passes."""
        self.clock.forward(span)
        self.say(f"{_span(span)} pass")

    # Connections that stay open

    def held(self, kind: str, operation: str) -> list[str]:
        """Operations that start when a connection of another opens, closes or is alive."""
        every = self.programs.items()
        return [n for n, p in every if p.starts.value == kind and p.operation.starts.on == operation]

    def opens(self, operation: str, caller: Row) -> None:
        """Somebody connects: their connection is known before they are answered."""
        self.connected.append({"operation": operation, "caller": caller, "since": self.clock.now})
        for name in self.held("opens", operation):
            self.call(Call(name, caller))

    def closes(self, operation: str, caller: Row) -> None:
        """Somebody goes."""
        self.connected = [c for c in self.connected if c["caller"] != caller]
        for name in self.held("closes", operation):
            self.call(Call(name, caller))

    # What is known afterwards

    def rows(self, structure: str) -> list[Row]:
        """All rows of a structure as they are."""
        return self.house.rows(structure)

    def before(self, structure: str) -> list[Row]:
        """All rows of a structure as they were in the beginning."""
        return self.house.rows(structure, BEFORE)

    def losses(self, operation: str) -> list[Row]:
        """What is lost, once for each key by which an operation builds it again: everybody whose it may be. Without a key: all at once."""
        scene = self.house.scene
        program = scene.programs[operation]
        structure = scene.form.structures[program.operation.starts.on]
        asked = {r.fields[0] for s, _ in program.steps() for v in s.values for r in refs(v) if r.root is Root.LOST}
        owners = [(f, structure.fields[f].ref) for f in sorted(asked)]
        made: list[Row] = [{}]
        for name, entity in owners:
            key = scene.tables[entity].key[0]
            made = [{**row, name: one[key]} for row in made for one in self.rows(entity)]
        return made


def _identity(caller: Row | None) -> Any:
    if not caller:
        return ""
    return caller.get("id", "")


def _letter(number: int) -> str:
    return chr(ord("A") + number)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else ""


def _shown(call: Call) -> str:
    body = ", ".join(f"{k} {_short(v)}" for k, v in call.body.items() if k not in _HIDDEN and v is not None)
    who = f"{_identity(call.caller)} calls " if call.caller else ""
    dies = f", which dies at: {call.dies}" if call.dies else ""
    skew = f", its clock off by {_span(call.skew)}" if call.skew else ""
    return f"{who}{call.operation}({body}){dies}{skew}"


_HIDDEN = ("object_key", "byte_size", "checksum")


def _short(value: Any) -> str:
    text = value.isoformat(" ", "minutes") if hasattr(value, "isoformat") and hasattr(value, "hour") else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def ended(result: Result) -> str:
    """How a run ended, in words."""
    outcome = result.outcome
    if outcome.kind == "killed":
        return f"killed before: {outcome.step}"
    if outcome.kind == "failed":
        return f"failed: {outcome.answer.get('error', '')}"
    if outcome.kind == "refused":
        return f"refused with {outcome.status}"
    said = ", ".join(f"{k}: {_count(v)}" for k, v in outcome.answer.items())
    return f"{outcome.kind}{f' ({said})' if said else ''}"


def _count(value: Any) -> str:
    if isinstance(value, list):
        return f"{len(value)} rows"
    if isinstance(value, Mapping):
        return str(value.get("id") or value.get("number") or "a row")
    return str(value)


def _span(span: timedelta) -> str:
    seconds = span.total_seconds()
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if abs(seconds) >= size:
            return f"{seconds / size:g} {unit}"
    return f"{seconds:g} s"
