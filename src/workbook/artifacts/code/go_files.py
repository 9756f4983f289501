"""Files in Go: a function an operation, all in one package, and what they stand on."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import files, names
from workbook.artifacts.code.go import HELPERS, OWN, TYPES, Go, constant
from workbook.artifacts.code.layout import align
from workbook.artifacts.code.template import rendered
from workbook.artifacts.writing.text import remark
from workbook.plan import Plan
from workbook.plan.fold.samples import tunable

DIALECT = "go"
BUILDS = frozenset(
    [
        "test",
        "aix",
        "android",
        "darwin",
        "dragonfly",
        "freebsd",
        "hurd",
        "illumos",
        "ios",
        "js",
        "linux",
        "nacl",
        "netbsd",
        "openbsd",
        "plan9",
        "solaris",
        "unix",
        "wasip1",
        "windows",
        "zos",
        "386",
        "amd64",
        "amd64p32",
        "arm",
        "armbe",
        "arm64",
        "arm64be",
        "loong64",
        "mips",
        "mipsle",
        "mips64",
        "mips64le",
        "mips64p32",
        "mips64p32le",
        "ppc",
        "ppc64",
        "ppc64le",
        "riscv",
        "riscv64",
        "s390",
        "s390x",
        "sparc",
        "sparc64",
        "wasm",
    ]
)
"""Endings of files that Go builds for a test or one system only. Source: go/build, `knownOS` and `knownArch`."""
RESERVED = frozenset(
    n.lower() for n in (*OWN, *HELPERS, "order", "missing", "alone", "support", "routes", "init", "main", "tunables")
)


def operations(plan: Plan, *, asked: bool) -> Iterator[Artifact]:
    """A file for each operation of the service, or of the worker."""
    for name, made in files.written(plan, Go, RESERVED).items():
        if files.asked(plan.world.programs[name]) is asked:
            yield files.artifact(plan, name, names.file(_file(made.name), "go"), DIALECT, text(plan, name))


def _file(name: str) -> str:
    return f"{name}_operation" if name.split("_")[-1].lower() in BUILDS else name


def text(plan: Plan, operation: str) -> str:
    """One file."""
    made = files.written(plan, Go, RESERVED)[operation]
    lines = ["package service", ""]
    if "rand" in files.used(made, "//").words:
        lines += ["import (", '\t"context"', '\t"math/rand"', ")", ""]
    else:
        lines += ['import "context"', ""]
    for name, statement in made.constants.items():
        quoted = statement.replace("`", '` + "`" + `')
        lines += [f"const {name} = `", quoted, "`", ""]
    head = remark(files.head(plan, operation))
    lines += [f"// {names.pascal(made.name)}: {head.partition(': ')[2]}", *made.lines, ""]
    return "\n".join(lines)


def support(plan: Plan) -> Artifact:
    """What all of them stand on."""
    made = files.written(plan, Go, RESERVED)
    ports = [(names.pascal(method), TYPES[kind]) for method, kind in files.ports(made)] or [("Get", "Row")]
    system = remark(plan.complete.model.system)
    text = rendered("support.go.j2", system=system, ports=ports, parts=_fields(plan)) + _tunables(plan)
    return files.shared("support", "What the operations stand on", "service/support.go", DIALECT, text)


def _fields(plan: Plan) -> list[str]:
    stores = [(names.pascal(p.name), "*Database" if p.sql else "Store") for p in files.parts(plan)]
    parts = [(n, n) for n in ("Broker", "Sockets", "Outside", "Work", "Queue")]
    every = [*stores, *parts, ("Here", "string"), ("Now", "func() time.Time")]
    longest = max(len(name) for name, _ in every)
    return [f"{name.ljust(longest)} {type_}" for name, type_ in every]


def _tunables(plan: Plan) -> str:
    """Numbers that may be tuned, once for the whole package."""
    used = {n for operation in plan.world.programs for n in files.constants(plan, operation)}
    made = {constant(n): tunable(plan.world.form.tunables.get(n)) for n in sorted(used)}
    if not made:
        return ""
    lines = [f"const {name} = {value:.15g}" for name, value in made.items()]
    return "\n".join(["", "// What may be tuned.", *lines, ""])


def routes(plan: Plan) -> Artifact:
    """Which call comes to which operation, and what starts the others."""
    called = {n: names.pascal(w.name) for n, w in files.written(plan, Go, RESERVED).items()}
    ways = [[f'"{way.name}": {called[way.operation]}'] for way in files.routes(plan)]
    ways += [[f'"{way.name} {way.about}": {called[way.operation]}'] for way in files.held(plan)]
    starts = [f"\t{{{_started(plan, way, called[way.operation])}}}," for way in files.started(plan)]
    lonely = any("alone(" in line for line in starts)
    lines = ["package service", "", *(['import "context"', ""] if lonely else [])]
    lines += ["// Routes tells which call comes to which operation."]
    lines += _literal("var Routes = map[string]Operation", [f"\t{head}{rest[0]}," for head, rest in align(ways)])
    lines += ["", "// Starts tells what starts the operations that nobody calls."]
    lines += _literal("var Starts = []Start", starts)
    if lonely:
        lines += ["", "func alone(operation func(context.Context, *App) (Answer, error)) Started {"]
        lines += [
            "\treturn func(ctx context.Context, app *App, _ Row) (Answer, error) { return operation(ctx, app) }",
            "}",
        ]
    return files.shared("routes", "Ways in", "service/routes.go", DIALECT, "\n".join([*lines, ""]))


def _literal(head: str, elements: list[str]) -> list[str]:
    return [f"{head}{{", *elements, "}"] if elements else [f"{head}{{}}"]


def _started(plan: Plan, way: files.Way, name: str) -> str:
    start = plan.world.programs[way.operation].operation.starts
    run = f"alone({name})" if start.kind.value == "every" and not start.each else name
    return f'"{way.name}", "{way.about}", {run}'
