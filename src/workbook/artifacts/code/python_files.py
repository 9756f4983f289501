"""Files in Python: an operation each, and what they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import files
from workbook.artifacts.code.python import Python
from workbook.artifacts.code.template import rendered
from workbook.plan import Plan
from workbook.plan.fold.samples import tunable

DIALECT = "python"
HELPERS = (
    "Answer",
    "App",
    "Refused",
    "Row",
    "batches",
    "digest",
    "later",
    "listed",
    "moment",
    "seconds_between",
    "span",
    "tried",
    "without",
)
_WORD = re.compile(r"\w+")


def operations(plan: Plan, *, asked: bool) -> Iterator[Artifact]:
    """A file for each operation of the service, or of the worker."""
    for name in files.written(plan, Python):
        if files.asked(plan.world.programs[name]) is asked:
            kind = "service" if asked else "worker"
            title = f"{name.replace('_', ' ').capitalize()} in Python"
            yield Artifact(
                kind=kind,
                subject=name,
                title=title,
                path=f"service/{name}.py",
                language="python",
                text=text(plan, name),
                dialect=DIALECT,
            )


def text(plan: Plan, operation: str) -> str:
    """One file."""
    made = files.written(plan, Python)[operation]
    body = "\n".join(made.lines)
    words = set(_WORD.findall(body))
    lines = [f'"""{_head(plan, operation)}"""', "", "from __future__ import annotations", ""]
    lines += ["import random", ""] if "random" in words else []
    lines += [f"from support import {', '.join(h for h in HELPERS if h in words)}", ""]
    for name in files.constants(plan, operation):
        if name in words:
            lines.append(f"{name} = {tunable(plan.world.form.tunables.get(name)):.15g}")
    lines += [f'{name} = """\n{statement}\n"""' for name, statement in made.constants.items()]
    return "\n".join([*lines, "", "", body, ""])


def _head(plan: Plan, operation: str) -> str:
    starts = plan.world.programs[operation].operation.starts
    on = f" of {starts.on}" if starts.on else ""
    return f"{operation.replace('_', ' ').capitalize()}: starts by {starts.kind.value}{on}."


def support(plan: Plan) -> Artifact:
    """What all of them import."""
    stores = [s.id for s in plan.design.stores]
    return Artifact(
        kind="service",
        subject="support",
        title="What the operations stand on",
        path="service/support.py",
        language="python",
        text=rendered("support.py.j2", system=plan.complete.model.system, stores=stores),
        dialect=DIALECT,
    )


def routes(plan: Plan) -> Artifact:
    """Which call comes to which operation, and what starts the others."""
    endpoints = plan.design.endpoints
    started = [n for n, p in plan.world.programs.items() if not files.asked(p)]
    names = sorted({*(e.operation for e in endpoints), *started})
    lines = [
        '"""Ways in: method and path to operation; and what starts those that nobody calls."""',
        "",
        "from __future__ import annotations",
        "",
    ]
    lines += [f"from {n} import {n}" for n in names]
    lines += ["", "ROUTES = {"]
    lines += [f'    ("{e.method}", "{e.path}"): {e.operation},' for e in endpoints]
    lines += ["}", "STARTS = {"]
    for name in started:
        starts = plan.world.programs[name].operation.starts
        lines.append(f'    "{name}": ("{starts.kind.value}", "{starts.on}", {name}),')
    lines += ["}", ""]
    return Artifact(
        kind="service",
        subject="routes",
        title="Ways in",
        path="service/routes.py",
        language="python",
        text="\n".join(lines),
        dialect=DIALECT,
    )
