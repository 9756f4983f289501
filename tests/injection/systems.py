"""Systems to put texts and names into: every place where a person may write, and every way of choosing products."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from workbook.brief import BriefError, loads
from workbook.plan import Plan, derive
from workbook.plan.complete import complete

HOSTILE = yaml.safe_load((Path(__file__).parent / "hostile.yaml").read_text(encoding="utf-8"))
LENGTHS = {"LONG": "lorem ipsum " * 420, "WORD": "w" * 500}
TEXTS: Mapping[str, str] = {name: LENGTHS.get(text, text) for name, text in HOSTILE["texts"].items()}
NAMES: tuple[str, ...] = tuple(dict.fromkeys(n for names in HOSTILE["names"].values() for n in names))
ALIKE: tuple[tuple[str, ...], ...] = tuple(tuple(group) for group in HOSTILE["alike"])
EVERY = 12
"""Of so many systems in Python one is shown to the type checker."""
CHOICES: tuple[Mapping[str, str], ...] = (
    {"database": "postgresql", "cache": "redis", "messaging": "kafka", "language": "python", "api_style": "rest"},
    {"database": "postgresql", "cache": "memcached", "messaging": "outbox", "language": "java", "api_style": "graphql"},
    {"database": "postgresql", "cache": "redis", "messaging": "rabbitmq", "language": "go", "api_style": "grpc"},
    {"database": "postgresql", "cache": "in_process", "messaging": "redis_streams", "language": "typescript"},
    {"database": "mongodb", "cache": "redis", "messaging": "nats", "language": "python"},
    {"database": "cassandra", "cache": "memcached", "messaging": "sqs", "language": "go"},
    {"database": "mysql", "cache": "redis", "messaging": "outbox", "language": "python"},
)
PLACES = (
    *(
        "system",
        "statement",
        "goals",
        "non_goals",
        "future",
        "title",
        "journey",
        "complexities",
        "edge_cases",
        "persona",
    ),
    *("does", "does_short", "why", "owner", "scanning", "event_name", "hotspot", "primary", "existing"),
    *("skill", "enum", "tunable", "accepted"),
)
"""Every place of a brief that takes any text. Where a name is meant, one comes first."""
PROSE = ("system", "statement", "goals", "title", "journey", "persona", "does", "why", "scanning")
"""Those of them where nothing but the length of a name may be refused."""


def brief(text: Callable[[str], str | None], choices: Mapping[str, str]) -> dict[str, Any]:
    """A system with a text in every place; None leaves the place out."""

    def given(place: str, usual: str) -> str:
        return usual if text(place) is None else str(text(place))

    state = "_".join(given("enum", "open").replace("=", " ").split()).rstrip("?") or "open"

    return {
        "system": given("system", "Notes"),
        "statement": given("statement", "People write notes."),
        "goals": [given("goals", "no lost note")],
        "non_goals": [given("non_goals", "printing")],
        "future": [given("future", "sharing")],
        "populations": {"users": {"daily_active": "200k"}},
        "entities": {
            "note": {
                "fields": {
                    "id": "id",
                    "author": "ref member",
                    "body": "text",
                    "state": f"enum {state} closed",
                    "written_at": "time",
                },
                "sensitive": "personal",
            },
            "member": {"fields": {"id": "id", "name": "string 40", "place": "geo", "born": "date?"}, "unique": [["name"]]},
            "file": {"fields": {"id": "id", "owner": "ref member"}, "kind": "object", "size": "200 KB"},
            "presence": {"fields": {"member": "ref member", "seen_at": "time"}, "kind": "memory", "retention": "1 min"},
        },
        "operations": {
            "write_note": {"does": "create note", "rate": "40 per users per day", "priority": "P0", "idempotent": True,
                           "fan_out": 20, "by": "writer"},
            "list_notes": {"does": "list note", "where": ["author"], "rate": "80 per users per day", "priority": "P0"},
            "read_feed": {"does": "list note", "rate": "30 per users per day"},
            "close_note": {"does": "update note", "rate": "2 per users per day"},
            "find_notes": {"does": "search note", "rate": "3 per users per day"},
            "count_notes": {"does": "aggregate note", "where": ["author"], "rate": "1 per users per day"},
            "follow_notes": {"does": "subscribe note", "rate": "1 per users per day", "lasts": "10 min"},
            "tell_members": {"does": "notify note", "rate": "1 per write_note"},
            "join": {"does": "create member", "rate": "1/s"},
            "near_members": {"does": "search member", "rate": "2/s"},
            "send_file": {"does": "upload file", "rate": "1 per users per day"},
            "get_file": {"does": "download file", "rate": "3 per users per day"},
            "beat": {"does": "update presence", "rate": "50 per users per day"},
            "who_is_there": {"does": "read presence", "rate": "50 per users per day"},
        },
        "features": {
            "notes": {
                "title": given("title", "Write notes"),
                "operations": ["write_note", "list_notes", "read_feed"],
                "personas": ["writer"],
                "journey": given("journey", "write, read"),
                "complexities": [given("complexities", "order")],
                "edge_cases": [given("edge_cases", "two at once")],
            }
        },
        "personas": {"writer": given("persona", "wants to write")},
        "integrations": {
            "mail": {"does": given("does", "sends mail"), "operations": ["tell_members"]},
            "maps": given("does_short", "shows places"),
        },
        "quality": {"scanning": [given("scanning", "tea leaves")]},
        "constraints": {"existing": [given("existing", "nothing")], "team": {"size": 9, "skills": [given("skill", "weaving")]}},
        "choices": {
            **choices,
            "database": {"use": choices["database"], "why": given("why", "known"), "owner": given("owner", "us")},
        },
        "tunables": {"HOLD": given("tunable", "10"), "PAGE_SIZE": 25},
        "document": {
            "EVENT_NAME": f"Note {given('event_name', 'filed')}",
            "HOTSPOT_SCENARIO": given("hotspot", "one note"),
            "CRITICAL_DATA_STRUCTURES": "note",
            "PRIMARY_WRITE_OPERATION": f"Write a note {given('primary', 'first')}",
        },
        "accepted": [{"finding": "new_to_the_team", "why": given("accepted", "small")}],
    }  # fmt: skip


def written(values: Any) -> str:
    """A brief as JSON, which is YAML: whatever its texts hold."""
    return json.dumps(values, ensure_ascii=False)


def planned(values: Mapping[str, Any]) -> Plan:
    """The plan of a brief."""
    return derive(loads(written(values)))


def takes(place: str, text: str) -> bool:
    """Whether the language holds the text there; where not, the loader says so and what to do."""
    try:
        complete(loads(written(brief(lambda p: text if p == place else None, CHOICES[0]))))
    except BriefError as error:
        return not error.problems[0].remedy
    return True


@cache
def everywhere(text: str, choice: int = 0) -> Plan:
    """A system with the text in every place that takes it."""
    try:
        return planned(brief(lambda place: text, CHOICES[choice]))
    except BriefError:
        taken = {p for p in PLACES if takes(p, text)}
        return planned(brief(lambda p: text if p in taken else None, CHOICES[choice]))


@cache
def usual(choice: int = 0) -> Plan:
    """The same system with harmless texts."""
    return planned(brief(lambda place: None, CHOICES[choice]))


def named(fields: Iterable[str], operation: str = "ask", entity: str = "thing", **choices: str) -> dict[str, Any]:
    """A small system whose fields, operation and entity have these names."""
    own = list(fields)
    return {
        "system": "Names",
        "populations": {"users": {"daily_active": "50k"}},
        "entities": {entity: {"fields": {"key_of_row": "id", **dict.fromkeys(own, "string 20"), "moment": "time"}, "key": ["key_of_row"]}},
        "operations": {
            "put": {"does": f"create {entity}", "rate": "10 per users per day", "priority": "P0", "fan_out": 5},
            operation: {"does": f"list {entity}", "where": own[:8], "rate": "30 per users per day", "priority": "P0", "by": entity},
        },
        "personas": {entity: "wants to know"},
        "choices": choices,
    }  # fmt: skip


LONG = "a_long_name_of_a_thing_that_somebody_has_to_remember"


def apart(names: Any) -> list[str]:
    """Names that stand twice."""
    return [n for n, count in Counter(names).items() if count > 1]


def system(entities: Mapping[str, Mapping[str, str]], operations: Mapping[str, Any], **choices: str) -> dict[str, Any]:
    """A system of entities with fields and operations."""
    return {
        "system": "Names",
        "populations": {"users": {"daily_active": "50k"}},
        "entities": {e: {"fields": dict(f)} for e, f in entities.items()},
        "operations": operations,
        "choices": choices,
    }


def crowd(names: tuple[str, ...], **choices: str) -> Plan:
    """A system in which each name is an entity that is written and listed."""
    entities = {n: {"id": "id", "owner": "ref " + n, "made_at": "time"} for n in names}
    operations: dict[str, Any] = {
        f"put_{i}": {"does": f"create {n}", "rate": "1/s", "priority": "P0"} for i, n in enumerate(names)
    }
    operations |= {f"list_{i}": {"does": f"list {n}", "rate": "3/s"} for i, n in enumerate(names)}
    return planned(system(entities, operations, **choices))


def doing(names: tuple[str, ...], **choices: str) -> Plan:
    """A system in which each name is an operation."""
    verbs = ("create", "list", "update", "delete", "search", "aggregate", "read")
    operations = {n: {"does": f"{verbs[i % len(verbs)]} thing", "rate": "1/s"} for i, n in enumerate(names)}
    return planned(system({"thing": {"id": "id", "title": "string 40", "made_at": "time"}}, operations, **choices))


@cache
def small(number: int, **choices: str) -> Plan:
    """A system whose entity, operation and fields have hostile names."""
    rest = [NAMES[(number * 8 + i) % len(NAMES)] for i in range(8)]
    return planned(named(dict.fromkeys(rest), NAMES[(number + 80) % len(NAMES)], NAMES[number], **choices))


KEPT = {
    "version": ("version: text", "text"),
    "updated_at": ("updated_at: bool", "bool"),
    "created_at": ("created_at: int", "int"),
}
"""Fields that the language sets aside for the system where their type fits, here with another."""
