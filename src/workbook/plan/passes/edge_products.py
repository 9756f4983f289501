"""Which products stand at the edge: what receives calls, what delivers files, on which machines the services run?"""

from __future__ import annotations

from collections.abc import Iterable

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.model import Program
from workbook.plan.passes.bought import Bought
from workbook.plan.passes.model import Limit, Option, Phase, ability, lacks
from workbook.plan.passes.world import World


class Gateway(Bought):
    """Asked where anybody calls."""

    id = "gateway"
    kind = "gateway"
    phase = Phase.EDGE
    after = ("api_style",)
    title = "Gateway"
    question = "What receives the calls and spreads them over the instances?"

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if any(p.starts is Start.CALLER for p in world.programs.values()) else ()

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        yield from super().limits(world, subject, option)
        opens = any(p.starts is Start.OPENS for p in world.programs.values())
        if opens:
            yield lacks(
                "callers keep connections open, and it does not pass them on", bool(ability(option, "websocket"))
            )


class Cdn(Bought):
    """Asked where callers fetch files."""

    id = "cdn"
    kind = "cdn"
    phase = Phase.EDGE
    title = "Delivery of files"
    question = "What delivers files near to those who fetch them?"

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if any(_fetches(p) for p in world.programs.values()) else ()


def _fetches(program: Program) -> bool:
    """Whether a caller gets bytes of an object without passing the services."""
    return any(s.verb is Verb.GET and s.direct and s.shape is Shape.OBJECT for s, _ in program.steps())


class Machine(Bought):
    """Asked once: the kind of machine that services run on follows from the cloud."""

    id = "machine"
    kind = "compute"
    phase = Phase.EDGE
    title = "Machines"
    question = "On which machines do the services run?"
    after = ("language",)
