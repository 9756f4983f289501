"""Files in Java: a class an operation, and what they stand on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import files, names
from workbook.artifacts.code.java import HELPERS, ROW, Java, constant
from workbook.artifacts.code.template import rendered
from workbook.artifacts.code.variables import Kind
from workbook.artifacts.writing import java as writing
from workbook.artifacts.writing.text import remark
from workbook.plan import Plan
from workbook.plan.fold.samples import tunable

DIALECT = "java"
NESTED = (
    *("App", "Broker", "Database", "Operation", "Outcome", "Outside", "Queue", "Refused", "Sockets", "Start"),
    *("Started", "Store", "Transaction", "Tried", "Unknown", "Work"),
)
OF_JAVA = (
    *("ArrayList", "Boolean", "Byte", "Character", "Class", "Comparable", "Double", "Enum", "Error", "Exception"),
    *("Float", "Integer", "Iterable", "LinkedHashMap", "List", "Long", "Map", "Math", "Module", "Number", "Object"),
    *("Override", "Package", "Process", "Record", "Runnable", "Runtime", "SQLException", "Short", "String"),
    *("System", "Thread", "Throwable", "Void"),
)
RESERVED = frozenset(n.lower() for n in (*NESTED, *OF_JAVA, "Support", "Routes"))
IMPORTS = {"ArrayList": "java.util.ArrayList", "List": "java.util.List", "Map": "java.util.Map"}
RESULTS = {Kind.ROW: ROW, Kind.ROWS: f"List<{ROW}>", Kind.NUMBER: "long"}


def operations(plan: Plan, *, asked: bool) -> Iterator[Artifact]:
    """A file for each operation of the service, or of the worker."""
    for name, made in files.written(plan, Java, RESERVED).items():
        if files.asked(plan.world.programs[name]) is asked:
            path = names.file(names.pascal(made.name), "java")
            yield files.artifact(plan, name, path, DIALECT, text(plan, name))


def text(plan: Plan, operation: str) -> str:
    """One file."""
    made = files.written(plan, Java, RESERVED)[operation]
    used = files.used(made, "//")
    name = names.pascal(made.name)
    lines = ["package service;", ""]
    nested = [f"import service.Support.{n};" for n in NESTED if n in used.words]
    lines += [f"import static service.Support.{n};" for n in HELPERS if n in used.called]
    lines += ["", *nested, "import java.sql.SQLException;"]
    lines += [f"import {where};" for short, where in IMPORTS.items() if short in used.words]
    lines += ["", f"/** {remark(files.head(plan, operation))} */", f"final class {name} {{"]
    for tuned in files.constants(plan, operation):
        if constant(tuned) in used.words:
            lines.append(
                f"    static final double {constant(tuned)} = {tunable(plan.world.form.tunables.get(tuned))!r};"
            )
    for known, statement in made.constants.items():
        lines += [
            f'    static final String {known} = """',
            *(f"        {line}" for line in block(statement)),
            '        """;',
            "",
        ]
    lines += [f"    private {name}() {{}}", "", *made.lines, "}", ""]
    return "\n".join(lines)


def block(statement: str) -> Iterable[str]:
    """A statement as the lines of a text block."""
    return statement.replace("\\", "\\\\").replace('"""', '\\"""').splitlines()


def support(plan: Plan) -> Artifact:
    """What all of them stand on."""
    made = files.written(plan, Java, RESERVED)
    ports = [(names.camel(method), RESULTS[kind]) for method, kind in files.ports(made)]
    parts = [("Database" if p.sql else "Store", writing.identifier(names.camel(p.name))) for p in files.parts(plan)]
    ports = ports or [("get", ROW)]
    system = remark(plan.complete.model.system)
    text = rendered("support.java.j2", system=system, ports=ports, parts=parts)
    return files.shared("support", "What the operations stand on", "service/Support.java", DIALECT, text)


def routes(plan: Plan) -> Artifact:
    """Which call comes to which operation, and what starts the others."""
    called = {n: names.pascal(w.name) for n, w in files.written(plan, Java, RESERVED).items()}
    ways = [f'        Map.entry("{w.name}", {called[w.operation]}::run)' for w in files.routes(plan)]
    held = [f'        Map.entry("{w.name} {w.about}", {called[w.operation]}::run)' for w in files.held(plan)]
    starts = [f"        new Start({_started(plan, w, called[w.operation])})" for w in files.started(plan)]
    lines = ["package service;", "", "import service.Support.Operation;", "import service.Support.Start;"]
    lines += ["import java.util.List;", "import java.util.Map;", ""]
    lines += ["/** Ways in: method and path to operation; and what starts those that nobody calls. */"]
    lines += ["final class Routes {", "    static final Map<String, Operation> ROUTES = Map.ofEntries("]
    lines += [",\n".join((*ways, *held)) + ");", "", "    static final List<Start> STARTS = List.of("]
    lines += [",\n".join(starts) + ");", "", "    private Routes() {}", "}", ""]
    return files.shared("routes", "Ways in", "service/Routes.java", DIALECT, "\n".join(lines))


def _started(plan: Plan, way: files.Way, name: str) -> str:
    start = plan.world.programs[way.operation].operation.starts
    lonely = start.kind.value == "every" and not start.each
    run = f"(app, given) -> {name}.run(app)" if lonely else f"{name}::run"
    return f'"{way.name}", "{way.about}", {run}'
