"""What keeps a graph from asking too much: depth, points for each tier, and one batch for each reference. For its head."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.artifacts import api_text
from workbook.artifacts.api_text import LARGEST_PAGE, PAGE
from workbook.artifacts.writing import graphql, sql
from workbook.plan import Plan
from workbook.plan.fold.endpoints import Style
from workbook.plan.form.model import Structure
from workbook.plan.names import words
from workbook.plan.passes.world import DATABASE

LONGEST_CHAIN = 3
"""References that a screen follows one after another (our assumption)."""
LEVELS = 4
"""Field, edges, node, value."""
MINUTE = 60
SQL = ("postgresql", "mysql")
Named = Mapping[str, tuple[str, Mapping[str, str]]]
"""Structure -> its type, and for each field that refers the field that follows it."""


def header(plan: Plan, structures: Mapping[str, Structure], named: Named) -> str:
    """The comment at the head of the schema."""
    lines = [
        f"{api_text.system(plan)}: the graph of the interface.",
        "",
        *_limits(plan, structures),
        "",
        *_loaders(plan, structures, named),
        "",
        *_errors(),
    ]
    return "\n".join(map(graphql.comment, lines))


def followed(structure: Structure, structures: Mapping[str, Structure]) -> dict[str, str]:
    """The references that a caller may follow: field -> structure. Only to what is answered anyhow, and found by one key."""
    fields = api_text.shown(structure)
    refs = {n: t.ref for n, t in fields.items() if t.ref in structures and not t.many}
    return {n: ref for n, ref in refs.items() if len(structures[ref].key) == 1}


def depth(structures: Mapping[str, Structure]) -> int:
    """Levels of the deepest query that is let in: field, edges, node, a chain of references, its value."""

    def chain(name: str, seen: tuple[str, ...]) -> int:
        if len(seen) > LONGEST_CHAIN:
            return 0
        targets = [t for t in followed(structures[name], structures).values() if t not in seen]
        return max((1 + chain(t, (*seen, t)) for t in targets), default=0)

    return LEVELS + min(LONGEST_CHAIN, max((chain(s, (s,)) for s in structures), default=0))


def dearest(plan: Plan, structures: Mapping[str, Structure]) -> int:
    """Points of the dearest query that the design itself needs: a usual page with every direct reference."""
    pages = [
        api_text.page_rows(plan, e) * (1 + len(followed(structures[p.structure], structures)))
        for e in plan.design.endpoints
        for p in e.answers
        if e.paged and e.style is Style.GRAPHQL and p.structure in structures
    ]
    return max(pages, default=PAGE)


def _limits(plan: Plan, structures: Mapping[str, Structure]) -> list[str]:
    points = dearest(plan, structures)
    tiers = plan.complete.model.tiers
    rates = {n: sum(r.amount.best / r.seconds * MINUTE / r.per for r in t.limit) for n, t in tiers.items()}
    lowest = min(rates.values(), default=0.0)
    made = [
        f"Depth limit: {depth(structures)} levels (field, edges, node, references one after another, value); deeper ones are refused before they run.",
        "Complexity limit: a row is 1 point, each reference followed from it 1 more, times the rows of its page (@cost).",
        f"The dearest query of this design costs {points:,} points.",
    ]
    for name, rate in rates.items():
        factor = min(LARGEST_PAGE // PAGE, int(rate // lowest)) if lowest else 1
        query, minute = points * max(1, factor), rate * points
        made.append(
            f"  {words(name)}: {query:,} points a query, {minute:,.0f} points a minute ({rate:,.0f} calls a minute)"
        )
    if not rates:
        made.append(f"  every caller: {points * (LARGEST_PAGE // PAGE):,} points a query")
    return [*made, "In production only registered queries run, and the schema is not told to strangers."]


def _loaders(plan: Plan, structures: Mapping[str, Structure], named: Named) -> list[str]:
    used: dict[str, list[str]] = {}
    for name, (type_, objects) in named.items():
        for field, target in followed(structures[name], structures).items():
            used.setdefault(target, []).append(f"{type_}.{objects[field]}")
    if not used:
        return ["No type refers to another that is found by one key, so nothing needs a DataLoader."]
    made = [f"DataLoader for each reference, made anew for each request; at most {LARGEST_PAGE} keys a batch:"]
    return made + [f"  {', '.join(f)} -> {named[t][0]}: {batch(plan, structures[t])}" for t, f in used.items()]


def batch(plan: Plan, structure: Structure) -> str:
    """The query that fetches many rows by their keys."""
    home = plan.world.stores.get(plan.world.homes.get(structure.id, DATABASE))
    name, key = structure.id, structure.key[0]
    dialect = home.technology.dialect if home is not None else ""
    if dialect == "postgresql":
        return f"SELECT * FROM {sql.identifier(name)} WHERE {sql.identifier(key)} = ANY ($1)"
    if dialect == "mysql":
        return f"SELECT * FROM {sql.identifier(name, 'mysql')} WHERE {sql.identifier(key, 'mysql')} IN (?, ...)"
    return f"one read of {name} by a list of {key}"


def _errors() -> list[str]:
    return [
        "Errors: what the caller can mend is a member of a mutation's result (implements Problem). All else is in `errors` with extensions.code:",
        "  UNAUTHENTICATED, FORBIDDEN, RATE_LIMITED and UNAVAILABLE (both with extensions.retryAfter), TOO_DEEP, TOO_COSTLY, INTERNAL.",
        "A reference that cannot be followed is null with an error beside it; the rest of the answer stands.",
    ]
