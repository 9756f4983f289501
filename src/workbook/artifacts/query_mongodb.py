"""One command of MongoDB's shell for each operation on each collection, with the sample row's values put in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.artifacts.base import Artifact
from workbook.artifacts.mongodb_text import after, database, document, field, literals
from workbook.artifacts.sql_text import next_value, row_of, version_of
from workbook.artifacts.writing import mongodb as js
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan
from workbook.plan.design.model import Query, Table

KIND = "query"
DIALECTS = ("mongodb",)
NEAR_METRES = 5000


def make(plan: Plan) -> Iterable[Artifact]:
    """Reads and writes of every collection; pages also with the command of page two."""
    for store in plan.design.stores:
        if store.role != "database" or store.technology.dialect not in DIALECTS:
            continue
        for table in (t for t in plan.design.tables if t.store == store.id):
            values = literals(table, row_of(plan, table))
            made: dict[str, tuple[str, str]] = {}
            for query in table.queries:
                title = f"{query.operation.replace('_', ' ').capitalize()}: {query.access} on {table.name}"
                made.setdefault(statement(table, query, values), (query.operation, title))
            if not table.queries:
                made[f"{insert(table, values)}\n{_home(table)}.find({document(table, values, table.key)});"] = (
                    "insert",
                    f"Write and read of {table.name}",
                )
            for text, (subject, title) in made.items():
                text = f"db = db.getSiblingDB({js.string(database(store))});\n{text}"
                path = f"queries/{file(store.id)}/{file(table.name)}.{file(plan.complete.names.operation(subject))}.mongodb.js"
                yield Artifact(
                    kind=KIND,
                    subject=f"{table.name}.{subject}",
                    title=title,
                    path=path,
                    language="javascript",
                    text=text,
                    dialect="mongodb",
                )


def _home(table: Table) -> str:
    return js.collection(table.name)


def statement(table: Table, query: Query, values: Mapping[str, str]) -> str:
    """The command of one access."""
    home, given = _home(table), document(table, values, query.equals)
    also = f", {given[2:-2]}" if query.equals else ""
    if query.access == "insert":
        return insert(table, values)
    if query.access == "update":
        return _update(table, query, values)
    if query.access == "delete":
        return f"{home}.deleteOne({given});"
    if query.access == "point":
        return f"{home}.find({given});"
    if query.access == "aggregate":
        return f"{home}.aggregate([\n  {{ $match: {given} }},\n  {{ $group: {{ _id: null, rows: {{ $sum: 1 }}{_sums(table, query)} }} }},\n]);"
    if query.access == "search":
        return f'{home}.find({{ $text: {{ $search: "sample" }}{also} }}).limit({query.limit});'
    if query.access == "near":
        place = query.text[0]
        return f"{home}.find({{ {place}: {{ $near: {{ $geometry: {values[place]}, $maxDistance: {NEAR_METRES} }} }}{also} }}).limit({query.limit});"
    tail = f".sort({{ {', '.join(f'{field(table, c)}: {-1 if query.descending else 1}' for c in query.order)} }}).limit({query.limit});"
    where = ", ".join(
        filter(None, (given[2:-2] if query.equals else "", after(table, query.order, values, query.descending)))
    )
    return f"{home}.find({given}){tail}\n// page two: after the last document of page one\n{home}.find({{ {where} }}){tail}"


def insert(table: Table, values: Mapping[str, str]) -> str:
    """The sample document; a repeat changes nothing."""
    rest = [c.name for c in table.columns if c.name not in table.key]
    put = document(table, values, rest)
    return f"{_home(table)}.updateOne(\n  {document(table, values, table.key)},\n  {{ $setOnInsert: {put} }},\n  {{ upsert: true }},\n);"


def _update(table: Table, query: Query, values: Mapping[str, str]) -> str:
    raised = {c: "NumberLong(1)" for c in query.sets if table.column(c).kind in ("int", "decimal", "money")}
    dated = {c: "true" for c in query.sets if table.column(c).role == "changed"}
    put = {}
    for column in query.sets:
        if column not in raised and column not in dated:
            found = table.column(column)
            put[column] = js.string(next_value(found, query.operation)) if found.values else values[column]
    parts = [
        f"{verb}: {document(table, fields, fields)}"
        for verb, fields in (("$set", put), ("$inc", raised), ("$currentDate", dated))
        if fields
    ]
    version = version_of(table, query)
    locked = (*query.equals, version) if version in raised else query.equals
    return f"{_home(table)}.updateOne(\n  {document(table, values, locked)},\n  {{ {', '.join(parts)} }},\n);"


def _sums(table: Table, query: Query) -> str:
    numeric = [
        c.name
        for c in table.columns
        if c.kind in ("int", "decimal", "money") and c.name not in query.equals and c.role != "version"
    ]
    latest = next((c for c in query.order if c not in query.equals), "")
    return "".join(f', {c}_sum: {{ $sum: "${c}" }}' for c in numeric[:2]) + (
        f', latest_{latest}: {{ $max: "${latest}" }}' if latest else ""
    )
