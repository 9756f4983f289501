"""How a thing rests: the shapes of structures, and which parameters each takes. BRIEF.md, "Structures"."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class Shape(StrEnum):
    """The form in which something is kept."""

    ROWS = "rows"
    LOG = "log"
    SERIES = "series"
    OBJECT = "object"
    COUNTER = "counter"
    BUCKET = "bucket"
    ROLLUP = "rollup"
    COLUMNS = "columns"
    SORTED_SET = "sorted_set"
    SET = "set"
    FILTER = "filter"
    QUEUE = "queue"
    REGISTRY = "registry"
    TOPIC = "topic"
    STATE = "state"
    SEARCH = "search"
    GEO = "geo"
    VECTOR = "vector"
    PREFIX = "prefix"
    GRAPH = "graph"


class Loss(StrEnum):
    """What a loss of the structure means: `rebuilt` needs an operation that makes it again."""

    NEVER = "never"
    REBUILT = "rebuilt"
    ALLOWED = "allowed"


PARAMETERS: Mapping[Shape, tuple[str, ...]] = MappingProxyType(
    {
        Shape.ROWS: (),
        Shape.LOG: ("number", "time"),
        Shape.SERIES: ("time",),
        Shape.OBJECT: ("content",),
        Shape.COUNTER: (),
        Shape.BUCKET: ("size", "refill"),
        Shape.ROLLUP: ("window",),
        Shape.COLUMNS: (),
        Shape.SORTED_SET: ("score", "keep"),
        Shape.SET: (),
        Shape.FILTER: ("wrong",),
        Shape.QUEUE: ("due", "priority", "lane", "gap", "in_flight", "lease", "retry"),
        Shape.REGISTRY: (),
        Shape.TOPIC: ("numbered",),
        Shape.STATE: ("owner",),
        Shape.SEARCH: ("text", "scope"),
        Shape.GEO: ("place",),
        Shape.VECTOR: ("vector", "scope"),
        Shape.PREFIX: ("text", "weight", "top"),
        Shape.GRAPH: (),
    }
)
"""Parameters that only this shape has."""

SHAPE_OF_KIND: Mapping[str, Shape] = MappingProxyType(
    {
        "record": Shape.ROWS,
        "event": Shape.LOG,
        "edge": Shape.ROWS,
        "object": Shape.OBJECT,
        "counter": Shape.COUNTER,
        "series": Shape.SERIES,
        "memory": Shape.REGISTRY,
    }
)
"""The shape of an entity follows from its kind. An edge is rows indexed on both ends."""
