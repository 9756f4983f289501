"""Adds steps to an operation without replacing what others wrote: before all, inside what is done together, before the answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workbook.brief.steps import show
from workbook.brief.steps.syntax import Each, Line, Node, Pair, Path, Together, Try, Value, Verb, When, lines
from workbook.plan.form.verbs import LISTS, READS, WRITES

ROW = "row"
"""In additions to everybody who plays a role: what the operation works on."""


def add(
    nodes: tuple[Node, ...], phases: Mapping[str, tuple[Node, ...]], rows: Mapping[str, Mapping[str, str]]
) -> tuple[Node, ...]:
    """The steps of an operation with additions in each phase. `rows` says what `row` may be (see Additions)."""
    row = _row(nodes, rows)
    made = {phase: tuple(_written(n, row, rows) for n in added) for phase, added in phases.items()}
    made = {phase: tuple(n for n in added if not _there(n, nodes)) for phase, added in made.items()}
    inside = (made.get("first", ()), made.get("last", ()))
    if any(inside):
        nodes = _together(nodes, *inside)
    if made.get("tell"):
        nodes = _before_answers(nodes, made["tell"])
    return (*made.get("guard", ()), *nodes)


def _there(added: Node, nodes: tuple[Node, ...]) -> bool:
    """Whether an operation writes already what would be added to a log."""
    if not isinstance(added, Line) or added.verb is not Verb.APPEND:
        return False
    return any(one.verb is Verb.APPEND and one.target == added.target for one in lines(nodes))


def _row(nodes: tuple[Node, ...], rows: Mapping[str, Mapping[str, str]]) -> Line | None:
    """What an operation works on: its first write of one of the rows, else what it reads last."""
    on_rows = (one for one in lines(nodes) if one.verb in READS or one.verb in WRITES)
    known = [one for one in on_rows if one.target.parts[0] in rows]
    writes = [one for one in known if one.verb in WRITES]
    return next(iter(writes), known[-1] if known else None)


def _written(node: Node, row: Line | None, rows: Mapping[str, Mapping[str, str]]) -> Node:
    """`row.F` becomes the field of what the operation works on."""
    if row is None or not isinstance(node, Line):
        return node
    sets = tuple(_pair(p, row, rows) for p in node.sets)
    made = replace(node, sets=sets, by=tuple(_pair(p, row, rows) for p in node.by))
    return replace(made, text=show.line(made))


def _pair(pair: Pair, row: Line, rows: Mapping[str, Mapping[str, str]]) -> Pair:
    value = pair.value
    if not isinstance(value, Path) or value.parts[0] != ROW:
        return pair
    return Pair(pair.field, _value(value.parts[1] if len(value.parts) > 1 else "", row, rows))


def _value(word: str, row: Line, rows: Mapping[str, Mapping[str, str]]) -> Value:
    name = row.name or row.target.parts[0]
    field = rows[row.target.parts[0]].get(word, word)
    given = next((p.value for p in row.by if p.field == field and p.value is not None), None)
    if given is not None:
        return given
    inside = Path((name, field)) if field else Path((name,))
    if row.verb in LISTS or any(isinstance(p.value, Each) for p in row.by):
        return Each(inside)
    return inside


def _together(nodes: tuple[Node, ...], first: tuple[Node, ...], last: tuple[Node, ...]) -> tuple[Node, ...]:
    """Additions inside the transaction of the operation; made around its one write, or before the answer, where it has none."""
    for i, node in enumerate(nodes):
        if isinstance(node, Together):
            joined = Together((*first, *node.steps, *last))
            return (*nodes[:i], joined, *nodes[i + 1 :])
    for i, node in enumerate(nodes):
        if _is_write(node):
            return (*nodes[:i], Together((*first, node, *last)), *nodes[i + 1 :])
    end = next((i for i, n in enumerate(nodes) if isinstance(n, Line) and n.verb is Verb.ANSWER), len(nodes))
    alone = (*first, *last)
    added: Node = alone[0] if len(alone) == 1 else Together(alone)
    return (*nodes[:end], added, *nodes[end:])


def _is_write(node: Node) -> bool:
    """A step that writes, or a branch that only reads and writes: what may stand inside a transaction."""
    if isinstance(node, When):
        inside = list(lines((node,)))
        return any(o.verb in WRITES for o in inside) and all(o.verb in READS or o.verb in WRITES for o in inside)
    return (isinstance(node, Line) and node.verb in WRITES) or (isinstance(node, Try) and node.step.verb in WRITES)


def _before_answers(nodes: tuple[Node, ...], told: tuple[Node, ...]) -> tuple[Node, ...]:
    """Additions stand before every answer that the operation gives of its own; at its end where it gives none."""
    answered = any(one.verb is Verb.ANSWER for one in lines(nodes))
    if not answered:
        return (*nodes, *told)
    made: list[Node] = []
    for node in nodes:
        if isinstance(node, Line) and node.verb is Verb.ANSWER:
            made += [*told, node]
        elif isinstance(node, When):
            then = replace(node.then, steps=_inside(node.then.steps, told))
            made.append(
                replace(node, then=then, otherwise=replace(node.otherwise, steps=_inside(node.otherwise.steps, told)))
            )
        else:
            made.append(node)
    return tuple(made)


def _inside(nodes: tuple[Node, ...], told: tuple[Node, ...]) -> tuple[Node, ...]:
    answers = any(isinstance(n, Line) and n.verb is Verb.ANSWER for n in nodes)
    return _before_answers(nodes, told) if answers else nodes
