"""Which verbs a shape knows, and what each verb must and may be told. Source: BRIEF.md, "Verbs" and "Structures"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb

_ROWS = "get list count rank scan summarise put append change move add remove claim take release next"
_SPOKEN: Mapping[Shape, str] = {
    Shape.ROWS: _ROWS,
    Shape.LOG: "append get list count scan summarise remove",
    Shape.SERIES: "append list scan summarise remove",
    Shape.OBJECT: "put get list count move remove scan",
    Shape.COUNTER: "get list scan put add next remove take swap",
    Shape.BUCKET: "take add get put",
    Shape.ROLLUP: "get list scan summarise put add swap",
    Shape.COLUMNS: "append scan summarise count",
    Shape.SORTED_SET: "get list rank count put add remove scan swap",
    Shape.SET: "get count put claim remove scan swap",
    Shape.FILTER: "get put claim swap",
    Shape.QUEUE: "append put take release remove list count get",
    Shape.REGISTRY: "get list count put claim remove release",
    Shape.TOPIC: "publish scan release",
    Shape.STATE: "get put change add",
    Shape.SEARCH: "search put remove swap",
    Shape.GEO: "near get put remove",
    Shape.VECTOR: "similar put remove swap",
    Shape.PREFIX: "complete put remove swap",
    Shape.GRAPH: "get list put append change remove claim scan summarise",
}
VERBS: Mapping[Shape, frozenset[Verb]] = MappingProxyType(
    {shape: frozenset(Verb(word) for word in words.split()) for shape, words in _SPOKEN.items()}
)

ON_STRUCTURES = frozenset(v for verbs in VERBS.values() for v in verbs) - {Verb.PUBLISH}
READS = frozenset(
    {
        Verb.GET,
        Verb.LIST,
        Verb.SEARCH,
        Verb.NEAR,
        Verb.SIMILAR,
        Verb.COMPLETE,
        Verb.COUNT,
        Verb.RANK,
        Verb.SCAN,
        Verb.SUMMARISE,
    }
)
WRITES = frozenset(
    {
        Verb.PUT,
        Verb.APPEND,
        Verb.CHANGE,
        Verb.MOVE,
        Verb.ADD,
        Verb.REMOVE,
        Verb.CLAIM,
        Verb.TAKE,
        Verb.RELEASE,
        Verb.NEXT,
        Verb.SWAP,
    }
)
MAKES_ROWS = frozenset({Verb.PUT, Verb.APPEND, Verb.CLAIM})
LISTS = frozenset({Verb.LIST, Verb.SEARCH, Verb.NEAR, Verb.SIMILAR, Verb.COMPLETE, Verb.SCAN, Verb.SUMMARISE})
"""Verbs whose result is a list."""
HARMS_TWICE = frozenset({Verb.ADD, Verb.TAKE, Verb.NEXT})
"""Verbs that do something else when they run twice. Others depend on a key, a condition or a state."""
OUTSIDE = frozenset({Verb.CALL, Verb.RUN, Verb.PUSH})
"""What no transaction waits for. Source: BRIEF.md, "Steps"."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """Clauses of a verb by the attribute of `Line` that holds them."""

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


_COMMON = ("rows", "found", "size", "name", "alone", "place", "direct")
GRAMMAR: Mapping[Verb, Grammar] = MappingProxyType(
    {
        Verb.GET: Grammar(("by",), ("where",)),
        Verb.LIST: Grammar((), ("by", "where", "order", "limit", "after")),
        Verb.SEARCH: Grammar(("lasting",), ("by", "where", "limit", "after")),
        Verb.NEAR: Grammar(("to",), ("by", "within", "where", "limit")),
        Verb.SIMILAR: Grammar(("to",), ("by", "where", "limit")),
        Verb.COMPLETE: Grammar(("source",), ("by", "where", "limit")),
        Verb.COUNT: Grammar((), ("by", "where")),
        Verb.RANK: Grammar(("by",), ("order", "where")),
        Verb.SCAN: Grammar((), ("by", "where", "after", "order")),
        Verb.SUMMARISE: Grammar((), ("by", "where", "plus", "order", "limit")),
        Verb.PUT: Grammar((), ("by", "sets", "only_if")),
        Verb.APPEND: Grammar((), ("by", "sets")),
        Verb.CHANGE: Grammar(("by",), ("sets", "only_if")),
        Verb.MOVE: Grammar(("by", "to"), ("sets", "only_if")),
        Verb.ADD: Grammar(("plus",), ("by", "only_if")),
        Verb.REMOVE: Grammar((), ("by", "where", "only_if", "limit")),
        Verb.CLAIM: Grammar((), ("by", "sets", "lasting")),
        Verb.TAKE: Grammar((), ("by", "where", "order", "lasting", "amount")),
        Verb.RELEASE: Grammar((), ("by", "lasting")),
        Verb.NEXT: Grammar(("by",), ("only_if",)),
        Verb.SWAP: Grammar(),
        Verb.PUBLISH: Grammar((), ("by", "sets")),
        Verb.PUSH: Grammar(("to",), ()),
        Verb.CALL: Grammar((), ("by", "sets")),
        Verb.RUN: Grammar((), ("on", "amount")),
        Verb.ANSWER: Grammar(),
        Verb.REFUSE: Grammar(),
        Verb.STOP: Grammar(),
    }
)
CLAUSES: Mapping[str, str] = MappingProxyType(
    {
        "by": "by",
        "sets": "set",
        "plus": "plus",
        "to": "to",
        "source": "from",
        "lasting": "for",
        "on": "on",
        "where": "where",
        "only_if": "if",
        "order": "order",
        "limit": "limit",
        "after": "after",
        "within": "within",
        "amount": "a number",
    }
)


def told_wrong(verb: Verb, said: frozenset[str]) -> str:
    """What is missing or too much in the clauses of a step, in words; nothing where all is well."""
    grammar = GRAMMAR[verb]
    missing = [CLAUSES[c] for c in grammar.must if c not in said]
    if missing:
        return f"{verb} needs {missing[0]}"
    if verb is Verb.REMOVE and not said & {"by", "where"}:
        return "remove needs by or where: it never means all rows"
    surplus = [CLAUSES[c] for c in CLAUSES if c in said and c not in (*grammar.must, *grammar.may, *_COMMON)]
    if surplus:
        return f"{verb} takes no {surplus[0]}"
    return ""
