"""No name of a brief clashes with another, with a word of a language or with what a design adds: it is kept, or renamed for good."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import ADDED, ALIKE, CHOICES, LONG, NAMES, apart, crowd, doing, named, planned, system, written

from workbook.artifacts import build, build_kind
from workbook.brief import BriefError, examples, load, loads
from workbook.catalog import loader
from workbook.plan import Plan, derive
from workbook.plan.naming import Space, longest_field, longest_name, same, shortened
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


def test_f10_good_names_stay() -> None:
    """Nothing of the examples is renamed."""
    for example in examples():
        plan = derive(load(example))
        assert not [p for p in plan.complete.problems if p.id == "renamed"]
        assert {t.name for t in plan.design.tables if t.entity and not t.purpose} <= set(plan.complete.entities)


def test_f10_a_renamed_thing_is_told() -> None:
    """What could not keep its name is a remark with its path and its new name."""
    plan = planned(named(["xmin", "user_name", "userName"], entity="outbox"))
    told = {p.place: p.what for p in plan.complete.problems if p.id == "renamed"}
    assert told.keys() == {"entities.outbox", "entities.outbox.fields.xmin", "entities.outbox.fields.userName"}
    assert "is called outbox_record" in told["entities.outbox"]
    assert all(p.remedy and p.severity == "info" for p in plan.complete.problems if p.id == "renamed")


# --- the design


@pytest.mark.parametrize("choice", range(len(CHOICES)))
@pytest.mark.parametrize(
    "names", [NAMES[:90], NAMES[90:], tuple(n for g in ALIKE for n in g)], ids=["first", "rest", "alike"]
)
def test_f10_a_design_has_no_name_twice(names: tuple[str, ...], choice: int) -> None:
    """Tables and indexes of a store, columns of a table, ways, topics, consumers, cache entries and files differ, also without case."""
    for plan in (crowd(names, **CHOICES[choice]), doing(names, **CHOICES[choice])):
        kept_apart(plan)


def kept_apart(plan: Plan) -> None:
    """Whatever two things of a design could be taken for each other are called differently."""
    design = plan.design
    for store in design.stores:
        tables = [t for t in design.tables if t.store == store.id]
        there = [*(t.name.lower() for t in tables), *(i.name.lower() for t in tables for i in t.indexes)]
        assert not apart(there)
        assert max(map(len, there), default=0) <= loader.name_rules()["postgresql"].longest + 1
    for table in design.tables:
        assert not apart(c.name.lower() for c in table.columns)
        assert {*table.key, *table.partition} <= {c.name for c in table.columns}
    assert not apart((e.method, re.sub(r"\{\w+\}", "{}", e.path)) for e in design.endpoints)
    assert not apart(t.name for t in design.topics)
    assert not apart(t.event for t in design.topics)
    assert not apart(g for t in design.topics for g, _ in t.groups if "-" not in g)
    assert not apart(c.id.lower() for c in design.caches)
    assert not apart(c.key for c in design.caches)
    assert not apart(b.id for b in design.components)
    assert not apart(s.id.lower() for s in (*design.services, *design.stores))
    paths = [a.path.lower() for a in build(plan) if a.path]
    assert not apart(paths)
    assert max(len(part) for p in paths for part in p.split("/")) <= 255


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


@pytest.mark.parametrize(
    ("name", "table"),
    [("outbox", "outbox_record"), ("processed_event", "processed_event_record"), ("idempotency_key", "idempotency_key_record"),
     ("order", "order"), ("None", "None")],
)  # fmt: skip
def test_f10_tables_of_the_system_keep_their_names(name: str, table: str) -> None:
    """An entity called like one of them has another table."""
    plan = planned({**named(["a"], entity=name), "choices": {"database": "postgresql"}})
    assert [t.name for t in plan.design.tables if t.entity == name and not t.inbox] == [table]
    assert not apart(t.name for t in plan.design.tables)


@pytest.mark.parametrize(("said", "fields", "column", "kind"), ADDED, ids=[a[0] for a in ADDED])
def test_f10_what_the_design_adds_takes_no_field_of_another_type(
    said: str, fields: Mapping[str, str], column: str, kind: str
) -> None:
    """A field of the same name but another type stays what it is; the system's own column has another name."""
    values = system(
        {"thing": {"id": "id", **fields}},
        {"put": {"does": "create thing", "rate": "1/s"}, "mend": {"does": "update thing", "rate": "1/s"}},
    )
    values["entities"]["thing"]["consistency"] = "strong"
    plan = planned(values)
    table = next(t for t in plan.design.tables if t.entity == "thing")
    (name,) = fields
    assert (table.column(name).kind, table.column(name).role) == (fields[name], "")
    assert table.column(column).kind == kind
    sets = next(q.sets for q in table.queries if q.access == "update")
    assert column in sets or kind == "time"


def test_f10_fields_of_a_file_take_no_column_of_the_system_s() -> None:
    """A file's own `checksum` of the right type is used, one of another type stands beside the system's."""
    values = system(
        {"file": {"id": "id", "checksum": "bool", "byte_size": "int", "object_key": "time"}},
        {"send": {"does": "upload file", "rate": "1/s"}, "get": {"does": "download file", "rate": "1/s"}},
    )
    (table,) = [t for t in planned(values).design.tables if t.entity == "file"]
    names = [c.name for c in table.columns]
    assert not apart(names)
    assert {"checksum_of_row", "object_key_of_row", "byte_size"} <= set(names)
    assert "byte_size_of_row" not in names


def test_f10_an_inbox_of_the_brief_is_no_inbox_of_the_design() -> None:
    """An entity called `mail_inbox` is an ordinary one; one called like the design's inbox has another table."""
    values = system(
        {"mail": {"id": "id", "origin": "string 20", "recipient": "ref mail_inbox", "at": "time"}, "mail_inbox": {"id": "id", "owner": "string 20"}},
        {"put": {"does": "create mail", "rate": "10/s", "fan_out": 50, "priority": "P0"}, "see": {"does": "list mail", "rate": "50/s"},
         "open_inbox": {"does": "create mail_inbox", "rate": "1/s"}},
        fan_out="fan_out_on_write", database="postgresql",
    )  # fmt: skip
    values["entities"]["mail"]["key"] = ["origin", "id"]
    plan = planned(values)
    inbox = [t for t in plan.design.tables if t.inbox]
    assert [t.name for t in inbox] == ["mail_inbox"]
    assert [t.name for t in plan.design.tables if t.entity == "mail_inbox"] == ["mail_inbox_record"]
    assert not apart(c.name for c in inbox[0].columns)
    build(plan)


def test_f10_an_integration_is_no_part_of_the_system() -> None:
    """One called `cache` has a box of its own in the picture."""
    values = named(["a"])
    values["integrations"] = {
        n: {"does": "answers", "operations": ["put"]} for n in ("cache", "client", "messaging", "gateway")
    }
    plan = planned(values)
    assert not apart(b.id for b in plan.design.components)
    boxes = {b.id for b in plan.design.components}
    assert all({h.source, h.target} <= boxes | {"cache"} for f in plan.design.flows for h in f.hops)


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
    assert len(planned(system({"thing": most}, operations)).design.tables[0].columns) > most_fields()


def test_f10_an_index_takes_no_more_than_sixteen() -> None:
    """More columns in a key are refused."""
    values = named([f"f{i}" for i in range(20)])
    values["entities"]["thing"]["key"] = [f"f{i}" for i in range(17)]
    with pytest.raises(BriefError, match="an index takes at most 16"):
        planned(values)


def test_f10_the_longest_names_fit_everywhere() -> None:
    """Also with what is added to them."""
    assert longest_name() + len("_inbox") < min(r.longest for r in loader.name_rules().values())
    assert longest_field() + len("latest_") < min(r.longest for r in loader.name_rules().values() if r.most_columns)


def test_f10_a_field_called_like_a_part_of_a_cache_key_is_itself() -> None:
    """`hash`, `version`, `cursor` and `member` of the brief are filled with the row's own values."""
    values = named(["hash", "version", "cursor", "member"], cache="memcached", language="python")
    plan = planned(values)
    (text,) = [a.text for a in build_kind(plan, "cache") if "page" in a.subject]
    assert "thing:page:sample%20hash:sample%20version:sample%20cursor:sample%20member:v1:first" in text
    service = next(a.text for a in build_kind(plan, "service"))
    compile(service, "service.py", "exec")
    assert "{hash_}" in service or "{hash}" in service
