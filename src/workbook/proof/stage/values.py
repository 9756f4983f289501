"""Values by type from small pools, so that keys meet each other."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

from workbook.brief.fields import FieldType
from workbook.proof.stage.frame import BEGIN

WORDS = ("ash", "birch", "cedar", "elm", "fir", "oak", "pine", "yew")
HOURS = 72


def any_value(type_: FieldType, rng: random.Random) -> Any:
    """A value of a type; a list of them where the type is one."""
    if type_.many:
        return [_one(type_, rng) for _ in range(max(1, round(type_.many)))]
    return _one(type_, rng)


def _one(type_: FieldType, rng: random.Random) -> Any:
    kind = type_.kind
    if type_.values:
        return rng.choice(type_.values)
    if kind in ("id", "ref"):
        return str(uuid.UUID(int=rng.getrandbits(128), version=4))
    if kind in ("int", "count"):
        return rng.randint(1, 9)
    if kind in ("decimal", "money"):
        return rng.randint(1, 9)
    if kind == "bool":
        return rng.random() < 0.5
    if kind == "time":
        return BEGIN + timedelta(hours=rng.randint(1, HOURS))
    if kind == "date":
        return (BEGIN + timedelta(days=rng.randint(0, 3))).date()
    if kind == "code":
        return f"{rng.choice(WORDS)}{rng.randint(1, 9)}"
    if kind == "json":
        return {"note": rng.choice(WORDS)}
    if kind == "blob":
        return rng.randbytes(4)
    if kind == "geo":
        return f"({rng.uniform(-9, 9):.3f},{rng.uniform(-9, 9):.3f})"
    return f"{rng.choice(WORDS)} {rng.randint(1, 99)}"


def as_said(value: Any) -> Any:
    """What a driver gives, as steps compare it: identifiers as text, whole numbers as such."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [as_said(v) for v in value]
    return value
