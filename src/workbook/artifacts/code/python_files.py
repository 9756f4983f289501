"""Files in Python: an operation each, and what they stand on."""

from __future__ import annotations

import keyword
import sys
from collections.abc import Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.code import files, names
from workbook.artifacts.code.python import BUILT_IN, HELPERS, Python, constant
from workbook.artifacts.code.template import rendered
from workbook.artifacts.writing import python as writing
from workbook.plan import Plan
from workbook.plan.fold.samples import tunable

DIALECT = "python"
RESERVED = frozenset({*HELPERS, *BUILT_IN, *keyword.kwlist, *sys.stdlib_module_names, "app", "routes", "support"})


def operations(plan: Plan, *, asked: bool) -> Iterator[Artifact]:
    """A file for each operation of the service, or of the worker."""
    for name, made in files.written(plan, Python, RESERVED).items():
        if files.asked(plan.world.programs[name]) is asked:
            yield files.artifact(plan, name, names.file(made.name, "py"), DIALECT, text(plan, name))


def text(plan: Plan, operation: str) -> str:
    """One file."""
    made = files.written(plan, Python, RESERVED)[operation]
    body = "\n".join(made.lines)
    words = files.used(made, "#").words
    lines = [f'"""{writing.docstring(files.head(plan, operation))}"""', "", "from __future__ import annotations", ""]
    lines += ["import random", ""] if "random" in words else []
    lines += [f"from support import {', '.join(h for h in HELPERS if h in words)}", ""]
    for name in files.constants(plan, operation):
        if constant(name) in words:
            lines.append(f"{constant(name)} = {tunable(plan.world.form.tunables.get(name)):.15g}")
    lines += [f'{name} = """\n{statement}\n"""' for name, statement in made.constants.items()]
    return "\n".join([*lines, "", "", body, ""])


def support(plan: Plan) -> Artifact:
    """What all of them import."""
    system = writing.docstring(plan.complete.model.system)
    made = rendered("support.py.j2", system=system, stores=[p.name for p in files.parts(plan)])
    return files.shared("support", "What the operations stand on", "service/support.py", DIALECT, made)


def routes(plan: Plan) -> Artifact:
    """Which call comes to which operation, and what starts the others."""
    called = {n: w.name for n, w in files.written(plan, Python, RESERVED).items()}
    functions = sorted(called.values())
    lines = [
        '"""Ways in: method and path to operation; and what starts those that nobody calls."""',
        "",
        "from __future__ import annotations",
        "",
        "from collections.abc import Callable",
        "",
        "from support import Answer",
    ]
    lines += [f"from {n} import {n}" for n in functions]
    lines += ["", "ROUTES: dict[str, Callable[..., Answer]] = {"]
    lines += [f'    "{way.name}": {called[way.operation]},' for way in files.routes(plan)]
    lines += ["}", "STARTS: list[tuple[str, str, Callable[..., Answer]]] = ["]
    lines += [
        f'    ("{way.name}", "{way.about}", {called[way.operation]}),'
        for way in (*files.held(plan), *files.started(plan))
    ]
    return files.shared("routes", "Ways in", "service/routes.py", DIALECT, "\n".join([*lines, "]", ""]))
