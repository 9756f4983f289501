"""What is built, read off the world in which every question is answered. Each part is worked out when somebody asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from workbook.catalog.model import Technology
from workbook.plan.fold.access import Rule, rules
from workbook.plan.fold.components import Call, Component, calls, components, titles
from workbook.plan.fold.critical import Focus, focus
from workbook.plan.fold.endpoints import Endpoint, endpoints
from workbook.plan.fold.hops import Hop, Places, hops, protocols
from workbook.plan.fold.layout import Table
from workbook.plan.fold.services import Service, services
from workbook.plan.fold.tables import tables
from workbook.plan.fold.topics import Topic, topics
from workbook.plan.names import words
from workbook.plan.passes.world import Store, World


@dataclass(frozen=True, eq=False)
class Design:
    """Everything that is built."""

    world: World

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """What is deployed and scaled on its own."""
        return services(self.world)

    @property
    def stores(self) -> tuple[Store, ...]:
        """Databases, memory, broker, files, search."""
        return tuple(self.world.stores.values())

    @cached_property
    def places(self) -> Places:
        """Where operations run and structures rest."""
        return Places(self.world, self.services)

    @cached_property
    def hops(self) -> Mapping[str, tuple[Hop, ...]]:
        """What happens between the parts, operation by operation."""
        return {name: hops(program, self.places) for name, program in self.world.programs.items()}

    @cached_property
    def components(self) -> tuple[Component, ...]:
        """The boxes."""
        return components(self.places, self.hops)

    @cached_property
    def calls(self) -> tuple[Call, ...]:
        """The arrows."""
        return calls(self.hops)

    @cached_property
    def topics(self) -> tuple[Topic, ...]:
        """The events."""
        return topics(self.world, self.services, self.critical_write)

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The ways in."""
        return endpoints(self.world, self.services)

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables of all databases."""
        return tables(self.world)

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Who may see and change what."""
        return rules(self.world.form, self.world.programs, self.world.pledges)

    @cached_property
    def focus(self) -> Focus:
        """What the document looks at most closely."""
        return focus(self.world)

    @property
    def critical_write(self) -> str:
        """The operation whose way the deep dive follows."""
        return self.focus.critical_write

    @property
    def critical_read(self) -> str:
        """The same of what is read."""
        return self.focus.critical_read

    @property
    def language(self) -> Technology:
        """In which the services are written."""
        return self.world.decided["language"].technology

    @property
    def memory(self) -> Technology | None:
        """What holds copies and what may be lost; None where nothing does."""
        return self.world.product("cache")

    @property
    def messaging(self) -> Technology | None:
        """What carries events; None where nothing is told."""
        return self.world.product("messaging")

    @cached_property
    def protocols(self) -> Mapping[str, str]:
        """How each component is spoken to."""
        return protocols(self.places)

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """What components are called; those of one product that stand side by side by what they keep."""
        return titles(self.components)

    def title(self, component: str) -> str:
        """What a component is called."""
        return self.titles.get(component) or words(component).capitalize()

    def service_of(self, operation: str) -> Service:
        """The service that carries out an operation."""
        return self.places.service(operation)

    def endpoint(self, operation: str) -> Endpoint | None:
        """The way in of an operation; None where nobody calls it."""
        return next((e for e in self.endpoints if e.operation == operation), None)
