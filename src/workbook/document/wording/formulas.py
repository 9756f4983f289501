"""A number and its formula: the formula prints itself, in words and with its numbers put in."""

from __future__ import annotations

import re

from workbook.document import words as w
from workbook.document.blocks import FormulaLine
from workbook.plan.demand import Demand, graph

_INPUT = re.compile(r"\{(\w+)\}")
_LONG = re.compile(r"[Ss]ource: ([^\n]+?)\.?$", re.MULTILINE)
UNITS = {"B": w.size, "B/day": w.size, "bit/s": w.bits, "1/s": w.rate, "s": w.duration}


def shown(value: float, unit: str) -> str:
    """A value in its unit."""
    return UNITS.get(unit, w.count)(value)


def line(demand: Demand, formula: str, of: str = "") -> FormulaLine:
    """One result: of an operation, of an entity, or a total."""
    function = graph.formulas()[formula]
    told = _INPUT.sub(lambda m: w.words(m[1]), function.shows)
    numbers = _INPUT.sub(lambda m: _number(demand, m[1], of), function.shows)
    source = _LONG.search(function.__doc__ or "")
    about = f"{w.words(of)}: " if of else ""
    return FormulaLine(
        name=f"{about}{w.words(formula)}",
        formula=told,
        numbers=numbers,
        result=shown(_value(demand, formula, of), function.unit),
        source=source[1] if source else "",
    )


def _value(demand: Demand, name: str, of: str) -> float:
    if of in demand.row and graph.formulas()[name].axes == "operations":
        return demand.of_operation(name, of)
    if of in demand.column and graph.formulas()[name].axes == "entities":
        return demand.of_entity(name, of)
    return demand.total(name)


def _number(demand: Demand, name: str, of: str) -> str:
    """An input's number: of the same operation or entity where it has one, else of the whole."""
    for asked, known in ((demand.of_operation, demand.row), (demand.of_entity, demand.column)):
        if of in known:
            try:
                return f"{asked(name, of):,.4g}"
            except (IndexError, KeyError):
                continue
    try:
        return f"{demand.total(name):,.4g}"
    except (IndexError, KeyError, TypeError):
        return w.words(name)
