"""How a programming language spells names, types, parameters, keys and constants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbook.artifacts import code_model
from workbook.artifacts.code_parts import Single
from workbook.artifacts.code_sql import Marks, Value
from workbook.artifacts.code_words import OWN_ATTRIBUTES, OWN_METHODS, code_words, own_types
from workbook.artifacts.writing import go, java, python, typescript
from workbook.artifacts.writing.text import quoted
from workbook.plan import Plan
from workbook.plan.design.model import Column
from workbook.plan.names import column_of, slot
from workbook.plan.naming import Names, Space

WRITERS: dict[str, Any] = {"python": python, "java": java, "go": go, "typescript": typescript}
PYTHON_TYPES = ("str", "int", "float", "bool", "bytes", "list", "dict", "object")
"""A field of such a name would stand for the type in the lines below it."""
LONGEST_TYPE = 80
TYPESCRIPT_MEMBERS = ("constructor", "new", "then")
"""Methods that a class, an interface and whoever waits for an object take for something else."""
JAVA_MEMBERS = ("columns", "of")
"""Methods that the templates give a record."""
TYPES = {
    "python": {"int": "int", "decimal": "float", "money": "float", "bool": "bool", "json": "Any", "geo": "Any"},
    "typescript": {
        "int": "number",
        "decimal": "number",
        "money": "number",
        "bool": "boolean",
        "json": "unknown",
        "geo": "unknown",
    },
    "java": {
        "int": "Long",
        "decimal": "Double",
        "money": "Double",
        "bool": "Boolean",
        "json": "Object",
        "geo": "Object",
    },
    "go": {
        "int": "int64",
        "decimal": "float64",
        "money": "float64",
        "bool": "bool",
        "json": "json.RawMessage",
        "geo": "json.RawMessage",
        "time": "time.Time",
        "blob": "[]byte",
    },
}
TEXT = {"python": "str", "typescript": "string", "java": "String", "go": "string"}
CASTS = {
    "id": "uuid",
    "ref": "uuid",
    "time": "timestamptz",
    "date": "date",
    "json": "jsonb",
    "int": "bigint",
    "decimal": "numeric",
    "money": "numeric",
    "geo": "point",
}
CLIENTS = {
    "kafka": {"python": "confluent-kafka", "java": "kafka-clients", "go": "franz-go", "typescript": "kafkajs"},
    "rabbitmq": {"python": "pika", "java": "amqp-client", "go": "amqp091-go", "typescript": "amqplib"},
    "nats": {"python": "nats-py", "java": "jnats", "go": "nats.go", "typescript": "nats.js"},
    "sqs": {
        "python": "boto3",
        "java": "the AWS SDK for Java 2",
        "go": "aws-sdk-go-v2",
        "typescript": "@aws-sdk/client-sqs",
    },
    "redis_streams": {"python": "redis-py", "java": "Jedis", "go": "go-redis", "typescript": "ioredis"},
}


class Language:
    """What the templates ask of a language."""

    def __init__(self, dialect: str, plan: Plan | None = None) -> None:
        self.dialect = dialect
        self.family = ""
        self._names = plan.complete.names if plan else Names()
        self._entities = tuple(plan.complete.entities) if plan else ()
        self._types: dict[str, str] = {}

    def settle(self, constants: Mapping[str, object]) -> None:
        """Gives every entity its type, none called like a constant or like a type of the code's own."""
        space = Space((*own_types(self.dialect), *constants), longest=LONGEST_TYPE, end="Row")
        self._types = {e: self._type_name(space, e) for e in self._entities}
        self._types |= {e + code_model.TOTAL: self._type_name(space, f"{e}_total") for e in self._entities}

    def _type_name(self, space: Space, entity: str) -> str:
        name = space.take(pascal(self._names.entity(entity)))
        return str(WRITERS[self.dialect].identifier(name))

    def typed(self, entity: str) -> str:
        """The type of an entity's rows, or of their totals."""
        if entity not in self._types:
            space = Space(own_types(self.dialect), longest=LONGEST_TYPE, end="Row")
            self._types[entity] = self._type_name(space, entity.replace(code_model.TOTAL, "_total"))
        return self._types[entity]

    def bound(self, column: Column, expression: str) -> str:
        """A value as the driver wants it: by CQL in Python identifiers and times are no text."""
        if self.dialect == "python" and self.family == "cql":
            if column.kind in ("id", "ref"):
                return f"UUID({expression})" if not column.optional else f"({expression} and UUID({expression}))"
            if column.kind in ("time", "date"):
                return (
                    f"datetime.fromisoformat({expression})"
                    if not column.optional
                    else f"({expression} and datetime.fromisoformat({expression}))"
                )
        return expression

    def marks(self, database: str) -> Marks:
        """How a parameter is written in a statement for a database."""
        if self.dialect == "python":
            return lambda number, kind: "%s"
        if database == "postgresql" and self.dialect == "java":
            return lambda number, kind: f"CAST(? AS {CASTS[kind]})" if kind in CASTS else "?"
        if database == "postgresql":
            return lambda number, kind: f"${number}"
        return lambda number, kind: "?"

    def type(self, column: Column) -> str:
        """The type of a column, with nothing where it may be missing."""
        found = TYPES[self.dialect].get(column.kind, TEXT[self.dialect])
        if not column.optional or column.kind in ("json", "geo") or found.startswith("[]"):
            return found
        return {"python": f"{found} | None", "typescript": f"{found} | null", "go": f"*{found}"}.get(
            self.dialect, found
        )

    def name(self, identifier: str) -> str:
        """The name of a field or method: the brief's own, in the language's spelling."""
        if self.dialect == "go":
            return pascal(identifier)
        if self.dialect == "java":
            made = java.identifier(lower(identifier))
            return f"{made}_" if made in JAVA_MEMBERS else made
        if self.dialect == "python":
            made = python.identifier(identifier)
            return f"{made}_" if made in PYTHON_TYPES else made
        return identifier

    def call(self, operation: str) -> str:
        """The name of a method: `load_feed`, or `loadFeed`; another one where the templates have a member of that name."""
        called = self._names.operation(operation)
        if called in OWN_ATTRIBUTES or (called in OWN_METHODS and self.dialect in ("typescript", "java")):
            called = f"{called}_now"
        if self.dialect == "typescript":
            made = lower(called)
            return f"{made}_" if made in TYPESCRIPT_MEMBERS else made
        made = self.name(called)
        return f"{made}_" if self.dialect == "python" and made in own_types("python") else made

    def statement(self, single: Single) -> str:
        """The constant that holds the statement of a read."""
        if self.dialect == "go":
            made = f"{self.local(self._names.operation(single.operation))}Query"
        else:
            made = single.prefix
        return f"{made}_" if made in code_words(self.dialect, "service") else made

    def of(self, scope: str, column: Column | str) -> str:
        """A field of a value; with an empty scope the local name."""
        name = column if isinstance(column, str) else column.name
        if not scope:
            return self.local(name)
        return f"{scope}.{self.name(name)}" + ("()" if self.dialect == "java" else "")

    def local(self, identifier: str) -> str:
        """The name of a parameter, none that the code around it uses."""
        spelt = identifier if self.dialect == "python" else lower(identifier)
        made = str(WRITERS[self.dialect].identifier(spelt))
        used = made in code_words(self.dialect, "service") or made in self._types.values()
        return f"{made}_" if used else made

    def key(self, pattern: str, scope: str, *, alone: bool = False, **others: str) -> str:
        """A cache key as an expression: names in braces are fields of `scope`, or what `others` says. Go sets spaces where it stands alone."""
        parts = re.split(r"\{(\w+)\}", pattern)
        filled = [p if i % 2 == 0 else others.get(p) or self.of(scope, column_of(p) or p) for i, p in enumerate(parts)]
        if self.dialect == "python":
            return (
                'f"' + "".join(p if i % 2 == 0 else f"{{{p}}}" for i, p in enumerate(filled)) + '"'
                if len(parts) > 1
                else f'"{pattern}"'
            )
        if self.dialect == "typescript":
            return "`" + "".join(p if i % 2 == 0 else f"${{{p}}}" for i, p in enumerate(filled)) + "`"
        pieces = [
            quoted(p) if i % 2 == 0 else (f"keyText({p})" if self.dialect == "go" else p)
            for i, p in enumerate(filled)
            if p
        ]
        return ("+" if self.dialect == "go" and not alone else " + ").join(pieces)

    def member(self, names: tuple[str, ...], scope: str) -> str:
        """The member of a sorted set: a row's key within its list."""
        return self.key(":".join(f"{{{slot(n)}}}" for n in names), scope)

    def parameter(self, value: Value, scope: str) -> str:
        """A parameter of a statement."""
        field = self.of(scope, value.column)
        kind = value.column.kind
        if value.source == "recipient":
            return self.bound(value.column, "recipient")
        if value.source == "occurred":
            return {
                "python": "event.occurred_at",
                "typescript": "event.occurred_at",
                "java": "event.occurredAt()",
                "go": "event.OccurredAt",
            }[self.dialect]
        if value.source in ("day", "month"):
            end = 10 if value.source == "day" else 7
            if self.dialect == "go" and kind == "time":
                return f'{field}.UTC().Format("{"2006-01-02"[:end]}")'
            return {
                "python": f"{field}[:{end}]",
                "go": f"{field}[:{end}]",
                "java": f"{field}.substring(0, {end})",
                "typescript": f"{field}.slice(0, {end})",
            }[self.dialect]
        if kind == "blob":
            return {
                "python": f"to_bytes({field})",
                "typescript": f"toBytes({field})",
                "java": f"toBytes({field})",
                "go": f"toBytes({field})",
            }[self.dialect]
        if kind in ("json", "geo"):
            return {
                "python": f"json.dumps({field})",
                "typescript": f"JSON.stringify({field})",
                "java": f"json.write({field})",
                "go": f"string({field})",
            }[self.dialect]
        return self.bound(value.column, field)

    def parameters(self, values: tuple[Value, ...], scope: str) -> str:
        """The parameters of a statement, with commas; a tuple of one keeps its comma in Python."""
        made = ", ".join(self.parameter(v, scope) for v in values)
        return f"{made}," if self.dialect == "python" and len(values) == 1 else made

    def score(self, column: Column, scope: str) -> str:
        """The number that orders a sorted set: milliseconds of a time, the number itself, or 0 where members order themselves."""
        field = self.of(scope, column)
        if column.kind == "time" and self.dialect == "go":
            return f"{field}.UnixMilli()"
        if column.kind in ("time", "date"):
            return f"milliseconds({field})"
        if column.kind in ("int", "decimal", "money"):
            return field
        return "0"

    def constant(self, value: object) -> str:
        """A constant's literal."""
        return str(WRITERS[self.dialect].literal(value))

    def constant_type(self, value: object) -> str:
        """A constant's type."""
        kind = (
            "bool"
            if isinstance(value, bool)
            else "int"
            if isinstance(value, int)
            else "decimal"
            if isinstance(value, float)
            else "string"
        )
        if self.dialect == "java":
            return {
                "bool": "boolean",
                "int": java.kind_of(value),
                "decimal": "double",
                "string": "String",
            }[kind]
        return {**TYPES[self.dialect], "string": TEXT[self.dialect]}[kind]

    def client(self, dialect: str, name: str) -> str:
        """Which client of a messaging system implements the consumer."""
        if dialect == "outbox":
            return "polls the outbox table with FOR UPDATE SKIP LOCKED; acknowledge sets published_at"
        return (
            f"is implemented with {CLIENTS[dialect][self.dialect]} for {name}"
            if dialect in CLIENTS
            else f"is implemented with the client library of {name}"
        )


def pascal(name: str) -> str:
    """`chat_message` as `ChatMessage`."""
    return "".join(p[:1].upper() + p[1:] for p in name.split("_"))


def lower(name: str) -> str:
    """`chat_message` as `chatMessage`."""
    first, *rest = name.split("_")
    return first + "".join(pascal(p) for p in rest)
