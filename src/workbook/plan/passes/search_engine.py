"""What answers searches: the database that has the rows, or an engine of its own?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workbook.brief.shapes import Shape
from workbook.catalog import loader
from workbook.catalog.model import Pattern, Technology
from workbook.plan import capacity
from workbook.plan.capacity import Load
from workbook.plan.passes import driver, resting
from workbook.plan.passes.driver import Line
from workbook.plan.passes.fit import familiarity, simplicity
from workbook.plan.passes.memory import database_of
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, ability, bound, lacks
from workbook.plan.passes.options import products
from workbook.plan.passes.world import SEARCH, Store, World, remembered
from workbook.prose import say

INSIDE = "in_database"
ROWS_INSIDE = 10_000_000.0
"""Rows that a database searches by words with ease; beyond, ranking and typing errors want an engine (PostgreSQL entry of the catalog)."""
SEARCHES_INSIDE = 300.0
"""Searches a second that it takes beside its own work (our assumption: each costs some ten look-ups)."""
OWN_INDEX = Pattern(
    id=INSIDE,
    name="In the database",
    family="search",
    summary="An index of words on the table itself.",
    use_when="Words are looked for in rows that a database with such an index holds.",
    pros=("Never behind the rows", "Nothing more to run"),
    cons=("Ranking is basic", "Typing errors are not forgiven"),
    complexity=0.2,
)


class SearchEngine(Pass):
    """Asked where words are searched. The database's own index goes as far as it carries."""

    id = "search"
    phase = Phase.HOME
    title = "Search"
    question = "What answers searches?"
    after = ("database",)

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if world.of_shape(Shape.SEARCH) else ()

    def options(self, world: World, subject: str) -> Iterable[Option]:
        inside = Option(OWN_INDEX.id, OWN_INDEX.name, OWN_INDEX.complexity, OWN_INDEX)
        return [inside, *products("search", loader.technologies())]

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        if option.id == INSIDE:
            homes = [database_of(world, world.form.structures[n].context) for n in world.of_shape(Shape.SEARCH)]
            words = all(h is not None and ability(h.technology, "full_text") for h in homes)
            yield lacks("the database cannot search words", words)
            yield bound("rows searched", ROWS_INSIDE, _rows(world))
            yield bound("searches a second", SEARCHES_INSIDE, _searches(world), "/s")

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"cost of owning it": 0.5, "simplicity": 0.3, "team": 0.2}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        known = familiarity(world, technology) if isinstance(technology, Technology) else Score(0.8, say("nothing new"))
        return {
            "cost of owning it": _costs(world)[option.id],
            "simplicity": simplicity(world, option.complexity),
            "team": known,
        }

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        assert option is not None
        names = world.of_shape(Shape.SEARCH)
        if isinstance(option.source, Technology):
            contexts = tuple(dict.fromkeys(world.form.structures[n].context for n in names))
            return world.with_store(Store(SEARCH, SEARCH, option.source, contexts), *names)
        for name in names:
            home = database_of(world, world.form.structures[name].context)
            if home is not None:
                world = world.with_store(home, name)
        return world


def _rows(world: World) -> float:
    return max((world.load.rows(n) for n in world.of_shape(Shape.SEARCH)), default=0.0)


def _searches(world: World) -> float:
    return sum(world.load.of_structure("lookups", n) for n in world.of_shape(Shape.SEARCH))


def of_search(world: World) -> Load:
    """What the engine has to carry."""
    names = world.of_shape(Shape.SEARCH)
    writes = sum(world.load.of_structure("rows_written", o) for n in names for o in world.form.structures[n].of)
    size = sum(resting.row_bytes(world.form.structures[n], world) * world.load.rows(n) for n in names)
    return Load(reads=_searches(world), writes=writes, bytes=size, copies=2, headroom=world.headroom)


@remembered
def _costs(world: World) -> Mapping[str, Score]:
    load = of_search(world)
    known = {t.id: t for t in loader.technologies().values() if t.kind == "search"}
    lines = {n: driver.owned(t, load, capacity.database) for n, t in known.items()}
    lines[INSIDE] = Line(OWN_INDEX.complexity * driver.ATTENTION * driver.ENGINEER_USD, 0.0)
    return driver.scores(lines, {INSIDE: OWN_INDEX.complexity, **{n: t.complexity for n, t in known.items()}})
