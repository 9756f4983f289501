"""What the workbook does not know about a system, said by name: an empty place beats a confident wrong one."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.plan.form.keeping import KeptBy
from workbook.plan.form.model import Open
from workbook.plan.passes.world import World


def unknown(world: World) -> tuple[Open, ...]:
    """Questions of the form and of capabilities, steps that mean nothing, promises that nothing keeps yet, work that nobody sizes."""
    found = (*world.form.open, *world.uses.open, *_steps(world), *_promises(world), *_processors(world))
    return tuple({(o.about, o.why): o for o in found}.values())


def _steps(world: World) -> Iterator[Open]:
    for name, program in world.programs.items():
        yield from (Open(f"operations.{name}", problem) for problem in program.problems)


def _promises(world: World) -> Iterator[Open]:
    for keeping in world.keepings:
        if keeping.by is KeptBy.NOTHING:
            yield Open(f"promises.{keeping.pledge.id}", keeping.lacks)


def _processors(world: World) -> Iterator[Open]:
    for name in world.form.processors:
        yield Open(f"processors.{name}", f"what {name} takes in machines is not sized yet, nor is what it costs")
