"""What the workbook does not know about a system, said by name: an empty place beats a confident wrong one."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan.form.keeping import KeptBy
from workbook.plan.form.model import Open
from workbook.plan.passes.world import World


def unknown(world: World) -> tuple[Open, ...]:
    """Questions of the form and of capabilities, steps that mean nothing, promises that nothing keeps yet, work that nobody sizes."""
    found = (
        *world.form.open,
        *world.uses.open,
        *_steps(world),
        *_promises(world),
        *_processors(world),
        *_prices(world),
    )
    return tuple({(o.about, o.why): o for o in found}.values())


def _steps(world: World) -> Iterator[Open]:
    for name, program in world.programs.items():
        yield from (Open(f"operations.{name}", problem) for problem in program.problems)


def _promises(world: World) -> Iterator[Open]:
    for keeping in world.kept:
        if keeping.by is KeptBy.NOTHING:
            yield Open(f"promises.{keeping.pledge.id}", keeping.lacks)


def _prices(world: World) -> Iterator[Open]:
    """Products whose machines the catalog knows only by the price list of another cloud."""
    cloud, clouds = world.complete.cloud, loader.technologies()
    used = [s for d in world.decided.values() if isinstance(s := d.chosen.source, Technology)]
    priced = {t.name: t.node.priced_at for t in used if t.node is not None and t.node.hourly_usd.value}
    elsewhere = {name: at for name, at in priced.items() if at != cloud}
    for other in sorted(set(elsewhere.values())):
        names = ", ".join(sorted(n for n, at in elsewhere.items() if at == other))
        yield Open(
            f"prices.{cloud}",
            f"no prices of {clouds[cloud].name} for {names}: those of like machines of {clouds[other].name} stand in",
        )


def _processors(world: World) -> Iterator[Open]:
    for name in world.form.processors:
        yield Open(f"processors.{name}", f"what {name} takes in machines is not sized yet, nor is what it costs")
