"""What the dialects of memory share: the steps on each structure that rests there."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.steps.syntax import Verb
from workbook.plan import Plan
from workbook.plan.form.model import Program, Step, Structure
from workbook.plan.passes.world import MEMORY


def structures(plan: Plan) -> list[Structure]:
    """What rests in memory."""
    form, homes = plan.world.form, plan.world.homes
    return [form.structures[n] for n, home in homes.items() if home == MEMORY and n in form.structures]


def lifetimes(plan: Plan) -> dict[str, float | None]:
    """Seconds that rows of each stand."""
    measures = plan.world.load.measures
    found = {s.id: measures.lifetime(s.ttl, f"structures.{s.id}.ttl") for s in structures(plan)}
    return {n: float(t[0]) if t is not None else None for n, t in found.items()}


def steps(plan: Plan, structure: str) -> Iterator[tuple[Program, Step]]:
    """Every step on a structure, each text once."""
    seen = set()
    for program in plan.world.programs.values():
        for step, _ in program.steps():
            if step.target == structure and step.verb is not Verb.PUSH and (step.verb, step.text) not in seen:
                seen.add((step.verb, step.text))
                yield program, step
