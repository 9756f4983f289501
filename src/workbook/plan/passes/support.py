"""Which tools stand around the system: identity, secrets, what is seen of it, how it is built and delivered?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan.capacity import HOURS_A_MONTH
from workbook.plan.passes.asked import machines_usd
from workbook.plan.passes.bought import Bought
from workbook.plan.passes.driver import ATTENTION, ENGINEER_USD, Line, scores
from workbook.plan.passes.fit import familiarity
from workbook.plan.passes.model import Limit, Option, Score, ability, lacks
from workbook.plan.passes.world import DATABASE, World


class Cloud(Bought):
    """Where it runs: said by the brief, else assumed."""

    id = "cloud"
    kind = "cloud"
    title = "Cloud"
    question = "Where does it run?"

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        said = world.complete.model.constraints.cloud
        why = (
            f"the brief says {said}"
            if said
            else f"nothing is said, and what is counted with are prices of {world.complete.cloud}"
        )
        yield lacks(why, option.id == world.complete.cloud)


class Identity(Bought):
    """Asked where somebody signs in."""

    id = "identity"
    kind = "identity"
    title = "Identity"
    question = "Who signs callers in?"

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if any(o.caller for o in world.form.operations.values()) else ()


class Secrets(Bought):
    """Keys and passwords of the system itself."""

    id = "secrets"
    kind = "secrets"
    title = "Secrets"
    question = "Where do keys and passwords lie?"


class Metrics(Bought):
    """The rules of alerting are kept and tested with the code, so it has to read them."""

    id = "metrics"
    kind = "metrics"
    title = "Metrics"
    question = "What measures, and raises the alarm?"
    wanted: ClassVar[Mapping[str, str]] = {"rules_as_code": "rules kept with the code"}


class Logs(Bought):
    """What happened, in order."""

    id = "logs"
    kind = "logs"
    title = "Logs"
    question = "Where do logs lie?"
    after = ("metrics",)


class Traces(Bought):
    """Where the time of a call went."""

    id = "traces"
    kind = "traces"
    title = "Traces"
    question = "What follows a call through the parts?"
    after = ("metrics",)


class Delivery(Bought):
    """What builds, tests and delivers."""

    id = "ci"
    kind = "ci"
    title = "Delivery"
    question = "What builds, tests and delivers?"


class Infrastructure(Bought):
    """How machines and networks are described."""

    id = "iac"
    kind = "iac"
    title = "Infrastructure as code"
    question = "How are machines and networks described?"


class Migration(Bought):
    """Asked where a database has a schema."""

    id = "migration"
    kind = "migration"
    title = "Migrations"
    question = "What carries a schema from one version to the next?"

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if any(s.role == DATABASE for s in world.stores.values()) else ()

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        technology = option.source
        assert isinstance(technology, Technology)
        languages = technology.details.get("languages")
        mine = world.chosen("language").id
        yield lacks(f"it is not made for {mine}", not languages or mine in languages)


class Orchestrator(Bought):
    """Machines without anybody's care cost more each; a platform of one's own takes people. What it costs to own decides."""

    id = "orchestrator"
    kind = "orchestrator"
    title = "Runs on"
    question = "What starts, watches and replaces the instances?"
    after = ("cloud",)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"cost of owning it": 0.6, "team": 0.4}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        technology = option.source
        assert isinstance(technology, Technology)
        return {"cost of owning it": _owned(world)[technology.id], "team": familiarity(world, technology)}


SERVERLESS = 1.2
"""Containers without machines against machines of one's own, per core (catalog: Fargate, "about a fifth dearer")."""


def _owned(world: World) -> Mapping[str, Score]:
    known = {t.id: t for t in loader.technologies().values() if t.kind == Orchestrator.kind}
    usd = machines_usd(world)
    lines = {}
    for name, technology in known.items():
        people = technology.complexity * ATTENTION * ENGINEER_USD
        managed = bool(ability(technology, "elastic"))
        plane = technology.node.hourly_usd.value * HOURS_A_MONTH if technology.node and not managed else 0.0
        lines[name] = Line(people + plane, usd * (SERVERLESS if managed else 1.0))
    return scores(lines, {n: t.complexity for n, t in known.items()})
