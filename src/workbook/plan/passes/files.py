"""Where do files lie?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.brief.shapes import Shape
from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan.passes.fit import familiarity, simplicity
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, lacks
from workbook.plan.passes.options import products
from workbook.plan.passes.world import OBJECTS, Store, World


class Files(Pass):
    """Asked where something is uploaded. What the cloud of the brief offers goes first."""

    id = "object_store"
    phase = Phase.HOME
    title = "Files"
    question = "Where do files lie?"
    after = ("database",)

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if world.of_shape(Shape.OBJECT) else ()

    def options(self, world: World, subject: str) -> Iterable[Option]:
        return products("object_store", loader.technologies())

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        technology = option.source
        assert isinstance(technology, Technology)
        elsewhere = technology.offered and world.complete.cloud not in technology.offered
        yield lacks(f"it is not offered on {world.complete.cloud}", not elsewhere)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"nothing to run": 0.6, "team": 0.4}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        return {"nothing to run": simplicity(world, option.complexity), "team": familiarity(world, technology)}

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        assert option is not None
        technology = option.source
        assert isinstance(technology, Technology)
        contexts = tuple(dict.fromkeys(world.form.structures[n].context for n in world.of_shape(Shape.OBJECT)))
        return world.with_store(Store(OBJECTS, OBJECTS, technology, contexts))
