"""What is written for MySQL, run on MariaDB 10.11 in its place: no MySQL 8 is here, and only what both take is written.

The cases of each verb and shape are those that PostgreSQL is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from mariadb_session import Session, session
from shaped import CASES, NAMES, SAID, form_of, programs_of

from workbook.artifacts import build
from workbook.artifacts.dialects import sql
from workbook.artifacts.dialects.mysql.statements import MySQL
from workbook.artifacts.dialects.statement import Gives, Refusal, Slot
from workbook.brief import load, loads
from workbook.brief.steps.syntax import Amount, Verb
from workbook.catalog import loader
from workbook.plan import Plan, derive
from workbook.plan.fold.layout import tables as laid_out
from workbook.plan.form.accesses import accesses
from workbook.plan.form.model import Step
from workbook.plan.form.terms import Every, Ref, Root, Sum, Value
from workbook.proof.engines.mariadb import check, database
from workbook.proof.servers import MariaDB

NOW = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
BRIEFS = ("chat", "feed", "music", "clinic")


def plan_of(name: str, **choices: str) -> Plan:
    """An example, or an archetype by itself, with its databases in MySQL."""
    pinned = {"database": "mysql", **choices}
    if name in BRIEFS:
        return derive(load(name, {f"choices.{k}": v for k, v in pinned.items()}))
    return derive(loads(yaml.safe_dump({"system": "System", "archetypes": [name], "choices": pinned})))


@pytest.mark.parametrize("messaging", ["kafka", "outbox"])
@pytest.mark.parametrize("name", [*BRIEFS, *loader.archetypes()])
def test_mariadb_takes_every_schema_and_statement(name: str, messaging: str, mariadb_here: MariaDB) -> None:
    """Every store has a schema that is accepted whole, a row in every table, and every statement of every operation runs."""
    plan = plan_of(name, messaging=messaging)
    made = tuple(a for a in build(plan) if a.dialect == "mysql")
    found = list(check(plan, made))
    assert {a.path for a in made if a.kind == "schema"} == {f"schema/{s.id}.sql" for s, _ in sql.stores(plan)}
    assert len(found) == len(made)
    assert [(c.path, c.message) for c in found if c.outcome != "ok"] == []


@pytest.mark.parametrize("name", BRIEFS)
def test_nothing_of_postgresql_is_left(name: str) -> None:
    """Neither a schema nor a statement for MySQL holds a cast, a RETURNING, an array or an ON CONFLICT."""
    for artifact in build(plan_of(name)):
        if artifact.dialect == "mysql":
            assert not [
                w for w in ("::", "RETURNING", "ARRAY[", "ON CONFLICT", "jsonb", "timestamptz") if w in artifact.text
            ]


@pytest.mark.parametrize("language", ["python", "go", "java", "typescript"])
def test_programs_hold_no_statement_of_another_database(language: str) -> None:
    """They ask the database by ports, the plan says why, and no statement stands in them."""
    plan = plan_of("clinic", language=language)
    code = "\n".join(a.text for a in build(plan) if a.kind in ("service", "worker"))
    assert not [w for w in ("INSERT INTO", "ON CONFLICT", "RETURNING", "::uuid", "DELETE FROM") if w in code]
    assert [o.why for o in plan.unknown if o.about == "stores.database"] == [
        "programs ask MySQL by ports: its statements are not written into them yet"
    ]


def test_what_is_otherwise_is_said_by_name() -> None:
    """Spans, rows that stay, and the search of the clinic; what is pinned against a limit is a finding, too."""
    plan = plan_of("clinic")
    said = {o.about: o.why for o in plan.unknown}
    assert "no exclusion constraint" in said["structures.appointment"]
    assert "TRUNCATE" in said["structures.access_trail"]
    assert "any of the words" in said["structures.patient_search"]
    assert [p for p in plan.problems if "must not overlap" in p.what]
    assert not derive(load("clinic", {"choices.database": "postgresql"})).unknown


@pytest.mark.parametrize(("kind", "fits"), [("text", 380), ("ref thing", 210)])
def test_a_table_that_is_too_wide_is_told(kind: str, fits: int, mariadb_here: MariaDB) -> None:
    """The server takes one that the plan says nothing of, and refuses one of half as many columns more, of which the plan tells."""
    for number in (fits, fits + fits // 2):
        fields = {"id": "id", **{f"part_{i}": f"{kind}?" for i in range(number)}}
        said = {
            "system": "Wide",
            "entities": {"thing": {"fields": fields}},
            "operations": {"put": {"does": "create thing", "rate": "1/s"}},
            "choices": {"database": "mysql"},
        }
        plan = derive(loads(yaml.safe_dump(said)))
        (schema,) = (a for a in build(plan) if a.kind == "schema")
        keyless = "\n".join(
            line
            for line in schema.text.replace(",\n    CONSTRAINT", "\n    CONSTRAINT").splitlines()
            if "FOREIGN KEY" not in line
        )
        with database(mariadb_here) as name:
            refused = "Row size too large" in mariadb_here.run(name, keyless)
        assert refused == (number > fits)
        assert refused == any("as wide" in o.why for o in plan.unknown)


# What each verb does with each shape -----------------------------------------------------------------------------------


class Shaped:
    """The table of one shape with its first rows, and its cases."""

    def __init__(self, shape: str, asked: Session) -> None:
        self.form, self.asked = form_of(shape), asked
        self.programs = programs_of(shape, self.form)
        made = laid_out(self.form, accesses(self.form, self.programs), (), {"thing": frozenset({"thing"})})
        self.dialect = MySQL(made)
        for statement in self.dialect.create(self.form.tunables).split(";\n"):
            if statement.strip():
                asked.ask(f"{statement};")
        for row in SAID[shape]["rows"]:
            given = {k: str(v) if isinstance(v, datetime) else v for k, v in row.items()}
            asked.ask(self.dialect.sample_row(made["thing"], given, given.values()))

    def value(self, said: Value, body: Mapping[str, Any], rows: list[dict[str, Any]]) -> Any:
        """What a value of a step is, as JSON."""
        if isinstance(said, Every):
            return self.value(said.of, body, rows)
        if isinstance(said, Amount):
            return said.quantity.best
        if isinstance(said, Sum):
            return self.reckoned(said, body, rows)
        assert isinstance(said, Ref), said
        if said.root is Root.NOW:
            return NOW.isoformat()
        if said.root is Root.BODY:
            found: Any = body
            for field in said.fields:
                found = found[field]
            return found
        if said.root is Root.BOUND:
            return NOW.isoformat() if said.name == "moment" else [row[said.fields[0]] for row in rows]
        return said.name == "true" if said.name in ("true", "false") else said.name

    def reckoned(self, said: Sum, body: Mapping[str, Any], rows: list[dict[str, Any]]) -> Any:
        """A moment and a span from it, or the begin of its window."""
        left, right = self.value(said.left, body, rows), self.value(said.right, body, rows)
        moment = datetime.fromisoformat(left)
        if said.operator == "//":
            return datetime.fromtimestamp(moment.timestamp() // right * right, UTC).isoformat()
        span = timedelta(seconds=right)
        return (moment + span if said.operator == "+" else moment - span).isoformat()

    def play(self, step: Step, body: Mapping[str, Any]) -> tuple[bool, Any]:
        """Whether a step was refused, and what it gave."""
        given: list[Any] = []
        rows: list[dict[str, Any]] = []
        sent = ""
        for statement in self.dialect.statements(step):

            def literal(position: int, slot: Slot) -> str:
                return self.dialect.literal(self.value(slot.value, body, rows), slot)  # noqa: B023 (used at once)

            many = [self.value(s.value, body, rows) for s in statement.slots if s.many]
            sent += statement.write(literal) + ";\n"
            if statement.gives is Gives.NOTHING:
                continue
            found, sent = self.asked.ask(sent), ""
            rows = [{k: self.typed(k, v) for k, v in row.items()} for row in found]
            number = rows[0]["number"] if statement.gives is Gives.NUMBER else len(rows)
            wanted = int(step.amount.quantity.best) if isinstance(step.amount, Amount) else len(many[0]) if many else 1
            if statement.refusal is Refusal.NO_ROW and not number:
                return True, None
            if statement.refusal is Refusal.FEWER and number < wanted:
                return True, None
            given.append(number if statement.gives is Gives.NUMBER else rows)
            if statement.gives is Gives.ROW:
                given[-1] = rows[0] if rows else None
        self.asked.ask(sent)
        taking = step.verb is Verb.TAKE
        return False, (given[0 if taking and len(given) == 1 else -1] if given else None)

    def typed(self, name: str, said: str | None) -> Any:
        """A value as the language has it."""
        if said is None or not said.lstrip("-").replace(".", "", 1).isdigit():
            return said
        return int(float(said))


@pytest.fixture(scope="module")
def shaped(mariadb_here: MariaDB) -> Iterator[Mapping[str, Shaped]]:
    """A database for each shape."""
    with ExitStack() as opened:
        made = {}
        for shape in SAID:
            name = opened.enter_context(database(mariadb_here))
            made[shape] = Shaped(shape, opened.enter_context(session(mariadb_here, name)))
        yield made


def compared(found: Any, wanted: Any, any_order: bool) -> bool:
    """Whether what a step gave holds what was wanted of it."""
    if isinstance(wanted, list) and isinstance(found, int):
        return True
    if not isinstance(wanted, list):
        return found == wanted if not isinstance(wanted, dict) else wanted.items() <= found.items()
    if len(found or []) != len(wanted):
        return False
    if any_order:
        return all(any(w.items() <= f.items() for f in found) for w in wanted)
    return all(w.items() <= f.items() for f, w in zip(found or [], wanted, strict=True))


@pytest.mark.parametrize(("shape", "number"), CASES, ids=NAMES)
def test_a_step_does_what_the_language_says(shape: str, number: int, shaped: Mapping[str, Shaped]) -> None:
    """Its result, whether it is refused, and how many rows are there afterwards."""
    case, one = SAID[shape]["cases"][number], shaped[shape]
    (step, _), *_ = one.programs[f"case_{number}"].steps()
    one.asked.ask("START TRANSACTION;")
    try:
        refused, found = one.play(step, case.get("body", {}))
        assert refused == ("refused" in case)
        if not refused:
            assert compared(found, case["gives"], case.get("any_order", False)), (found, case["gives"])
        if "leaves" in case and not refused:
            assert one.asked.ask("SELECT count(*) AS number FROM thing;") == [{"number": str(case["leaves"])}]
    finally:
        one.asked.ask("ROLLBACK;")
