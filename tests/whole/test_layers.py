"""The way of the data: imports go one direction, and knowledge stays out of Python."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from workbook.catalog import loader

SRC = Path(__file__).resolve().parents[2] / "src" / "workbook"
ORDER = (
    "_files",
    "_temporary",
    "_door",
    "_printed",
    "_plugins", "prose", "brief", "catalog", "plan.units", "plan.names", "plan.texts", "plan.contexts", "plan.naming", "plan.storable", "plan.removal", "plan.vocabulary", "plan.columns", "plan.references", "plan.complete", "plan.demand", "plan.form", "plan.load", "plan.mechanisms", "plan.capacity", "plan.passes", "plan.fold", "plan.sizing", "plan.operate", "plan.unknown", "plan.left_out",
    "plan.unused", "plan.clashes", "plan.findings", "plan.acceptance", "plan.flips", "plan.plan", "plan", "review", "artifacts", "proof", "guide", "document", "widgets", "run", "book", "_given", "_explained", "cli", "__main__", "",
)  # fmt: skip
"""From what knows nothing to what knows all; the empty name is the package itself, which only hands out the doors."""


def _module(package: str, name: str) -> str:
    """What `from package import name` imports: the module of that name, or the package it is defined in."""
    inside = SRC / "/".join(f"{package}.{name}".split(".")[1:])
    return f"{package}.{name}" if inside.with_suffix(".py").exists() or inside.is_dir() else package


def _place(module: str) -> int:
    parts = module.split(".")
    for end in range(len(parts), 0, -1):
        if ".".join(parts[:end]) in ORDER:
            return ORDER.index(".".join(parts[:end]))
    raise AssertionError(f"{module} has no place in the layers")


def test_imports_go_one_direction() -> None:
    """Every import, also inside functions, goes to the same layer or to one above it in the table."""
    wrong = []
    for path in SRC.rglob("*.py"):
        own = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        if own == "":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [node.module]
                if isinstance(node, ast.ImportFrom) and node.module
                else [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else []
            )
            if isinstance(node, ast.ImportFrom) and names:
                names = [_module(names[0], a.name) for a in node.names]
            for name in names:
                if name and name.startswith("workbook."):
                    target = name.removeprefix("workbook.")
                    if not target.startswith("__version__") and _place(target) > _place(own):
                        wrong.append(f"{own} imports {target}")
    assert sorted(set(wrong)) == []


def test_no_python_file_names_an_archetype_or_capability() -> None:
    """Knowledge is data: no id of an archetype or a capability stands as a string in the package's code."""
    known = {*loader.archetypes(), *loader.capabilities()}
    field_words = {"search", "notification", "counter", "presence", "ledger", "scheduling", "reservation"}
    found = []
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known - field_words:
                found.append(f"{path.relative_to(SRC)}:{node.lineno} {node.value}")
    assert found == []


def test_no_module_is_a_drawer() -> None:
    """No module is named utils, helpers, manager, misc or common, and none is longer than a thousand lines."""
    names = [p for p in SRC.rglob("*.py") if re.fullmatch(r"(utils?|helpers?|managers?|misc|common)", p.stem)]
    long = [p.name for p in SRC.rglob("*.py") if len(p.read_text(encoding="utf-8").splitlines()) > 1000]
    assert names == []
    assert long == []
