"""Every reader, compiler and engine takes what is generated from any names."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import graphql
import openapi_spec_validator
import pytest
import yaml
from systems import ADDED, ALIKE, CHOICES, LONG, NAMES, apart, crowd, doing, named, planned, small, system, usual

from workbook.artifacts import Artifact, build, build_kind
from workbook.artifacts.code_text import SUFFIX
from workbook.catalog import loader
from workbook.plan import Plan
from workbook.proof import verify
from workbook.proof.engines.postgresql import _inside, seed
from workbook.proof.servers import Postgresql

ROOT = Path(__file__).parents[2]


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


def test_f10_a_store_with_capitals_in_its_name_is_verified() -> None:
    """`run --verify` makes a database for it and runs everything there."""
    plan = crowd(
        ("Order", "None", "outbox"), database="postgresql", architecture_style="microservices", messaging="outbox"
    )
    assert any(s.id != s.id.lower() for s in plan.design.stores)
    found = verify(plan, [a for a in build(plan) if a.dialect in ("postgresql", "outbox")])
    assert [f"{c.path}: {c.message}" for c in found.failed] == []
