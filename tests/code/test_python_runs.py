"""The generated Python does what the steps say: on a real PostgreSQL it answers, refuses and leaves rows as a run of the steps does."""

from __future__ import annotations

import importlib
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from workbook.artifacts import build_kind
from workbook.artifacts.code import files
from workbook.artifacts.code.expressions import given
from workbook.plan import Plan
from workbook.plan.form.model import Program
from workbook.plan.form.terms import Applied, Ref, Root
from workbook.proof.servers import Postgresql
from workbook.proof.stage.cast import settle_in
from workbook.proof.stage.frame import Clock, Frame, Row
from workbook.proof.stage.house import House, database
from workbook.proof.stage.machine import Machine, Outcome
from workbook.proof.stage.outside import CallRefused, CallUnknown, Ending
from workbook.proof.stage.outside import Outside as Record
from workbook.proof.stage.scene import Scene, scene
from workbook.proof.stage.seeds import Requests

HERE = Path(__file__).parent
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
OF_THE_DATABASE = ("__structure__", "told_in", "published_at", "event_number")
_NEW, _HASH = Ref(Root.NEW), Applied("hash", Ref(Root.BODY))
REQUESTS = 6
"""Of each operation."""


@dataclass
class Rehearsal:
    """The scene of a plan on a database: rows to begin with, a clock, the record of what left."""

    scene: Scene
    house: House
    clock: Clock = field(default_factory=Clock)
    rng: random.Random = field(default_factory=lambda: random.Random(1))

    def __post_init__(self) -> None:
        self.form, self.programs, self.tables = self.scene.form, self.scene.programs, self.scene.tables
        self.rows, self.insert, self.connection = self.house.rows, self.house.insert, self.house.connection
        self.house.build()
        self.seeded = settle_in(self.house).rows
        self.reset()

    def reset(self) -> None:
        """The rows of the seed, the first hour, nothing outside."""
        self.house.reset()
        self.clock = Clock()
        self.outside = Record(random.Random(1), self.clock)
        self.connection().execute("SET search_path = stage, pg_catalog, public")  # the time is that of the stage

    def frame(self, operation: str, **said: Any) -> Frame:
        """What a run knows at its start."""
        return Frame(self.form, self.clock, random.Random(self.rng.getrandbits(64)), **said)

    def requests(self) -> Requests:
        """Requests over the rows of the seed."""
        return Requests(self.scene, self.seeded, self.rng)

    def run(self, operation: str, frame: Frame) -> Outcome:
        """One run of the steps."""
        machine = Machine(self.form, self.programs, self.tables, self.outside)
        return machine.run(self.connection(), operation, frame)


@dataclass
class Outside:
    """Ports to what is outside: the record of the house."""

    house: Rehearsal
    support: ModuleType

    def publish(self, topic: str, event: Row) -> None:
        self.house.outside.publish(topic, (), event)

    def push(self, to: list[Row], message: Any) -> None:
        for receiver in to:
            self.house.outside.push(dict(receiver), message)

    def call(self, name: str, key: list[Any], told: Row) -> Row:
        integration, _, call = name.partition(".")
        gives = self.house.form.integrations[integration].calls[call].gives
        try:
            return self.house.outside.call(name, tuple(map(str, key)), told, gives)
        except CallRefused:
            raise self.support.Refused(422, f"{name} declines") from None
        except CallUnknown:
            raise self.support.Unknown(name) from None

    def run(self, processor: str, on: list[Any]) -> Row:
        return self.house.outside.made(self.house.form.processors[processor].gives)


@dataclass
class Stage:
    """A brief's tables, the steps as the machine runs them, and the code that was generated from them."""

    plan: Plan
    house: Rehearsal
    modules: Mapping[str, ModuleType]
    support: ModuleType
    known: set[str] = field(default_factory=set)

    def by_steps(self, operation: str, said: Row, seed: int) -> tuple[Any, ...]:
        """What the steps come to."""
        frame = Frame(self.house.form, self.house.clock, random.Random(seed), **said)
        outcome = self.house.run(operation, frame)
        return self._told(outcome)

    def _told(self, outcome: Outcome) -> tuple[Any, ...]:
        if outcome.kind == "answered":
            return ("answered", self.plainly(list(outcome.answer.values())))
        if outcome.kind == "refused" or outcome.status != 200:
            return ("refused", outcome.status)
        return ("ended",)

    def by_code(self, operation: str, said: Row, seed: int) -> tuple[Any, ...]:
        """What the generated function comes to."""
        rng = random.Random(seed)
        one = Frame(self.house.form, self.house.clock, rng)
        app = self.support.App(
            now=lambda: self.house.clock.now, new=lambda: one.value(_NEW), **self.stores(), **self.ports()
        )
        module = self.modules[operation]
        try:
            answer = getattr(module, module.__name__)(app, *said.values())
        except self.support.Refused as refused:
            return ("refused", refused.status)
        if answer is None:
            return ("ended",)
        return ("answered", self.plainly(list(answer.values())))

    def stores(self) -> dict[str, Any]:
        return {p.name: self.support.Database(self.house.connection()) for p in files.parts(self.plan) if p.sql}

    def ports(self) -> dict[str, Any]:
        outside = Outside(self.house, self.support)
        return {"broker": outside, "sockets": outside, "outside": outside, "work": outside}

    def rows(self) -> dict[str, Any]:
        """Every row of every table, in an order of its own."""
        return {t: sorted(map(repr, self.plainly(self.house.rows(t)))) for t in self.house.tables}

    def plainly(self, value: Any) -> Any:
        """A value to be compared: what the database itself made up is only said to be new."""
        if isinstance(value, Mapping):
            return {k: self.plainly(v) for k, v in value.items() if k not in OF_THE_DATABASE}
        if isinstance(value, list | tuple) and value:
            return [self.plainly(v) for v in value]
        text = str(value or "nothing")
        return "new" if _UUID.fullmatch(text) and text not in self.known else text

    def remember(self, said: list[Row]) -> None:
        """The identifiers that are there before a request, or come with it."""
        self.known = set(_UUID.findall(repr([said, [self.house.rows(t) for t in self.house.tables]])))


@contextmanager
def imported(plan: Plan, folder: Path) -> Iterator[tuple[dict[str, ModuleType], ModuleType]]:
    """The generated files as modules: of each operation, and what they stand on."""
    made = [a for kind in ("service", "worker") for a in build_kind(plan, kind)]
    for artifact in made:
        (folder / Path(artifact.path).name).write_text(artifact.text, encoding="utf-8")
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        support = importlib.import_module("support")
        support.digest = hashed  # type: ignore[attr-defined]
        programs = [a for a in made if a.subject in plan.world.programs]
        yield {a.subject: importlib.import_module(Path(a.path).stem) for a in programs}, support
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:
            del sys.modules[name]


def hashed(value: Any) -> int:
    """The hash that the steps are run with."""
    return int(Frame(None, None, random.Random(0), body=value).value(_HASH))  # type: ignore[arg-type]


@pytest.fixture(scope="module", params=["small_chat", "small_clinic", "small_stay"])
def stage(
    request: pytest.FixtureRequest,
    planned: Callable[..., Plan],
    server: Postgresql,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """Each brief on a database of its own."""
    pytest.importorskip("psycopg", reason="not run: needs psycopg")
    plan = planned(str(HERE / f"{request.param}.yaml"), language="python")
    assert not [p.problems for p in plan.world.programs.values() if p.problems]
    folder = tmp_path_factory.mktemp(request.param)
    with database(server, f"code_{request.param}") as connect, imported(plan, folder) as (modules, support):
        house = House(scene(plan), connect, seed=1, secured=False)
        yield Stage(plan, Rehearsal(house.scene, house), modules, support)
        house.close()


def started(stage: Stage, program: Program) -> Row:
    """What an operation is started with: somebody's request, an event, a row or an item, or nothing."""
    requests = stage.house.requests()
    wanted = given(program)
    if wanted == ("event",):
        on = program.operation.starts.on
        fields = stage.plan.world.form.topics[on].fields
        return {"event": {"event_id": "e-1", **{n: requests._any(t) for n, t in fields.items()}}}
    if wanted == ("item",):
        on = program.operation.starts.on
        rows = stage.house.rows(on)
        fields = stage.plan.world.form.structures[on].fields
        return {"item": stage.house.rng.choice(rows) if rows else {n: requests._any(t) for n, t in fields.items()}}
    if not wanted:
        return {}
    caller = requests.caller(program)
    return {"caller": caller, "body": requests.body(program, stage.house.frame(program.id, caller=caller))}


def both(stage: Stage, operation: str, said: list[Row], endings: tuple[Ending, ...] = ()) -> list[tuple[Any, ...]]:
    """Requests one after the other, by steps and by code; they must come to the same."""
    stage.house.reset()
    stage.remember(said)
    found = []
    for run in (stage.by_steps, stage.by_code):
        stage.house.reset()
        stage.house.outside.endings = list(endings)
        told = [run(operation, one, seed) for seed, one in enumerate(said)]
        outside = stage.house.outside
        calls = [asdict(c) for c in outside.calls]
        found.append((told, stage.rows(), stage.plainly(calls), stage.plainly([e for _, e in outside.broker.told])))
    for by_steps, by_code in zip(*found, strict=True):
        assert by_code == by_steps, operation
    return found[0][0]


def test_answers_refusals_and_rows_are_those_of_the_steps(stage: Stage) -> None:
    """Every operation with several requests, each sent twice: the same answers and statuses, rows, events and calls."""
    kinds = set()
    for name, program in stage.house.programs.items():
        for number in range(REQUESTS):
            stage.house.rng.seed(number)
            said = started(stage, program)
            kinds |= {told[0] for told in both(stage, name, [said, said])}
    assert {"answered", "refused"} <= kinds


def request_of(stage: Stage, operation: str) -> Row:
    """A request with which an operation succeeds."""
    for number in range(100):
        stage.house.rng.seed(number)
        said = started(stage, stage.house.programs[operation])
        if both(stage, operation, [said])[0][0] == "answered":
            return said
    raise AssertionError(f"{operation} never succeeds")


def test_a_repeated_request_gets_the_first_answer_and_another_under_its_key_is_refused(stage: Stage) -> None:
    """The second of two equal requests changes nothing; one with the same key and another text is a conflict."""
    name, text = ("start", "title") if "start" in stage.house.programs else ("book", "reason")
    said = request_of(stage, name)
    other = {**said, "body": {**said["body"], text: "something else"}}
    first, again, conflict = both(stage, name, [said, said, other])
    assert first[0] == again[0] == "answered"
    assert conflict == ("refused", 409)


@pytest.mark.parametrize("stage", ["small_clinic"], indirect=True)
def test_a_double_booking_is_refused_and_leaves_nothing(stage: Stage) -> None:
    """Two requests for the same time of a doctor: the second is refused, its transaction undone, its key free again."""
    said = request_of(stage, "book")
    second = {**said, "body": {**said["body"], "request": "00000000-0000-4000-8000-000000000001"}}
    stage.house.reset()
    before = len(stage.house.rows("appointment_request"))
    assert [told[0] for told in both(stage, "book", [said, second])] == ["answered", "refused"]
    assert len(stage.house.rows("appointment_request")) == before + 1


@pytest.mark.parametrize("stage", ["small_clinic"], indirect=True)
def test_what_a_transaction_did_before_a_refusal_is_undone(stage: Stage) -> None:
    """Somebody else's appointment is not cancelled, and no trail of the attempt is left."""
    said = request_of(stage, "cancel")
    stage.house.reset()
    before = len(stage.house.rows("access_trail"))
    others = [p for p in stage.house.rows("patient") if str(p["id"]) != str(said["caller"]["id"])]
    stranger = {**said, "caller": {**others[0], "id": str(others[0]["id"])}}
    assert both(stage, "cancel", [stranger]) == [("refused", 409)]
    assert len(stage.house.rows("access_trail")) == before


@pytest.mark.parametrize("stage", ["small_clinic"], indirect=True)
def test_a_call_may_be_done_refused_or_unknown(stage: Stage) -> None:
    """Done goes on, unknown takes its branch, and a refusal that nothing catches ends the operation."""
    said = request_of(stage, "remind")
    for ending, kind, reminded in (
        (Ending.DONE, "answered", 1),
        (Ending.UNKNOWN, "answered", 0),
        (Ending.REFUSED, "refused", 0),
    ):
        stage.house.reset()
        before = len(stage.house.rows("reminded"))
        assert both(stage, "remind", [said], (ending,))[0][0] == kind
        assert len(stage.house.rows("reminded")) == before + reminded


@pytest.mark.parametrize("stage", ["small_chat"], indirect=True)
def test_what_is_taken_in_part_is_given_back(stage: Stage) -> None:
    """Three keys where only one is left: refused, caught, and the one is still there."""
    said = started(stage, stage.house.programs["three_keys"])
    stage.house.reset()
    before = len(stage.house.rows("prekey"))
    assert both(stage, "three_keys", [said])[0][0] == "answered"
    assert len(stage.house.rows("prekey")) == before


@pytest.mark.parametrize("stage", ["small_chat"], indirect=True)
def test_pages_behind_a_cursor_give_every_row_once(stage: Stage) -> None:
    """Walking a conversation two messages at a time, newest first, ends with all of them."""
    stage.house.reset()
    rows = stage.house.rows("message")
    conversation = rows[0]["conversation"]
    for number in range(100, 105):
        stage.house.insert("message", {**{k: v for k, v in rows[0].items() if k != "__structure__"}, "number": number})
    wanted = sorted(
        (r["number"] for r in stage.house.rows("message") if r["conversation"] == conversation), reverse=True
    )
    walked: list[int] = []
    cursor = None
    while True:
        said = {"caller": {"id": "x"}, "body": {"conversation": str(conversation), "cursor": cursor}}
        stage.remember([])
        page, by_steps = (run("history", said, 0) for run in (stage.by_code, stage.by_steps))
        assert page == by_steps
        if page[1] == ["nothing"]:
            break
        walked += [int(row["number"]) for row in page[1][0]]
        cursor = walked[-1]
    assert walked == wanted
