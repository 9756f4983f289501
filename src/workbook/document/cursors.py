"""The opaque cursor of a list: what it holds, how it travels, how the next page follows from it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbook.brief.steps.syntax import Verb
from workbook.plan import Plan
from workbook.plan.fold import samples
from workbook.plan.form.model import Program, Step
from workbook.plan.names import SAMPLE_TIME


@dataclass(frozen=True)
class Cursor:
    """A cursor with its payload (JSON values) and its encoding (base64url of compact JSON, no padding)."""

    operation: str
    structure: str
    columns: tuple[str, ...]
    descending: bool
    payload: Mapping[str, Any]
    encoded: str
    condition: str


def encode(payload: Mapping[str, Any]) -> str:
    """base64url of compact JSON, without padding."""
    return base64.urlsafe_b64encode(json.dumps(payload, separators=(",", ":")).encode()).decode().rstrip("=")


def decode(text: str) -> dict[str, Any]:
    """The payload of a cursor. Raises ValueError where it is none."""
    found = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    if not isinstance(found, dict):
        raise ValueError("not a cursor")
    return found


def paged(program: Program) -> Step | None:
    """The step of an operation that a cursor goes on from."""
    return next((s for s, _ in program.steps() if s.verb is Verb.LIST and s.after is not None), None)


def columns_of(plan: Plan, step: Step) -> tuple[tuple[str, ...], bool]:
    """What orders the pages: the order, and of the key what is needed to tell equal rows apart; and whether the largest come first."""
    structure = plan.world.form.structures[step.target]
    given = {g.field for g in step.by}
    first, down = step.order or (next((k for k in structure.key if k not in given), structure.key[0]), False)
    rest = tuple(k for k in structure.key if k not in given and k != first)
    return (first, *rest), down


def cursor_example(plan: Plan) -> Cursor | None:
    """The cursor after the sample row of the list that the deep dive follows, else of the busiest; None where nothing is paged."""
    found = {n: s for n, p in plan.world.programs.items() if (s := paged(p)) is not None}
    if not found:
        return None
    critical = plan.design.critical_read
    name = critical if critical in found else max(found, key=plan.world.load.peak_of)
    step = found[name]
    columns, down = columns_of(plan, step)
    row = samples.row(plan.world.form.structures[step.target])
    values = {c: row.get(c, SAMPLE_TIME) for c in columns}
    payload = {"v": 1, "op": name, "after": values}
    shown = ", ".join(columns)
    condition = f"({shown}) {'<' if down else '>'} ({', '.join(json.dumps(v) for v in values.values())})"
    return Cursor(name, step.target, columns, down, payload, encode(payload), condition)
