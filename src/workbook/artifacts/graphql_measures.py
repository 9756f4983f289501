"""What keeps a graph from asking too much: depth, points for each tier, and one batch for each reference. For its head."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.artifacts.api_text import LARGEST_PAGE, PAGE, home, page_rows, references, system
from workbook.artifacts.writing import cql, graphql, mongodb, sql
from workbook.plan import Plan
from workbook.plan.names import words

LONGEST_CHAIN = 3
"""References that a screen follows one after another (our assumption)."""
Named = Mapping[str, tuple[str, Mapping[str, str]]]
"""Entity -> its type, and for each column that refers the field that follows it."""


def header(plan: Plan, named: Named) -> str:
    """The comment at the head of the schema."""
    lines = [
        f"{system(plan)}: schema of the graph.",
        "",
        *_limits(plan, named),
        "",
        *_loaders(plan, named),
        "",
        *_errors(),
    ]
    return "\n".join(map(graphql.comment, lines))


def loaded(plan: Plan, entity: str) -> dict[str, str]:
    """The references of an entity that are followed: column -> entity."""
    return {c: t for c, t in references(plan, entity).items() if home(plan, t)}


def depth(plan: Plan, named: Named) -> int:
    """Levels of the deepest query that is let in: field, edges, node, a chain of references, its value."""

    def chain(entity: str, seen: tuple[str, ...]) -> int:
        if len(seen) > LONGEST_CHAIN:
            return 0
        return max((1 + chain(t, (*seen, t)) for t in loaded(plan, entity).values() if t not in seen), default=0)

    return 4 + min(LONGEST_CHAIN, max((chain(e, (e,)) for e in named), default=0))


def dearest(plan: Plan) -> int:
    """Points of the dearest query that the design itself needs: a usual page with every direct reference."""
    operations = plan.complete.operations
    pages = [
        page_rows(plan, e) * (1 + len(loaded(plan, operations[e.operation].entity)))
        for e in plan.design.endpoints
        if e.paged
    ]
    return max(pages, default=PAGE)


def _limits(plan: Plan, named: Named) -> list[str]:
    points = dearest(plan)
    rates = {
        n: sum(r.amount.best / r.seconds * 60 / r.per for r in t.limit) for n, t in plan.complete.model.tiers.items()
    }
    lowest = min(rates.values(), default=0.0)
    made = [
        f"Depth limit: {depth(plan, named)} levels (field, edges, node, references one after another, value); deeper ones are refused before they run.",
        f"Complexity limit: a row is 1 point, each reference followed from it 1 more, times the rows of its page (@cost). The dearest query of this design costs {points:,} points.",
    ]
    for name, rate in rates.items():
        factor = min(LARGEST_PAGE // PAGE, int(rate // lowest)) if lowest else 1
        made.append(
            f"  {words(name)}: {points * max(1, factor):,} points a query, {rate * points:,.0f} points a minute ({rate:,.0f} calls a minute)"
        )
    if not rates:
        made.append(f"  every caller: {points * (LARGEST_PAGE // PAGE):,} points a query")
    return [*made, "In production only registered queries run, and the schema is not told to strangers."]


def _loaders(plan: Plan, named: Named) -> list[str]:
    used: dict[str, list[str]] = {}
    for entity, (name, objects) in named.items():
        for column, target in loaded(plan, entity).items():
            used.setdefault(target, []).append(f"{name}.{objects[column]}")
    if not used:
        return ["No type refers to another that is found by one key, so nothing needs a DataLoader."]
    made = [f"DataLoader for each reference, made anew for each request; at most {LARGEST_PAGE} keys a batch:"]
    return made + [
        f"  {', '.join(fields)} -> {named[target][0]}: {batch(plan, target)}" for target, fields in used.items()
    ]


def batch(plan: Plan, entity: str) -> str:
    """The query that fetches many rows of an entity by their keys."""
    table = home(plan, entity)
    assert table is not None
    name, key = table.name, table.key[0]
    said = {
        "postgresql": f"SELECT * FROM {sql.identifier(name)} WHERE {sql.identifier(key)} = ANY($1)",
        "mysql": f"SELECT * FROM {sql.identifier(name, 'mysql')} WHERE {sql.identifier(key, 'mysql')} IN (?, ...)",
        "mongodb": f"{mongodb.collection(name)}.find({{ _id: {{ $in: keys }} }})",
        "cql": f"SELECT * FROM {cql.identifier(name)} WHERE {cql.identifier(key)} = ? for each key, all at once",
        "dynamodb": f"BatchGetItem on {name} by {key}",
    }
    made = said.get(plan.design.store(table.store).technology.dialect, f"one read of {name} by a list of {key}")
    entry = next(
        (
            c
            for c in plan.design.caches
            if c.entity == entity and c.shape in ("string", "hash") and c.key.endswith(f"{{{key}}}")
        ),
        None,
    )
    return f"{made}, after the cache ({entry.key})" if entry else made


def _errors() -> list[str]:
    return [
        "Errors: what the caller can mend is a member of a mutation's result (implements Problem). All else is in `errors` with extensions.code:",
        "  UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED and UNAVAILABLE (both with extensions.retryAfter), TOO_DEEP, TOO_COSTLY, INTERNAL.",
        "A reference that cannot be followed is null with an error beside it; the rest of the answer stands.",
    ]
