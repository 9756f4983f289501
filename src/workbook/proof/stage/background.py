"""What runs without being called: events, queues, rows that become due, clocks, heartbeats. At least once, and not by sleeping."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from workbook.artifacts.dialects.postgresql import queues, starts
from workbook.artifacts.dialects.postgresql.tables import HORIZON
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.layout import Table
from workbook.plan.form.model import Program, Step
from workbook.proof.stage.frame import Frame, Row

if TYPE_CHECKING:
    from workbook.proof.stage.play import Play, Result

MOST = 400
"""Runs after which a system that has not come to rest never will."""
TRIES = 4
"""How often something that fails is tried before it is put aside."""
INSTANCES = ("instance-1", "instance-2")


class Restless(Exception):
    """There is always something left to do."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong behind: a run of an operation dies before a point, once; or what it handled comes again."""

    operation: str
    dies: str = ""
    again: bool = False

    def __str__(self) -> str:
        return f"{self.operation} dies at: {self.dies}" if self.dies else f"{self.operation} gets again what it handled"


@dataclass
class _Work:
    """Something that can be done now."""

    operation: str
    do: Callable[[], bool]
    """Whether it was done, for good."""


class Background:
    """Workers. What they hold in memory is lost when one dies."""

    def __init__(self, play: Play) -> None:
        self.play = play
        self._tried: dict[Any, int] = {}
        self._due_done: dict[tuple[str, str], datetime | None] = {}
        self._ran: dict[Any, datetime] = {}
        self._faults: list[Fault] = []
        self.wrong = ""
        """What workers saw that must not be."""

    def restart(self) -> None:
        """All workers are started anew."""
        self._due_done.clear()
        self._ran.clear()
        self.play.say("all workers restart")

    def rest(self, faults: Sequence[Fault]) -> None:
        """Until nothing is left to do."""
        self._faults = list(faults)
        for _ in range(MOST):
            work = list(self._work())
            if not work:
                return
            chosen = self.play.rng.choice(work)
            chosen.do()
        raise Restless("what runs behind does not come to its end")

    def _work(self) -> Iterator[_Work]:
        finders = {
            Start.EVENT: self._events,
            Start.QUEUE: self._items,
            Start.DEAD: self._dead,
            Start.DUE: self._due,
            Start.EVERY: self._every,
            Start.BEATS: self._beats,
        }
        for name, program in self.play.programs.items():
            if program.starts in finders:
                yield from finders[program.starts](name, program)

    # One run

    def _run(self, name: str, frame: Frame, caller: Row | None = None) -> Result:
        from workbook.proof.stage.play import Call, ended

        fault = next((f for f in self._faults if f.operation == name and f.dies), None)
        call = Call(name, caller, {}, fault.dies if fault else "")
        result = self.play.carry_out(call, 0, None, frame)
        if result.outcome.kind == "killed":
            self._faults.remove(fault) if fault else None
            self._due_done.clear()
        self.play.results.append(result)
        self.play.say(f"{name} runs -> {ended(result)}")
        return result

    def _ended(self, result: Result, about: Any) -> bool:
        """Whether a run is over for good: it did its work, was refused, or failed too often."""
        if result.outcome.kind not in ("killed", "failed"):
            return True
        if result.outcome.kind == "failed":
            self._tried[about] = self._tried.get(about, 0) + 1
            return self._tried[about] >= TRIES
        return False

    def _again(self, name: str) -> bool:
        """Whether what an operation has just handled is to come again."""
        fault = next((f for f in self._faults if f.operation == name and f.again), None)
        if fault is None:
            return False
        self._faults.remove(fault)
        self.play.say(f"{name} is given again what it has handled")
        return True

    def _ask(self, statement: Any, **bound: Any) -> list[Row]:
        """A statement of the workers themselves."""
        frame = self.play.frame("worker", bound=bound, item=bound.get("item", {}))
        machine = self.play.machine(lambda point: None, lambda step, given: None)
        return machine.ask(statement, self.play.house.admin, frame)

    # Events

    def _events(self, name: str, program: Program) -> Iterator[_Work]:
        topic = program.operation.starts.on
        for reader, here in self._readers(name, program):
            if topic in self.play.house.scene.tables:
                table = self.play.house.scene.tables[topic]
                if self._ask(starts.behind(table), reader=reader)[0]["number"]:
                    yield _Work(name, lambda t=table, r=reader, h=here: self._read(name, program, t, r, h))  # type: ignore[misc]
                continue
            for lane in self.play.outside.broker.waiting(reader, topic):
                yield _Work(name, lambda one=lane, r=reader, h=here: self._heard(name, one, r, h))  # type: ignore[misc]

    def _readers(self, name: str, program: Program) -> Iterator[tuple[str, str]]:
        everywhere = program.operation.starts.everywhere
        for here in INSTANCES if everywhere else INSTANCES[:1]:
            yield (f"{name} {here}" if everywhere else name), here

    def _read(self, name: str, program: Program, table: Table, reader: str, here: str) -> bool:
        """The events of a table, in order; then the horizon moves on, unless somebody died on the way."""
        found = self._ask(starts.fetch(table), reader=reader)
        if not found:
            return False
        horizon = found[0][HORIZON]
        size = int(self.play.frame(name).value(program.batch)) if program.batch is not None else 0
        parts: list[Any] = [found[i : i + size] for i in range(0, len(found), size)] if size else list(found)
        if self.play.acknowledge_first:
            self._ask(starts.advance(table), reader=reader, horizon=horizon)
        for event in parts:
            result = self._run(name, self.play.frame(name, event=event, here=here))
            about = (name, str(event[0]["event_id"] if isinstance(event, list) else event["event_id"]))
            if not self._ended(result, about):
                return False
        if not self._again(name):
            self._ask(starts.advance(table), reader=reader, horizon=horizon)
        return True

    def _heard(self, name: str, lane: Any, reader: str, here: str) -> bool:
        """The next event of a lane of the broker."""
        broker = self.play.outside.broker
        event = broker.next(reader, lane)
        if self.play.acknowledge_first:
            broker.acknowledge(reader, lane)
        batched = self.play.programs[name].batch is not None
        result = self._run(name, self.play.frame(name, event=[event] if batched else event, here=here))
        if not self._ended(result, (name, event["event_id"])):
            return False
        if not self.play.acknowledge_first:
            broker.acknowledge(reader, lane)
        if self._again(name):
            broker.back(reader, lane)
        return True

    # Items of queues

    def _items(self, name: str, program: Program) -> Iterator[_Work]:
        table = self.play.house.scene.tables[program.operation.starts.on]
        if self._waits(table):
            yield _Work(name, lambda: self._item(name, table))

    def _waits(self, table: Table) -> bool:
        frame = self.play.frame("worker")
        now = frame.clock.now
        due = starts.due_of(table.structure)
        return any(
            r[due] <= now and not r[starts.DEAD] and (r[starts.LEASE] is None or r[starts.LEASE] <= now)
            for r in self.play.rows(table.name)
        )

    def _take(self, name: str, table: Table) -> Row | None:
        tables = self.play.house.scene.tables
        taking = Step(id=f"{name}.taken", verb=Verb.TAKE, target=table.name, shape=table.structure.shape)
        found = self._ask(self.play.change(queues.take(taking, starts.Rows(table, tables))[0], taking))
        return found[0] if found else None

    def sleeper(self, name: str, span: timedelta) -> None:
        """A worker takes an item and sleeps; another takes it when the lease is over; then the first one wakes and ends."""
        table = self.play.house.scene.tables[self.play.programs[name].operation.starts.on]
        first = self._take(name, table)
        if first is None:
            return
        self.play.say(f"a worker of {name} takes an item and sleeps")
        second = self._take(name, table)
        if second is not None and _key(table, first) == _key(table, second):
            self.wrong = f"an item of {table.name} was given to two workers at the same time"
        self.play.wait(span)
        second = self._take(name, table)
        self.play.say(
            f"another worker of {name} takes {'the item' if second else 'nothing'}; the first one wakes and ends"
        )
        ended = self._finish(name, table, first)
        if ended and second is not None and _key(table, first) == _key(table, second):
            self.wrong = f"a worker whose lease was over ended an item of {table.name} that another holds"
        self.play.wait(span)

    def _item(self, name: str, table: Table) -> bool:
        item = self._take(name, table)
        if item is None:
            return False
        frame = self.play.frame(name, item=item)
        result = self._run(name, frame)
        if result.outcome.kind == "killed":
            return False
        if frame.released is not None:
            return True
        if result.outcome.kind == "failed":
            self._tries_again(name, table, item)
            return False
        if self._again(name):
            return False
        self._finish(name, table, item)
        return True

    def _finish(self, name: str, table: Table, item: Row) -> bool:
        """The item is done, if it is still ours."""
        ending = Step(id=f"{name}.ended", verb=Verb.REMOVE, target=table.name, by=(), text="the item is done")
        statement = self.play.change(starts.done(table, self.play.house.scene.tables), ending)
        ended = bool(self._ask(statement, item=item))
        if not ended:
            self.play.say(f"{name} is too late: somebody else has the item")
        return ended

    def _tries_again(self, name: str, table: Table, item: Row) -> None:
        tables = self.play.house.scene.tables
        retry = table.structure.settings.get("retry")
        first = getattr(getattr(retry, "first", None), "best", 10.0)
        longest = getattr(getattr(retry, "longest", None), "best", 300.0)
        lasting = getattr(getattr(retry, "lasting", None), "best", 3_600.0)
        attempts = int(item[starts.ATTEMPTS])
        if first * (2**attempts - 1) >= lasting:
            self._ask(starts.given_up(table, tables), item=item)
            self.play.say(f"{name} gives the item up")
            return
        wait = min(first * 2 ** (attempts - 1), longest)
        self._ask(starts.again(table, tables), item=item, wait=timedelta(seconds=wait))

    def _dead(self, name: str, program: Program) -> Iterator[_Work]:
        table = self.play.house.scene.tables[program.operation.starts.on]
        for item in self._ask(starts.dead(table)):
            yield _Work(name, lambda one=item: self._buried(name, table, one))  # type: ignore[misc]

    def _buried(self, name: str, table: Table, item: Row) -> bool:
        result = self._run(name, self.play.frame(name, item=item))
        if self._ended(result, (name, _key(table, item))):
            self._ask(starts.done(table, self.play.house.scene.tables), item=item)
        return True

    # Clocks

    def _due(self, name: str, program: Program) -> Iterator[_Work]:
        scene = self.play.house.scene
        table = scene.tables[program.operation.starts.on]
        now = self.play.clock.now
        late = None if name in self.play.unbounded else scene.late(name)
        for row in self._ask(starts.due(program, scene.tables, late)):
            about = (name, f"{_key(table, row)} {row[program.operation.starts.field]}")
            until = self._due_done.get(about, now)
            if until is not None and until <= now:
                yield _Work(name, lambda one=row, a=about: self._reached(name, one, a))  # type: ignore[misc]

    def _reached(self, name: str, row: Row, about: tuple[str, str]) -> bool:
        frame = self.play.frame(name, item={**row, "__structure__": self.play.programs[name].operation.starts.on})
        result = self._run(name, frame)
        if frame.released is not None:
            self._due_done[about] = self.play.clock.now + max(frame.released, timedelta(seconds=1))
            return False
        if self._ended(result, about) and not self._again(name):
            self._due_done[about] = None
        return True

    def _every(self, name: str, program: Program) -> Iterator[_Work]:
        each = program.operation.starts.each
        span = self._span(program)
        rows = self.play.rows(each) if each else [{}]
        table = self.play.house.scene.tables[each] if each else None
        for row in rows:
            about = (name, _key(table, row) if table else "")
            if about not in self._ran or self.play.clock.now - self._ran[about] >= span:
                yield _Work(name, lambda one=row, a=about: self._ticked(name, one, a))  # type: ignore[misc]

    def _span(self, program: Program) -> timedelta:
        found = self.play.frame(program.id).value(program.every) if program.every is not None else timedelta(0)
        return found if isinstance(found, timedelta) else timedelta(seconds=float(found))

    def _ticked(self, name: str, row: Row, about: Any) -> bool:
        result = self._run(name, self.play.frame(name, item=row))
        if self._ended(result, about):
            self._ran[about] = self.play.clock.now
        return True

    def _beats(self, name: str, program: Program) -> Iterator[_Work]:
        for held in self.play.connected:
            about = (name, str(held["caller"].get("id")))
            since: datetime = self._ran.get(about) or held["since"]
            if held["operation"] == program.operation.starts.on and self.play.clock.now - since >= self._span(program):
                yield _Work(name, lambda c=held["caller"], a=about: self._beat(name, c, a))  # type: ignore[misc]

    def _beat(self, name: str, caller: Row, about: Any) -> bool:
        result = self._run(name, self.play.frame(name, caller=caller), caller)
        if self._ended(result, about):
            self._ran[about] = self.play.clock.now
        return True


def _key(table: Table, row: Row) -> str:
    return " ".join(str(row[k]) for k in table.key)
