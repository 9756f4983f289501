"""Every reader, compiler and engine takes what is generated from any names."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import compilers
import graphql
import openapi_spec_validator
import pytest
import yaml
from readers import statements, to_mariadb
from systems import ALIKE, CHOICES, EVERY, KEPT, LONG, NAMES, apart, crowd, doing, named, planned, small, system, usual

from workbook.artifacts import Artifact, build, build_kind
from workbook.artifacts.base import generators
from workbook.catalog import loader
from workbook.plan import Plan
from workbook.proof import verify
from workbook.proof.servers import MariaDB, Postgresql


@pytest.mark.parametrize(
    "names", [NAMES[:90], NAMES[90:], tuple(n for g in ALIKE for n in g)], ids=["first", "rest", "alike"]
)
@pytest.mark.parametrize("style", ["rest", "graphql", "grpc"])
def test_f10_interfaces_of_any_names_are_valid(names: tuple[str, ...], style: str, tmp_path: Path) -> None:
    """The OpenAPI validator, graphql-core and protoc take them, with every operation in."""
    for number, plan in enumerate(
        (crowd(names, api_style=style), doing(names, api_style=style), planned(named(names[:40], api_style=style)))
    ):
        described = build_kind(plan, "api")
        assert {"rest": "openapi", "graphql": "graphql", "grpc": "grpc"}[style] in {a.subject for a in described}
        for artifact in described:
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


def with_any_names(database: str) -> list[Plan]:
    """Systems whose entities, fields and operations have every hostile name."""
    plans = [small(i, database=database, messaging="outbox") for i in range(len(NAMES))]
    plans += [
        crowd(tuple(n for g in ALIKE for n in g), database=database),
        crowd(NAMES[:90], database=database),
    ]
    plans += [doing(NAMES[:90], database=database), planned(named(NAMES[:100], database=database))]
    long = [f"{LONG}_{i}" for i in range(12)]
    plans += [planned(named(long, database=database, entity=LONG, operation=LONG + "_x"))]
    for field, (_, kind) in KEPT.items():
        values = system(
            {"thing": {"id": "id", field: kind}},
            {"put": {"does": "create thing", "rate": "1/s", "idempotent": True}, "mend": {"does": "update thing", "rate": "1/s"},
             "see": {"does": "list thing", "rate": "1/s"}, "sum": {"does": "aggregate thing", "rate": "1/s"}},
            database=database,
        )  # fmt: skip
        values["entities"]["thing"]["consistency"] = "strong"
        plans.append(planned(values))
    plans.append(usual(0))
    return plans


def test_f10_postgresql_takes_any_names(server: Postgresql) -> None:
    """As tables, columns, keys, indexes and in every statement, with the rows in them."""
    plans = with_any_names("postgresql")
    assert not server.run("postgres", "CREATE DATABASE names;")
    text = "\n".join(s for i, plan in enumerate(plans) for s in statements(plan, i))
    assert not server.run("names", text, 300)


def test_f10_mariadb_takes_any_names(mariadb_here: MariaDB) -> None:
    """In place of MySQL: as tables, columns, keys, indexes and in every statement, with the rows in them."""
    text = "\n".join(s for i, plan in enumerate(with_any_names("mysql")) for s in to_mariadb(plan, f"names_{i}"))
    assert not mariadb_here.run("", text, 300)


LANGUAGES = tuple(sorted({d for m in generators()["service"] for d in m.DIALECTS}))
"""Languages that code is generated in."""


def sources(language: str) -> Iterator[tuple[int, str, str]]:
    """Number, path and text of the programs of every small system."""
    for number in range(len(NAMES)):
        chosen = {**CHOICES[number % len(CHOICES)], "language": language}
        chosen.pop("api_style", None)
        plan = small(number, **chosen)
        for artifact in (*build_kind(plan, "service"), *build_kind(plan, "worker")):
            yield number, artifact.path, artifact.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_f10_code_of_any_names_compiles(language: str, tmp_path: Path) -> None:
    """The language's own compiler, at its strictest, has no word against any file."""
    assert compilers.refused_code(language, sources(language), tmp_path, EVERY) == ""


def test_f10_every_language_has_its_rules() -> None:
    """A table of words for each language that is generated, with its source and date."""
    assert {*LANGUAGES, "postgresql", "graphql", "protobuf", "files"} <= set(loader.name_rules())
    for rules in loader.name_rules().values():
        assert rules.source
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", rules.date)


def test_f10_a_store_with_capitals_in_its_name_is_verified() -> None:
    """`run --verify` makes a database for it and runs everything there."""
    plan = crowd(
        ("Order", "None", "outbox"), database="postgresql", architecture_style="microservices", messaging="outbox"
    )
    assert any(s.id != s.id.lower() for s in plan.design.stores)
    found = verify(plan, [a for a in build(plan) if a.dialect in ("postgresql", "outbox")])
    assert [f"{c.path}: {c.message}" for c in found.failed] == []
