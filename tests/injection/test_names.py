"""No name of a brief clashes with another, with a word of a language or with what a design adds: it stays, and the others make way."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import ALIKE, CHOICES, KEPT, LONG, NAMES, apart, crowd, doing, named, planned, system, written

from workbook.artifacts import build
from workbook.artifacts.dialects.postgresql.tables import create
from workbook.artifacts.writing.sql import identifier
from workbook.brief import BriefError, loads
from workbook.plan import Plan, derive
from workbook.plan.naming import Space, same, shortened
from workbook.plan.passes.world import DATABASE
from workbook.plan.storable import most_fields

# --- the names themselves


@pytest.mark.parametrize("group", ALIKE, ids="-".join)
def test_f10_names_that_are_one_somewhere_are_kept_apart(group: tuple[str, ...]) -> None:
    """Spelt in any way they differ; the first keeps its name, and the same names give the same result."""
    made = Space(longest=36, end="_record").take_all(group)
    assert made == Space(longest=36, end="_record").take_all(group)
    assert not apart(same(n) for n in made.values())
    assert made[group[0]] == group[0]


def test_f10_a_new_name_changes_none_that_was_there() -> None:
    """Adding one at the end leaves the others as they are."""
    before = Space(longest=36, end="_record").take_all(["order", "user", LONG])
    after = Space(longest=36, end="_record").take_all(["order", "user", LONG, "Order", "us_er"])
    assert after.items() >= before.items()


@pytest.mark.parametrize("name", ["a" * 64, "a" * 300, LONG, "x_" * 60, "a" * 62 + "_b"])
def test_f10_a_long_name_is_cut_and_marked(name: str) -> None:
    """It keeps its beginning, and two that begin alike stay two."""
    made = shortened(name, 63)
    assert len(made) <= 63
    assert made.startswith(name[:20])
    assert made != shortened(name + "c", 63)
    assert shortened(name[:63], 63) == name[:63]


# --- the design


@pytest.mark.parametrize("choice", range(len(CHOICES)))
@pytest.mark.parametrize(
    "names", [NAMES[:90], NAMES[90:], tuple(n for g in ALIKE for n in g)], ids=["first", "rest", "alike"]
)
def test_f10_a_design_has_no_name_twice(names: tuple[str, ...], choice: int) -> None:
    """Tables and indexes of a store, columns of a table, ways in, topics, components and files differ; an entity keeps its name."""
    for plan in (crowd(names, **CHOICES[choice]), doing(names, **CHOICES[choice])):
        kept_apart(plan)


BESIDE = re.compile(
    r'(?:CREATE (?:UNIQUE )?INDEX|CREATE (?:UNLOGGED )?TABLE|CREATE TRIGGER|CONSTRAINT) ("(?:[^"]|"")+"|\w+)'
)
"""What a schema calls by a name: tables, indexes, constraints and triggers."""


def kept_apart(plan: Plan) -> None:
    """Whatever two things of a design could be taken for each other are called differently."""
    design, homes = plan.design, plan.world.homes
    for store in (s for s in design.stores if s.role == DATABASE):
        tables = {n: t for n, t in design.tables.items() if homes[n] == store.id}
        called = [n.strip('"') for n in BESIDE.findall(create(tables, {}))]
        assert {identifier(n).strip('"') for n in tables} <= set(called)
        assert not apart(called)
        assert max(map(len, called), default=0) <= 63
    assert set(plan.complete.entities) <= set(plan.world.form.structures)
    for table in design.tables.values():
        assert not apart(c.name for c in table.columns)
        assert set(table.key) <= {c.name for c in table.columns}
    assert not apart((e.method, re.sub(r"\{\w+\}", "{}", e.path)) for e in design.endpoints)
    assert not apart(t.event.lower() for t in design.topics)
    form = plan.world.form
    assert not apart((*form.structures, *form.topics, *form.operations))
    assert not apart(c.id for c in design.components)
    paths = [(a.kind, a.path.lower()) for a in build(plan) if a.path]
    assert not apart(paths)
    assert max(len(part) for _, p in paths for part in p.split("/")) <= 255


NEAR = st.lists(st.from_regex(r"[ab][abAB_1]{0,4}", fullmatch=True), min_size=3, max_size=8, unique=True)
"""Names of so few letters that many are alike."""


@settings(max_examples=60, deadline=None, derandomize=True)
@given(fields=NEAR, entities=NEAR, operations=NEAR, choice=st.integers(0, len(CHOICES) - 1))
def test_f10_no_names_however_alike_fall_together(
    fields: list[str], entities: list[str], operations: list[str], choice: int
) -> None:
    """Fields, entities and operations drawn from a handful of letters, with any products."""
    entities = [e for e in entities if e not in operations] or ["thing"]
    verbs = ("create", "list", "read", "update")
    asked = {
        o: {
            "does": f"{verbs[i % 4]} {entities[i % len(entities)]}",
            "rate": "1/s",
            **({"where": fields[:2]} if i % 4 == 1 else {}),
        }
        for i, o in enumerate(operations)
    }
    values = system({e: {"id": "id", **dict.fromkeys(fields, "string 20")} for e in entities}, asked, **CHOICES[choice])
    plan = planned(values)
    kept_apart(plan)
    for artifact in build(plan):
        if artifact.language == "python":
            compile(artifact.text, artifact.path, "exec")


# --- what a design adds

TAKEN = (
    *(
        "note_request",
        "person_handled",
        "note_search",
        "note_copy",
        "rate_work",
        "watch_connection",
        "note_brought_outbox",
    ),
    *("import_notes_accepted", "bring_notes_accepted"),
)
"""What the system below adds by these names, were they not the brief's."""
DOERS = (
    *(
        "expire_note_request",
        "expire_person_handled",
        "expire_note",
        "relay_note_brought",
        "store_note",
        "rebuild_note_search",
    ),
    *("push_write_done", "watch_opens", "watch_beats", "watch_closes"),
)


def adding(taken: tuple[str, ...] = (), doers: tuple[str, ...] = ()) -> dict[str, Any]:
    """A system to which much is added, and in which entities and operations have those very names."""
    entities: dict[str, Any] = {
        "person": {"fields": {"id": "id", "name": "string 40"}},
        "note": {
            "fields": {"id": "id", "owner": "ref person", "body": "text", "made_at": "time"},
            "retention": "90 days",
        },
        "tally": {"fields": {"owner": "ref person", "notes": "int"}, "key": ["owner"]},
    }
    entities |= {name: {"fields": {"id": "id", "words": "string 30"}} for name in taken}
    operations: dict[str, Any] = {
        "write": {"does": "create note", "rate": "5000/s", "idempotent": True, "by": "person", "priority": "P0"},
        "look": {"does": "read note", "rate": "90000/s", "by": "person", "priority": "P0"},
        "find": {"does": "search note", "rate": "20/s", "by": "person"},
        "watch": {"does": "subscribe note", "where": ["owner"], "rate": "5/s", "by": "person", "lasts": "10 min"},
        "import_notes": {"does": "create note", "rate": "5/s", "mode": "async", "by": "person"},
        "bring_notes": {"does": "create note", "rate": "5/s", "mode": "async", "by": "person"},
        "tell": {"does": "notify note", "rate": "1 per write"},
        "rate": {"does": "compute tally", "rate": "1/s"},
        "count_up": {
            "starts": "event note_brought",
            "rate": "1 per write",
            "steps": ["add tally by owner = event.owner plus notes = 1"],
        },
    }
    operations["write"]["steps"] = [
        "append note set owner = caller",
        "publish note_brought by id = note.id",
        "answer note",
    ]
    operations |= {name: {"does": "read person", "rate": "1/s"} for name in doers}
    operations |= {f"put_{name}": {"does": f"create {name}", "rate": "1/s"} for name in taken}
    return {
        "system": "Names",
        "populations": {"users": {"daily_active": "50k"}},
        "personas": {"person": {"wants": "to know", "is": "person"}},
        "entities": entities,
        "topics": {"note_brought": {"key": ["id"], "like": "note"}},
        "operations": operations,
        "choices": {"database": "postgresql", "messaging": "kafka", "cache": "redis"},
    }


def test_f10_what_a_design_adds_makes_way_for_the_brief() -> None:
    """Entities and operations called like requests, outboxes, relays, copies, indexes and connections stay what they are."""
    free, plan = planned(adding()), planned(adding(TAKEN, DOERS))
    kept_apart(plan)
    for name in TAKEN:
        structure = plan.world.form.structures[name]
        assert (structure.entity, structure.added_by) == (name, "")
    for name in DOERS:
        assert plan.world.form.operations[name].added_by == ""
    added = {*free.world.form.structures, *free.world.form.topics, *free.world.form.processors}
    assert {*TAKEN} <= added
    assert {*DOERS} <= {*free.world.form.operations}
    for part in ("structures", "topics", "operations"):
        added = [sum(1 for n, x in getattr(p.world.form, part).items() if x.added_by) for p in (free, plan)]
        assert added[0] == added[1], part


def test_f10_two_that_add_alike_add_both() -> None:
    """Two requests for the same rows that nobody waits for are both stored, each by the event of its own."""
    form = planned(adding()).world.form
    stores = [o for o in form.operations.values() if o.added_by == "async"]
    assert {o.stands_for for o in stores} == {"import_notes", "bring_notes"}
    assert len({o.starts.on for o in stores}) == 2


@pytest.mark.parametrize("field", KEPT)
def test_f10_a_field_that_the_system_keeps_elsewhere_is_itself(field: str) -> None:
    """`version: text` is an ordinary field: it stays what it is, and nothing counts it up."""
    _, kind = KEPT[field]
    values = system(
        {"thing": {"id": "id", field: kind}},
        {"put": {"does": "create thing", "rate": "1/s"}, "mend": {"does": "update thing", "rate": "1/s"}},
        database="postgresql",
    )
    table = planned(values).design.tables["thing"]
    assert [(c.type.kind, c.type.default, c.system) for c in table.columns if c.name == field] == [(kind, None, False)]


COLUMNS = {
    "a file's sum": ({"kind": "object"}, {"checksum": "bool"}, {}, "entities.thing.fields.checksum"),
    "a file's size": ({"kind": "object"}, {"byte_size": "time"}, {}, "entities.thing.fields.byte_size"),
    "an event's name": ({}, {"event_id": "string 20"}, {"messaging": "outbox"}, "entities.thing.fields.event_id"),
    "an event's number": ({}, {"event_number": "int"}, {"messaging": "outbox"}, "entities.thing.fields.event_number"),
    "an event's time": ({}, {"published_at": "bool"}, {"messaging": "outbox"}, "entities.thing.fields.published_at"),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_f10_a_field_in_the_place_of_a_column_is_refused(case: str) -> None:
    """Where the design needs that very column for something else, with the place, what it is needed for, and what to do."""
    entity, fields, choices, place = COLUMNS[case]
    values = system(
        {"thing": {"id": "id", **fields, "owner": "ref thing"}},
        {"put": {"does": "upload thing" if entity else "create thing", "rate": "1/s"}, "tell": {"does": "notify thing", "rate": "1 per put"}},
        database="postgresql",
        **choices,
    )  # fmt: skip
    values["entities"]["thing"] |= entity
    with pytest.raises(BriefError, match=f"{re.escape(place)}: is called like a column that the system needs itself"):
        planned(values)
    field = place.rpartition(".")[2]
    values["entities"]["thing"]["fields"] = {
        ("said" if n == field else n): t for n, t in values["entities"]["thing"]["fields"].items()
    }
    kept_apart(planned(values))


def test_f10_a_field_of_the_right_type_is_the_column() -> None:
    """`byte_size: int` of a file is how many bytes there are: there is no second one."""
    values = system(
        {"file": {"id": "id", "byte_size": "int"}},
        {"send": {"does": "upload file", "rate": "1/s"}, "get": {"does": "download file", "rate": "1/s"}},
        database="postgresql",
    )
    names = [c.name for c in planned(values).design.tables["file"].columns]
    assert names.count("byte_size") == 1
    assert {"object_key", "checksum"} <= set(names)


def test_f10_an_integration_is_no_part_of_the_system() -> None:
    """One called `cache` has a box of its own in the picture, and the arrows to it."""
    values = named(["a"])
    names = ("cache", "client", "database", "gateway", "application")
    values["integrations"] = {n: {"does": "answers", "operations": ["put"]} for n in names}
    design = planned(values).design
    assert not apart(c.id for c in design.components)
    boxes = {c.integration: c.id for c in design.components if c.integration}
    assert boxes.keys() == set(names)
    assert {*boxes.values()} <= {c.target for c in design.calls}


PLACES = {
    "a geo key": ({"key": ["place"]}, {}, 'entities.thing.key: "place" is of the type geo'),
    "a json key": ({"key": ["data"]}, {}, 'entities.thing.key: "data" is of the type json'),
    "a geo unique": ({"unique": [["place"]]}, {}, 'entities.thing.unique: "place" is of the type geo'),
    "a large key": ({"key": ["image"]}, {}, 'entities.thing.key: "image" is of 5 KB'),
    "where a place": ({}, {"where": ["place"]}, 'operations.ask.where: "place" is of the type geo'),
    "by a document": ({}, {"order": "-data"}, 'operations.ask.order: "data" is of the type json'),
    "a geo id": ({"fields": {"id": "geo"}}, {}, 'entities.thing.fields.id: "id" is of the type geo'),
    "a key twice": ({"key": ["id", "id"]}, {}, "entities.thing.key: names a field twice"),
}


@pytest.mark.parametrize("case", PLACES)
def test_f10_a_key_that_no_engine_compares_is_refused(case: str) -> None:
    """With its place, its type and what to do."""
    entity, operation, says = PLACES[case]
    values = system(
        {"thing": {"id": "id", "place": "geo", "data": "json", "image": "5 KB"}},
        {"ask": {"does": "list thing", "rate": "1/s", **operation}},
    )
    values["entities"]["thing"] |= entity
    with pytest.raises(BriefError) as caught:
        derive(loads(written(values), name="x.yaml"))
    assert says in str(caught.value)
    assert all(p.remedy for p in caught.value.problems)


def test_f10_more_fields_than_a_table_holds_are_refused() -> None:
    """At 2,000 with the place and the limit; as many as fit are built."""
    many = {f"f{i}": "bool" for i in range(2000)}
    operations = {"put": {"does": "create thing", "rate": "1/s"}}
    with pytest.raises(BriefError, match=r"entities\.thing\.fields: has 2,000 fields; a table holds at most 1,000"):
        planned(system({"thing": many}, operations))
    most = dict(list(many.items())[: most_fields()])
    assert (
        len(planned(system({"thing": most}, operations, database="postgresql")).design.tables["thing"].columns)
        == most_fields()
    )


def test_f10_an_index_takes_no_more_than_sixteen() -> None:
    """More columns in a key are refused."""
    values = named([f"f{i}" for i in range(20)])
    values["entities"]["thing"]["key"] = [f"f{i}" for i in range(17)]
    with pytest.raises(BriefError, match="an index takes at most 16"):
        planned(values)


def test_f10_a_row_of_many_fields_is_told_and_copied() -> None:
    """Steps that the design writes itself may name hundreds of fields; a person's own line may not be that long."""
    many = {f"field_with_a_long_name_{i}": "string 20" for i in range(200)}
    values = system(
        {"thing": {"id": "id", **many}},
        {"put": {"does": "create thing", "rate": "1/s"}, "tell": {"does": "notify thing", "rate": "1 per put"}},
    )
    assert len(planned(values).world.form.topics["thing_created"].fields) == 201
    values["operations"]["put"] = {
        "rate": "1/s",
        "steps": [f"append thing set {' and '.join(f'{f} = body.{f}' for f in many)}"],
    }
    with pytest.raises(BriefError, match="is longer than 2,000 characters"):
        planned(values)


@pytest.mark.parametrize("name", ["xmin", "ctid", "tableoid"])
def test_f10_columns_of_the_engine_itself_are_spelt_otherwise(name: str) -> None:
    """Every table of PostgreSQL has an `xmin`: the brief's is written `xmin_`, and `xmin_` beside it `xmin__`."""
    plan = planned({**named([name, f"{name}_"]), "choices": {"database": "postgresql"}})
    text = next(a.text for a in build(plan) if a.kind == "schema")
    assert set(re.findall(rf"^    ({name}_*) text", text, re.MULTILINE)) == {f"{name}_", f"{name}__"}


def test_f10_long_names_that_begin_alike_stay_two() -> None:
    """Tables with indexes of cut names: each has one of its own, at most 63 letters long."""
    long = [f"{LONG}_{i}" for i in range(4)]
    plan = planned(named(long, operation=f"{LONG}_x", entity=LONG, database="postgresql"))
    kept_apart(plan)
    assert shortened("a" * 64, 63) != shortened("a" * 65, 63)
