"""In which style do callers speak to the system?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.catalog import loader
from workbook.plan.decisions.base import (
    Decision,
    Limit,
    Option,
    Score,
    World,
    ability,
    brief_number,
    pattern_options,
    simplicity,
)


class ApiStyle(Decision):
    """Weighs push, browsers, small answers and tools."""

    id = "api_style"
    title = "API style"
    question = "In which style do callers speak to the system?"
    after = ("architecture_style",)

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return pattern_options("api_style", loader.patterns())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        pushes = any(o.verb == "subscribe" for o in world.complete.operations.values())
        if pushes:
            yield Limit("callers subscribe, and it cannot push to a browser", max(ability(option, "push"), 0.0), 1.0)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"reach of clients": 0.3, "push": 0.2, "answers cut to size": 0.15, "tools": 0.15, "simplicity": 0.2}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        operations = world.complete.operations
        pushed = sum(o.verb in ("subscribe", "stream") for o in operations.values())
        entities = len({o.entity for o in operations.values() if o.reads})
        wide = min(1.0, max(0.0, (entities - 8) / 12))
        peak = world.demand.total("total_peak_qps")
        return {
            "reach of clients": Score(
                ability(option, "browser"),
                f"{len(world.complete.model.personas)} kinds of users"
                if len(world.complete.model.personas) > 1
                else "one kind of users",
            ),
            "push": Score(1.0 if not pushed else ability(option, "push"), f"{pushed} operations push"),
            "answers cut to size": Score(
                1 - wide * (1 - ability(option, "field_selection")), f"{entities} entities are read"
            ),
            "tools": Score(ability(option, "tooling"), f"{brief_number(peak)} requests/s to trace and cache"),
            "simplicity": simplicity(world, option.complexity),
        }
