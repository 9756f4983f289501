"""Steps by default of verbs that read: read, list, search, download, stream, aggregate."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.model import Operation as Said
from workbook.brief.shapes import Shape
from workbook.brief.steps.parse import line
from workbook.brief.steps.syntax import Node, Start, Starts
from workbook.plan.form.defaults.clauses import asked_by, calls_of_others, noted, paging, rows_clause
from workbook.plan.form.defaults.logical import TEXTS, Logical
from workbook.plan.form.model import Operation, Structure
from workbook.plan.form.structures import index_of


def read(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    fields = said.where or structure.key
    unique = set(fields) >= set(structure.key) or any(set(fields) >= set(u) for u in structure.unique)
    several = said.items is not None and not (len(said.items) == 1 and said.items[0].amount.best == 1)
    if unique and several and not said.where:
        last = structure.key[-1]
        given = [f"{k} = body.{k}" for k in structure.key[:-1]]
        yield line(
            f"get {structure.id} by {' and '.join([*given, f'{last} = each body.{last}'])}{rows_clause(said.items, into)}"
        )
    elif unique:
        yield line(f"get {structure.id}{asked_by(fields, structure, said, into)}")
    else:
        yield line(f"list {structure.id}{asked_by(fields, structure, said, into)}{paging(said, into)}")
    yield from calls_of_others(name, said, into)
    yield from noted(said, structure, into)
    yield line(f"answer {structure.id}")


def list_rows(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    yield line(f"list {structure.id}{scope_of(name, said, structure, into)}{paging(said, into)}")
    yield from calls_of_others(name, said, into)
    yield from noted(said, structure, into)
    yield line(f"answer {structure.id}")


def scope_of(name: str, said: Said, structure: Structure, into: Logical) -> str:
    """Which rows a list is of: what `where` names, else the caller's own. Never everybody's rows of people."""
    if said.where:
        return asked_by(said.where, structure, said, into)
    own = into.caller_field(structure, said)
    if own:
        return f" by {own} = caller"
    people = {n for n, e in into.complete.entities.items() if e.sensitive}
    person = next((f for f, t in structure.fields.items() if t.ref in people), "")
    if not person and not structure.sensitive:
        return ""
    asked = person or structure.key[0]
    into.ask(
        f"operations.{name}.where",
        f"nobody says whose {structure.id} {name} lists; one {asked} a call is taken. Write operations.{name}.where: [{asked}].",
    )
    return asked_by((asked,), structure, said, into)


def search(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    texts = tuple(f for f, t in structure.fields.items() if t.kind in TEXTS)
    places = [f for f, t in structure.fields.items() if t.kind == "geo"]
    if places:
        into.ask(
            f"operations.{name}",
            f"{name} searches by place ({structure.id}.{places[0]}); an index by place is not built yet.",
        )
    if not texts:
        yield line(f"list {structure.id}{asked_by(said.where, structure, said, into)}{paging(said, into)}")
    else:
        index = index_of(
            structure, texts, into.called(f"{structure.id}_search"), into.called(f"rebuild_{structure.id}_search")
        )
        into.structures.setdefault(index.id, index)
        into.operations.setdefault(index.rebuild, _rebuild(structure, index))
        limit = paging(said, into).partition(" rows ")[2]
        yield line(f"search {index.id} for body.query limit {limit or '20'}")
        yield line(f"get {structure.id} by {' and '.join(f'{k} = each {index.id}.{k}' for k in structure.key)}")
    yield from noted(said, structure, into)
    yield line(f"answer {structure.id}")


def _rebuild(structure: Structure, index: Structure) -> Operation:
    keys = " and ".join(f"{k} = each {structure.id}.{k}" for k in index.key)
    sets = " and ".join(f"{t} = each {structure.id}.{t}" for t in index.settings["text"])
    steps = (line(f"scan {structure.id}"), line(f"put {index.id} by {keys} set {sets}"))
    starts = Starts(kind=Start.LOST, on=index.id, text=f"lost {index.id}")
    return Operation(id=index.rebuild, starts=starts, nodes=steps, context=structure.context, added_by=index.added_by)


def fetch(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    direct = " direct" if structure.shape is Shape.OBJECT else ""
    fields = said.where or structure.key
    if said.where and not set(fields) >= set(structure.key):
        yield line(f"list {structure.id}{asked_by(fields, structure, said, into)}{paging(said, into)}")
    else:
        yield line(f"get {structure.id}{asked_by(fields, structure, said, into)}{direct}")
    yield from calls_of_others(name, said, into)
    yield from noted(said, structure, into)
    yield line(f"answer {structure.id}")


def aggregate(name: str, said: Said, structure: Structure, starts: Starts, into: Logical) -> Iterator[Node]:
    asked = asked_by(said.where, structure, said, into)
    if structure.shape in (Shape.COUNTER, Shape.ROLLUP, Shape.SORTED_SET):
        yield line(f"list {structure.id}{asked}{paging(said, into)}")
    elif structure.shape is Shape.SERIES:
        yield line(f"summarise {structure.id}{asked}")
    else:
        yield line(f"count {structure.id}{asked}")
    yield line(f"answer {structure.id}")
