"""No name of a brief clashes with another, with a word of a language or with what a design adds: it is kept, or renamed for good."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import graphql
import openapi_spec_validator
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from systems import ALIKE, CHOICES, NAMES, named, planned, usual, written

from workbook.artifacts import Artifact, build, build_kind
from workbook.artifacts.code_text import SUFFIX
from workbook.brief import BriefError, examples, load, loads
from workbook.catalog import loader
from workbook.plan import Plan, derive
from workbook.plan.names import Space, longest_field, longest_name, same, shortened
from workbook.plan.storable import most_fields
from workbook.proof.engines.postgresql import _inside, seed
from workbook.proof.servers import Postgresql

LONG = "a_very_long_name_of_a_thing_that_somebody_has_to_remember_and_to_type_every_day"
ROOT = Path(__file__).parents[2]


def apart(names: Any) -> list[str]:
    """Names that stand twice."""
    return [n for n, count in Counter(names).items() if count > 1]


def system(entities: Mapping[str, Mapping[str, str]], operations: Mapping[str, Any], **choices: str) -> dict[str, Any]:
    """A system of entities with fields and operations."""
    return {
        "system": "Names",
        "populations": {"users": {"daily_active": "50k"}},
        "entities": {e: {"fields": dict(f)} for e, f in entities.items()},
        "operations": operations,
        "choices": choices,
    }


def crowd(names: tuple[str, ...], **choices: str) -> Plan:
    """A system in which each name is an entity that is written and listed."""
    entities = {n: {"id": "id", "owner": "ref " + n, "made_at": "time"} for n in names}
    operations: dict[str, Any] = {
        f"put_{i}": {"does": f"create {n}", "rate": "1/s", "priority": "P0"} for i, n in enumerate(names)
    }
    operations |= {f"list_{i}": {"does": f"list {n}", "rate": "3/s"} for i, n in enumerate(names)}
    return planned(system(entities, operations, **choices))


def doing(names: tuple[str, ...], **choices: str) -> Plan:
    """A system in which each name is an operation."""
    verbs = ("create", "list", "update", "delete", "search", "aggregate", "read")
    operations = {n: {"does": f"{verbs[i % len(verbs)]} thing", "rate": "1/s"} for i, n in enumerate(names)}
    return planned(system({"thing": {"id": "id", "title": "string 40", "made_at": "time"}}, operations, **choices))


@cache
def small(number: int, **choices: str) -> Plan:
    """A system whose entity, operation and fields have hostile names."""
    rest = [NAMES[(number * 8 + i) % len(NAMES)] for i in range(8)]
    return planned(named(dict.fromkeys(rest), NAMES[(number + 80) % len(NAMES)], NAMES[number], **choices))


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


ADDED = (
    ("version: text", {"version": "text"}, "version_of_row", "int"),
    ("updated_at: bool", {"updated_at": "bool"}, "updated_at_of_row", "time"),
    ("created_at: int", {"created_at": "int"}, "created_at_of_row", "time"),
)


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


# --- by their readers


@pytest.mark.parametrize(
    "names", [NAMES[:90], NAMES[90:], tuple(n for g in ALIKE for n in g)], ids=["first", "rest", "alike"]
)
@pytest.mark.parametrize("style", ["rest", "graphql", "grpc"])
def test_f10_interfaces_of_any_names_are_valid(names: tuple[str, ...], style: str, tmp_path: Path) -> None:
    """The OpenAPI validator, graphql-core and protoc take them, with every operation in."""
    for number, plan in enumerate(
        (crowd(names, api_style=style), doing(names, api_style=style), planned(named(names[:40], api_style=style)))
    ):
        for artifact in build_kind(plan, "api"):
            if artifact.subject == "openapi":
                document = yaml.load(artifact.text, Loader=yaml.CSafeLoader)
                if number:
                    openapi_spec_validator.validate(document)
                there = {o["operationId"] for ways in document["paths"].values() for o in ways.values()}
                assert there == {e.operation for e in plan.design.endpoints}
                assert len(document["components"]["schemas"]) == 2 + len(
                    {plan.complete.operations[o].entity for o in there}
                )
            elif artifact.subject == "graphql":
                assert not graphql.validate_schema(graphql.build_schema(artifact.text))
            else:
                compiled(artifact, tmp_path)


def compiled(artifact: Artifact, folder: Path) -> None:
    """Lets protoc read a file."""
    from grpc_tools import protoc

    (folder / "service.proto").write_text(artifact.text, encoding="utf-8")
    common = str(Path(protoc.__file__).parent / "_proto")
    arguments = [f"-I{folder}", f"-I{common}", f"--python_out={folder}", "service.proto"]
    done = subprocess.run(
        [sys.executable, "-m", "grpc_tools.protoc", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    for made in folder.glob("*_pb2.py"):
        compile(made.read_text(encoding="utf-8"), made.name, "exec")


def test_f10_events_and_alerts_of_any_names_are_read() -> None:
    """Schemas are JSON, rules are YAML, each alert has a name of its own."""
    for plan in (crowd(NAMES[:90]), doing(NAMES[:90]), crowd(NAMES[90:])):
        for artifact in build(plan):
            if artifact.kind == "event_schema":
                json.loads(artifact.text)
            if artifact.kind == "alerts":
                rules = [r for g in yaml.safe_load(artifact.text)["groups"] for r in g["rules"]]
                assert not apart(r["alert"] for r in rules if "alert" in r)
                assert all(re.fullmatch(r"[A-Za-z_]\w*", r["alert"]) for r in rules if "alert" in r)


def statements(plan: Plan, number: int) -> Iterator[str]:
    """Everything that PostgreSQL is given of a plan, in a schema of its own for each store."""
    artifacts = [a for a in build(plan) if a.dialect == "postgresql" or (a.dialect == "outbox" and a.text)]
    for store in plan.design.stores:
        mine = [a for a in artifacts if a.path.split("/")[1].split(".")[0] == store.id]
        if mine:
            space = f"s{number}_{len(store.id)}_{abs(hash(store.id)) % 10**9}"
            yield f"CREATE SCHEMA {space}; SET search_path TO {space};"
            for artifact in sorted(mine, key=lambda a: a.kind != "schema"):
                if artifact.kind == "schema":
                    yield artifact.text
                    yield seed(plan, store.id)
                else:
                    yield f"BEGIN;\n{_inside(artifact.text)}\nROLLBACK;"


def test_f10_postgresql_takes_any_names(database_server: Postgresql) -> None:
    """As tables, columns, keys, indexes and in every statement, with the rows in them."""
    plans = [small(i, database="postgresql", messaging="outbox") for i in range(len(NAMES))]
    plans += [
        crowd(tuple(n for g in ALIKE for n in g), database="postgresql"),
        crowd(NAMES[:90], database="postgresql"),
    ]
    plans += [doing(NAMES[:90], database="postgresql"), planned(named(NAMES[:100], database="postgresql"))]
    long = [f"{LONG}_{i}" for i in range(12)]
    plans += [planned(named(long, database="postgresql", entity=LONG, operation=LONG + "_x"))]
    for _, fields, _, _ in ADDED:
        values = system(
            {"thing": {"id": "id", **fields}},
            {"put": {"does": "create thing", "rate": "1/s", "idempotent": True}, "mend": {"does": "update thing", "rate": "1/s"},
             "see": {"does": "list thing", "rate": "1/s"}, "sum": {"does": "aggregate thing", "rate": "1/s"}},
            database="postgresql",
        )  # fmt: skip
        values["entities"]["thing"]["consistency"] = "strong"
        plans.append(planned(values))
    plans.append(usual(0))
    assert not database_server.run("postgres", "CREATE DATABASE names;")
    text = "\n".join(s for i, plan in enumerate(plans) for s in statements(plan, i))
    assert not database_server.run("names", text, 300)


def sources(language: str) -> Iterator[tuple[int, str, str]]:
    """Number, path and text of the programs of every small system."""
    products = [c for c in CHOICES if c["database"] != "dynamodb"]
    for number in range(len(NAMES)):
        chosen = {**products[number % len(products)], "language": language}
        chosen.pop("api_style", None)
        plan = small(number, **chosen)
        for kind in ("worker", "service"):
            for artifact in build_kind(plan, kind):
                yield number, artifact.path.removeprefix("code/"), artifact.text


def saved(language: str, folder: Path) -> list[Path]:
    """The programs as files, each system in a folder of its own."""
    made = []
    for number, name, text in sources(language):
        path = folder / f"c{number}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"package c{number};\n{text}" if language == "java" else text, encoding="utf-8")
        made.append(path)
    assert len(made) == 2 * len(NAMES)
    return made


def ran(command: list[str], folder: Path, **environment: str) -> str:
    """What a compiler says against it."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=600, check=False, env={**os.environ, **environment}
    )
    return "" if done.returncode == 0 else (done.stdout + done.stderr)[-4000:]


def said(program: str) -> str:
    """Which version a program is."""
    done = subprocess.run([program, "version"], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout


def test_f10_python_of_any_names_compiles(tmp_path: Path) -> None:
    """Each file is Python and has no error of types."""
    paths = saved("python", tmp_path)
    for path in paths:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")
    if importlib.util.find_spec("mypy"):
        flat = tmp_path / "flat"
        flat.mkdir()
        names = [shutil.copy(p, flat / f"{p.parent.name}_{p.name}").name for p in paths]
        assert not ran([sys.executable, "-m", "mypy", "--strict", "--no-incremental", *names], flat)


def test_f10_java_of_any_names_compiles(tmp_path: Path) -> None:
    """javac takes every file."""
    if not shutil.which("javac"):
        pytest.skip("not run: needs javac")
    paths = [str(p) for p in saved("java", tmp_path)]
    assert not ran(
        ["javac", "--release", "17", "-Xlint:all", "-Xlint:-serial", "-Werror", "-d", str(tmp_path / "out"), *paths],
        tmp_path,
    )


def test_f10_typescript_of_any_names_compiles(tmp_path: Path) -> None:
    """The TypeScript compiler takes every file in its strict mode."""
    compiler = shutil.which("tsc") or str(ROOT / ".work" / "node" / "node_modules" / "typescript" / "bin" / "tsc")
    if not Path(compiler).exists() or not shutil.which("node"):
        pytest.skip("not run: needs typescript")
    paths = [str(p) for p in saved("typescript", tmp_path)]
    strict = ["--strict", "--noUncheckedIndexedAccess", "--noUnusedLocals", "--target", "es2023", "--module", "es2022"]
    command = [compiler] if shutil.which("tsc") else ["node", compiler]
    assert not ran([*command, "--noEmit", *strict, "--moduleDetection", "force", *paths], tmp_path)


def test_f10_go_of_any_names_compiles(tmp_path: Path) -> None:
    """go vet takes every package, and gofmt would change nothing."""
    kept = [str(p) for p in (ROOT / ".work" / "go").glob("**/bin/go")]
    go = next((g for g in (*kept, shutil.which("go")) if g and "go1." in said(g)), None)
    if go is None:
        pytest.skip("not run: needs go 1.22 or newer")
    saved("go", tmp_path)
    (tmp_path / "go.mod").write_text("module generated\n\ngo 1.22\n", encoding="utf-8")
    offline = {
        "GOFLAGS": "-mod=mod",
        "GOTOOLCHAIN": "local",
        "GOPROXY": "off",
        "GOCACHE": str(ROOT / ".work" / "gocache"),
    }
    assert not ran([go, "vet", "./..."], tmp_path, **offline)
    root = subprocess.run([go, "env", "GOROOT"], capture_output=True, text=True, timeout=60, check=True).stdout.strip()
    gofmt = shutil.which("gofmt") or f"{root}/bin/gofmt"
    if Path(gofmt).exists():
        done = subprocess.run([gofmt, "-l", "."], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout == ""


def test_f10_every_language_has_its_rules() -> None:
    """A table of words for each language that is generated, with its source and date."""
    assert set(SUFFIX) | {"postgresql", "mysql", "cql", "mongodb", "graphql", "protobuf", "rust", "files"} <= set(
        loader.name_rules()
    )
    for rules in loader.name_rules().values():
        assert rules.source
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", rules.date)
