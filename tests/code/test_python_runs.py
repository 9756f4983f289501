"""The generated Python does what the steps say: on a real PostgreSQL it answers, refuses and leaves rows as a run of the steps does."""

from __future__ import annotations

import importlib
import random
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from workbook.proof.stage.theatre import Theatre, database

from workbook.artifacts import build_kind
from workbook.artifacts.code import files
from workbook.artifacts.code.expressions import given
from workbook.plan import Plan
from workbook.plan.form.model import Applied, Program, Ref, Root
from workbook.proof.servers import Postgresql
from workbook.proof.stage.frame import Frame, Row
from workbook.proof.stage.machine import Outcome
from workbook.proof.stage.outside import CallRefused, CallUnknown, Ending

HERE = Path(__file__).parent
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
OF_THE_DATABASE = ("__structure__", "told_in", "published_at")
_NEW, _HASH = Ref(Root.NEW), Applied("hash", Ref(Root.BODY))
REQUESTS = 6
"""Of each operation."""


@dataclass
class Outside:
    """Ports to what is outside: the record of the theatre."""

    theatre: Theatre
    support: ModuleType

    def publish(self, topic: str, event: Row) -> None:
        self.theatre.outside.publish(topic, event)

    def push(self, to: list[Row], message: Any) -> None:
        for receiver in to:
            self.theatre.outside.push(dict(receiver), message)

    def call(self, name: str, key: list[Any], told: Row) -> Row:
        integration, _, call = name.partition(".")
        gives = self.theatre.form.integrations[integration].calls[call].gives
        try:
            return self.theatre.outside.call(name, tuple(map(str, key)), told, gives)
        except CallRefused:
            raise self.support.Refused(422, f"{name} declines") from None
        except CallUnknown:
            raise self.support.Unknown(name) from None

    def run(self, processor: str, on: list[Any]) -> Row:
        return self.theatre.outside.made(self.theatre.form.processors[processor].gives)


@dataclass
class Stage:
    """A brief's tables, the steps as the machine runs them, and the code that was generated from them."""

    plan: Plan
    theatre: Theatre
    modules: Mapping[str, ModuleType]
    support: ModuleType
    known: set[str] = field(default_factory=set)

    def by_steps(self, operation: str, said: Row, seed: int) -> tuple[Any, ...]:
        """What the steps come to."""
        frame = Frame(self.theatre.form, self.theatre.clock, random.Random(seed), **said)
        outcome = self.theatre.run(operation, frame)
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
        one = Frame(self.theatre.form, self.theatre.clock, rng)
        app = self.support.App(
            now=lambda: self.theatre.clock.now, new=lambda: one.value(_NEW), **self.stores(), **self.ports()
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
        return {p.name: self.support.Database(self.theatre.connection()) for p in files.parts(self.plan) if p.sql}

    def ports(self) -> dict[str, Any]:
        outside = Outside(self.theatre, self.support)
        return {"broker": outside, "sockets": outside, "outside": outside, "work": outside}

    def rows(self) -> dict[str, Any]:
        """Every row of every table, in an order of its own."""
        return {t: sorted(map(repr, self.plainly(self.theatre.rows(t)))) for t in self.theatre.tables}

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
        self.known = set(_UUID.findall(repr([said, [self.theatre.rows(t) for t in self.theatre.tables]])))


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


@pytest.fixture(scope="module", params=["small_chat", "small_clinic"])
def stage(
    request: pytest.FixtureRequest,
    planned: Callable[..., Plan],
    database_server: Postgresql,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    """Each brief on a database of its own."""
    pytest.importorskip("psycopg", reason="not run: needs psycopg")
    plan = planned(str(HERE / f"{request.param}.yaml"), language="python")
    assert not [p.problems for p in plan.world.programs.values() if p.problems]
    folder = tmp_path_factory.mktemp(request.param)
    with database(database_server, f"code_{request.param}") as connect, imported(plan, folder) as (modules, support):
        form, tables = plan.world.form, dict(plan.design.tables)
        form = replace(form, topics={n: t for n, t in form.topics.items() if n not in tables})  # the others are tables
        theatre = Theatre(form, plan.world.programs, tables, connect, seed=1)
        theatre.build()
        yield Stage(plan, theatre, modules, support)
        theatre.close()


def started(stage: Stage, program: Program) -> Row:
    """What an operation is started with: somebody's request, an event, or nothing."""
    requests = stage.theatre.requests()
    wanted = given(program)
    if wanted == ("event",):
        on = program.operation.starts.on
        fields = stage.plan.world.form.topics[on].fields
        return {"event": {"event_id": "e-1", **{n: requests._any(t) for n, t in fields.items()}}}
    if not wanted:
        return {}
    caller = requests.caller(program)
    return {"caller": caller, "body": requests.body(program, stage.theatre.frame(program.id, caller=caller))}


def both(stage: Stage, operation: str, said: list[Row], endings: tuple[Ending, ...] = ()) -> list[tuple[Any, ...]]:
    """Requests one after the other, by steps and by code; they must come to the same."""
    stage.theatre.reset()
    stage.remember(said)
    found = []
    for run in (stage.by_steps, stage.by_code):
        stage.theatre.reset()
        stage.theatre.outside.endings = list(endings)
        told = [run(operation, one, seed) for seed, one in enumerate(said)]
        outside = stage.theatre.outside
        calls = [asdict(c) for c in outside.calls]
        found.append((told, stage.rows(), stage.plainly(calls), stage.plainly(outside.published)))
    assert found[1] == found[0], operation
    return found[0][0]


def test_answers_refusals_and_rows_are_those_of_the_steps(stage: Stage) -> None:
    """Every operation with several requests, each sent twice: the same answers and statuses, rows, events and calls."""
    kinds = set()
    for name, program in stage.theatre.programs.items():
        for number in range(REQUESTS):
            stage.theatre.rng.seed(number)
            said = started(stage, program)
            kinds |= {told[0] for told in both(stage, name, [said, said])}
    assert {"answered", "refused"} <= kinds


def request_of(stage: Stage, operation: str) -> Row:
    """A request with which an operation succeeds."""
    for number in range(100):
        stage.theatre.rng.seed(number)
        said = started(stage, stage.theatre.programs[operation])
        if both(stage, operation, [said])[0][0] == "answered":
            return said
    raise AssertionError(f"{operation} never succeeds")


def test_a_repeated_request_gets_the_first_answer_and_another_under_its_key_is_refused(stage: Stage) -> None:
    """The second of two equal requests changes nothing; one with the same key and another text is a conflict."""
    name, text = ("start", "title") if "start" in stage.theatre.programs else ("book", "reason")
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
    assert [told[0] for told in both(stage, "book", [said, second])] == ["answered", "refused"]
    assert len(stage.theatre.rows("appointment_request")) == 1


@pytest.mark.parametrize("stage", ["small_clinic"], indirect=True)
def test_what_a_transaction_did_before_a_refusal_is_undone(stage: Stage) -> None:
    """Somebody else's appointment is not cancelled, and no trail of the attempt is left."""
    said = request_of(stage, "cancel")
    stage.theatre.reset()
    before = len(stage.theatre.rows("access_trail"))
    others = [p for p in stage.theatre.rows("patient") if str(p["id"]) != str(said["caller"]["id"])]
    stranger = {**said, "caller": {**others[0], "id": str(others[0]["id"])}}
    assert both(stage, "cancel", [stranger]) == [("refused", 409)]
    assert len(stage.theatre.rows("access_trail")) == before


@pytest.mark.parametrize("stage", ["small_clinic"], indirect=True)
def test_a_call_may_be_done_refused_or_unknown(stage: Stage) -> None:
    """Done goes on, unknown takes its branch, and a refusal that nothing catches ends the operation."""
    said = request_of(stage, "remind")
    for ending, kind, reminded in (
        (Ending.DONE, "answered", 1),
        (Ending.UNKNOWN, "answered", 0),
        (Ending.REFUSED, "refused", 0),
    ):
        stage.theatre.reset()
        before = len(stage.theatre.rows("reminded"))
        assert both(stage, "remind", [said], (ending,))[0][0] == kind
        assert len(stage.theatre.rows("reminded")) == before + reminded


@pytest.mark.parametrize("stage", ["small_chat"], indirect=True)
def test_what_is_taken_in_part_is_given_back(stage: Stage) -> None:
    """Three keys where only one is left: refused, caught, and the one is still there."""
    said = started(stage, stage.theatre.programs["three_keys"])
    stage.theatre.reset()
    before = len(stage.theatre.rows("prekey"))
    assert both(stage, "three_keys", [said])[0][0] == "answered"
    assert len(stage.theatre.rows("prekey")) == before


@pytest.mark.parametrize("stage", ["small_chat"], indirect=True)
def test_pages_behind_a_cursor_give_every_row_once(stage: Stage) -> None:
    """Walking a conversation two messages at a time, newest first, ends with all of them."""
    stage.theatre.reset()
    rows = stage.theatre.rows("message")
    conversation = rows[0]["conversation"]
    for number in range(100, 105):
        stage.theatre.insert(
            "message", {**{k: v for k, v in rows[0].items() if k != "__structure__"}, "number": number}
        )
    wanted = sorted(
        (r["number"] for r in stage.theatre.rows("message") if r["conversation"] == conversation), reverse=True
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
