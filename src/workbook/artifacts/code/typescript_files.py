"""Files in TypeScript: a function an operation, and what they stand on."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import files, names
from workbook.artifacts.code.template import rendered
from workbook.artifacts.code.typescript import BUILT_IN, HELPERS, TypeScript, constant
from workbook.artifacts.code.variables import Kind
from workbook.artifacts.writing import typescript as writing
from workbook.artifacts.writing.text import remark
from workbook.catalog import loader
from workbook.plan import Plan
from workbook.plan.fold.samples import tunable

DIALECT = "typescript"
OWN = ("App", "Connection", "Database", "Outside", "Process", "Store", "Transaction", "moment", "missing")
RESULTS = {Kind.ROW: "Row | undefined", Kind.ROWS: "Row[]", Kind.NUMBER: "number"}
_TYPE_ONLY = ("Answer", "App", "Row")


def reserved() -> frozenset[str]:
    """What no function may be called."""
    words = loader.name_rules()["typescript"].reserved
    return frozenset(n.lower() for n in (*HELPERS, *BUILT_IN, *OWN, *words, "routes", "support"))


def operations(plan: Plan, *, asked: bool) -> Iterator[Artifact]:
    """A file for each operation of the service, or of the worker."""
    for name, made in files.written(plan, TypeScript, reserved()).items():
        if files.asked(plan.world.programs[name]) is asked:
            yield files.artifact(plan, name, names.file(made.name, "ts"), DIALECT, text(plan, name))


def text(plan: Plan, operation: str) -> str:
    """One file."""
    made = files.written(plan, TypeScript, reserved())[operation]
    used = files.used(made, "//")
    imported = [f"type {h}" for h in _TYPE_ONLY if h in used.words]
    imported += [h for h in (*HELPERS, "missing") if h in used.called and h not in _TYPE_ONLY]
    lines = [f"// {remark(files.head(plan, operation))}", ""]
    lines += [f'import {{ {", ".join(imported)} }} from "./support.js";', ""]
    tuned = [n for n in files.constants(plan, operation) if constant(n) in used.words]
    lines += [f"const {constant(n)} = {tunable(plan.world.form.tunables.get(n)):.15g};" for n in tuned]
    lines += [f"const {name} = `\n{_quoted(statement)}\n`;" for name, statement in made.constants.items()]
    return "\n".join([*lines, "", *made.lines, ""]).replace("\n\n\n", "\n\n")


def _quoted(statement: str) -> str:
    return statement.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")


def support(plan: Plan) -> Artifact:
    """What all of them stand on."""
    made = files.written(plan, TypeScript, reserved())
    ports = [(names.camel(method), RESULTS[kind]) for method, kind in files.ports(made)]
    parts = [(writing.identifier(names.camel(p.name)), "Database" if p.sql else "Store") for p in files.parts(plan)]
    ports = ports or [("get", RESULTS[Kind.ROW])]
    system = remark(plan.complete.model.system)
    text = rendered("support.ts.j2", system=system, ports=ports, parts=parts)
    return files.shared("support", "What the operations stand on", "service/support.ts", DIALECT, text)


def routes(plan: Plan) -> Artifact:
    """Which call comes to which operation, and what starts the others."""
    written = {n: w.name for n, w in files.written(plan, TypeScript, reserved()).items()}
    called = {n: writing.identifier(names.camel(w)) for n, w in written.items()}
    places = {n: names.file(w, "js").removeprefix("service/") for n, w in written.items()}
    lines = ["// Ways in: method and path to operation; and what starts those that nobody calls.", ""]
    lines += [f'import {{ {called[n]} }} from "./{places[n]}";' for n in sorted(written)]
    lines += ['import type { Answer, App, Row } from "./support.js";', ""]
    lines += ["type Asked = (app: App, caller: Row, body: Row) => Promise<Answer>;"]
    lines += ["type Started = (app: App, given: Row) => Promise<Answer>;", ""]
    lines += ["export const ROUTES: Record<string, Asked> = {"]
    lines += [f'  "{way.name}": {called[way.operation]},' for way in files.routes(plan)]
    lines += [f'  "{way.name} {way.about}": {called[way.operation]},' for way in files.held(plan)]
    lines += ["};", "", "export const STARTS: [by: string, about: string, operation: Started][] = ["]
    lines += [f'  ["{way.name}", "{way.about}", {called[way.operation]}],' for way in files.started(plan)]
    return files.shared("routes", "Ways in", "service/routes.ts", DIALECT, "\n".join([*lines, "];", ""]))
