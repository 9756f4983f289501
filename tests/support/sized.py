"""Systems of any size."""

from __future__ import annotations

VERBS = ("create", "read", "list", "update")


def brief(count: int) -> str:
    """A brief of so many entities that refer to each other, each with an operation and a feature of its own."""
    entities, operations, features = [], [], []
    for i in range(count):
        parent = f"parent: ref record{i - 1}, " if i else ""
        fields = f"{{id: id, owner: string 30, {parent}body: string 200, created_at: time}}"
        entities.append(f"  record{i}: {{fields: {fields}, retention: 1 year}}")
        does = f"{VERBS[i % len(VERBS)]} record{i}"
        operations.append(f"  act{i}: {{does: {does}, rate: {1 + i % 5} per users per day, priority: P{i % 3}}}")
        features.append(f"  feature{i}: {{title: Feature {i}, priority: P{i % 3}, operations: [act{i}]}}")
    head = [f"system: Archive of {count}", "populations: {users: {daily_active: 100k, monthly_active: 1M}}"]
    return "\n".join([*head, "entities:", *entities, "operations:", *operations, "features:", *features]) + "\n"
