"""What does the page say? Fourteen sections of blocks built from a plan; `show` draws them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

from workbook._plugins import modules
from workbook.artifacts.base import generators
from workbook.catalog import loader
from workbook.document.blocks import Section
from workbook.document.page import Page
from workbook.plan import Plan
from workbook.plan.demand import graph
from workbook.plan.passes.engine import passes
from workbook.review.base import checks


@cache
def _sections() -> Mapping[int, ModuleType]:
    """The section modules by number, found by scanning the folder."""
    found: dict[int, ModuleType] = {}
    for info in pkgutil.iter_modules([str(Path(__file__).parent / "sections")]):
        module = importlib.import_module(f"{__package__}.sections.{info.name}")
        if hasattr(module, "NUMBER"):
            if module.NUMBER in found:
                raise RuntimeError(f"two sections have the number {module.NUMBER}")
            found[module.NUMBER] = module
    return dict(sorted(found.items()))


@cache
def _more() -> tuple[ModuleType, ...]:
    """Further subsections: modules with the NUMBER of their section, and `build` of a page and the id that is free there."""
    return tuple(modules(f"{__package__}.subsections", Path(__file__).parent / "subsections", "subsections"))


def section(
    plan: Plan, number: int, proofs: Mapping[str, str] | None = None, page: Page | None = None, flips: bool = False
) -> Section:
    """One of the fourteen sections (0-13). `flips`: with the flip points of its decisions."""
    module, shown = _sections()[number], page or Page(plan, proofs or {}, flips)
    subsections = list(module.build(shown))
    for one in _more():
        if number == one.NUMBER:
            subsections += one.build(shown, f"{number}.{len(subsections) + 1}")
    return Section(number=number, title=module.TITLE, subsections=tuple(subsections))


def numbers() -> tuple[int, ...]:
    """The numbers of the sections."""
    return tuple(_sections())


def build(plan: Plan, proofs: Mapping[str, str] | None = None, flips: bool = False) -> tuple[Section, ...]:
    """All fourteen sections. `proofs` says by path of an artifact which engine accepted it."""
    page = Page(plan, proofs or {}, flips)
    return tuple(section(plan, number, page=page) for number in _sections())


def prepare() -> None:
    """Read, find and compile what no brief changes, for a process that others are forked from: each saves a tenth of a second."""
    from workbook.document.show.as_html import compile_templates

    loader.read_all()
    graph.steps()
    passes()
    generators()
    checks()
    _sections()
    compile_templates()
