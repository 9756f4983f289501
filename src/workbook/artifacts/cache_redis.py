"""Memory in Redis and in everything that speaks its protocol: the commands of each step, ready for `redis-cli`."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts import memory_text as memory
from workbook.artifacts.base import Artifact
from workbook.artifacts.dialects.redis.commands import Commands, NoCommand
from workbook.artifacts.dialects.redis.layout import pattern
from workbook.artifacts.writing import redis
from workbook.artifacts.writing.files import identifier as file
from workbook.plan import Plan

KIND = "cache"
DIALECTS = ("redis",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a structure."""
    ttl = memory.lifetimes(plan)
    for structure in memory.structures(plan):
        lines = []
        for program, step in memory.steps(plan, structure.id):
            lines.append(redis.comment(f"{program.id.replace('_', ' ')}: {step.text}"))
            try:
                lines += Commands(plan.world.form, program, ttl).of(step)
            except NoCommand as missing:
                lines.append(redis.comment(f"not here: {missing}"))
        yield Artifact(
            kind=KIND,
            subject=structure.id,
            title=f"Commands of `{pattern(structure)}`",
            path=f"cache/{file(structure.id)}.redis",
            language="redis",
            text="\n".join(lines) + "\n",
            dialect="redis",
        )
