"""What happens one after the other between the parts, as a person would tell it: a transaction is one hop, a look-up with its fill is one.

Who calls whom follows from the hops of all operations; so no picture, table or flow can show an arrow that another does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.services import ASKED, HELD, Role, Service
from workbook.plan.form.added import free
from workbook.plan.form.model import Group, GroupKind, Part, Program, Step, walk
from workbook.plan.form.terms import Found
from workbook.plan.form.verbs import ON_STRUCTURES, READS, WRITES
from workbook.plan.passes.world import MESSAGING, OBJECTS, SEARCH, World

CLIENT, GATEWAY, CDN = "client", "gateway", "cdn"


class HopKind(StrEnum):
    """What a hop is."""

    CALLED = "called"
    """Somebody calls, by way of the gateway."""
    TOLD = "told"
    """An event, an item of a queue or a row that is due is fetched."""
    READ = "read"
    WRITE = "write"
    TOGETHER = "together"
    """A transaction."""
    LOOKED_UP = "looked_up"
    """A copy is asked; what it has not is read and put there."""
    FILE = "file"
    """Bytes that go past the services."""
    PUBLISH = "publish"
    PUSH = "push"
    OUTSIDE = "outside"
    """A call of an integration."""
    WORK = "work"
    """A processor."""
    ANSWER = "answer"


@dataclass(frozen=True, kw_only=True)
class Hop:
    """One thing that happens between two components. `way` names them all, from who begins to where it ends."""

    kind: HopKind
    way: tuple[str, ...]
    steps: tuple[Step, ...] = ()
    around: tuple[Group, ...] = ()
    awaited: bool = False

    @property
    def source(self) -> str:
        """Who begins."""
        return self.way[0]

    @property
    def target(self) -> str:
        """Where it ends."""
        return self.way[-1]


@dataclass(frozen=True)
class Places:
    """Where operations run and structures rest, as identifiers of components."""

    world: World
    services: tuple[Service, ...]

    def service(self, operation: str) -> Service:
        """Which service runs an operation."""
        return next(s for s in self.services if operation in s.operations)

    def outside(self, integration: str) -> str:
        """The component of an integration: its own name, unless a part of the system is called so."""
        return free(integration, (CLIENT, GATEWAY, CDN, *self.world.stores, *(s.id for s in self.services)))

    def owner(self, context: str) -> Service | None:
        """The service that answers for a context."""
        owning = [s for s in self.services if context in s.contexts]
        return next((s for s in owning if s.role is Role.API), owning[0] if owning else None)

    def gateway_of(self, structure: str) -> str:
        """Who holds the connections that a registry lists."""
        for service in self.services:
            if service.role is Role.REALTIME and any(self._registers(o, structure) for o in service.operations):
                return service.id
        owner = self.owner(self.world.form.structures[structure].context)
        return owner.id if owner else self.services[0].id

    def _registers(self, operation: str, structure: str) -> bool:
        return any(s.target == structure for s, _ in self.world.programs[operation].steps())

    def way(self, service: Service, name: str) -> tuple[str, ...]:
        """From a service to where a structure or topic rests: through the service that owns it."""
        home = self.world.home(name)
        structure = self.world.form.structures.get(name)
        passed = self._asks(service, structure.context if structure is not None else "")
        if home is None:
            return (service.id, *passed)
        return (service.id, *passed, home.id)

    def _asks(self, service: Service, context: str) -> tuple[str, ...]:
        """The other service that is asked, where data are not one's own."""
        if not context or context in service.contexts:
            return ()
        owner = self.owner(context)
        return (owner.id,) if owner is not None and owner.id != service.id else ()


def hops(program: Program, places: Places) -> tuple[Hop, ...]:
    """The hops of one operation, in order."""
    service = places.service(program.id)
    awaited = program.starts in ASKED
    made = [*_start(program, service, places), *_parts(program.parts, (), program, service, places, awaited)]
    return tuple(made)


def _start(program: Program, service: Service, places: Places) -> Iterator[Hop]:
    world, start = places.world, program.operation.starts
    if program.starts in (Start.CALLER, *HELD):
        way = (CLIENT, GATEWAY, service.id) if world.has(GATEWAY) else (CLIENT, service.id)
        yield Hop(kind=HopKind.CALLED, way=way, awaited=True)
    elif program.starts is Start.WEBHOOK:
        caller = program.operation.caller
        who = places.outside(caller) if caller in world.form.integrations else CLIENT
        way = (who, GATEWAY, service.id) if world.has(GATEWAY) else (who, service.id)
        yield Hop(kind=HopKind.CALLED, way=way, awaited=True)
    elif start.on in world.homes:
        yield Hop(kind=HopKind.TOLD, way=(service.id, world.homes[start.on]))


def _parts(
    parts: tuple[Part, ...],
    around: tuple[Group, ...],
    program: Program,
    service: Service,
    places: Places,
    awaited: bool,
) -> Iterator[Hop]:
    position = 0
    while position < len(parts):
        part = parts[position]
        following = parts[position + 1] if position + 1 < len(parts) else None
        if isinstance(part, Step):
            filled = _fill(part, following, places.world)
            if filled is not None:
                position += 1
                yield _looked_up(part, filled, around, service, places, awaited)
            else:
                yield from _step(part, around, program, service, places, awaited)
        elif part.kind is GroupKind.TOGETHER:
            yield from _together(part, around, service, places, awaited)
        else:
            if part.read is not None:
                yield from _step(part.read, around, program, service, places, awaited)
            yield from _parts(part.steps, (*around, part), program, service, places, awaited)
        position += 1


def _fill(step: Step, following: Part | None, world: World) -> Group | None:
    """The branch behind a look-up that reads and copies what was not there."""
    structure = world.form.structures.get(step.target)
    if step.verb is not Verb.GET or structure is None or not structure.of or not isinstance(following, Group):
        return None
    absent = any(isinstance(t, Found) and t.name == step.name and not t.present for t in following.tests)
    puts = any(s.target == step.target and s.verb is Verb.PUT for s, _ in _steps_of(following))
    return following if following.kind is GroupKind.WHEN and absent and puts else None


def _steps_of(group: Group) -> Iterator[tuple[Step, tuple[Group, ...]]]:
    return walk(group.steps)


def _looked_up(
    step: Step, filled: Group, around: tuple[Group, ...], service: Service, places: Places, awaited: bool
) -> Hop:
    steps = (step, *(s for s, _ in _steps_of(filled)))
    read = next((s for s in steps if s.target != step.target and s.target in places.world.form.structures), step)
    way = (*places.way(service, step.target), *places.way(service, read.target)[1:])
    return Hop(kind=HopKind.LOOKED_UP, way=way, steps=steps, around=around, awaited=awaited)


def _together(
    group: Group, around: tuple[Group, ...], service: Service, places: Places, awaited: bool
) -> Iterator[Hop]:
    steps = tuple(s for s, _ in _steps_of(group))
    kept = [s for s in steps if s.target in places.world.form.structures]
    way = places.way(service, kept[0].target) if kept else (service.id,)
    yield Hop(kind=HopKind.TOGETHER, way=way, steps=steps, around=(*around, group), awaited=awaited)
    for step in steps:
        if step.direct and step.shape is Shape.OBJECT and OBJECTS in places.world.stores:
            yield Hop(kind=HopKind.FILE, way=(CLIENT, OBJECTS), steps=(step,), around=around, awaited=awaited)


def _step(
    step: Step, around: tuple[Group, ...], program: Program, service: Service, places: Places, awaited: bool
) -> Iterator[Hop]:
    kind, way = _told(step, program, service, places)
    if kind is not None:
        yield Hop(kind=kind, way=way, steps=(step,), around=around, awaited=awaited)
    if step.direct and step.shape is Shape.OBJECT and OBJECTS in places.world.stores:
        through = (CDN,) if step.verb is Verb.GET and places.world.has(CDN) else ()
        yield Hop(kind=HopKind.FILE, way=(CLIENT, *through, OBJECTS), steps=(step,), around=around, awaited=awaited)


def _told(step: Step, program: Program, service: Service, places: Places) -> tuple[HopKind | None, tuple[str, ...]]:
    world = places.world
    if step.verb is Verb.PUBLISH:
        return HopKind.PUBLISH, places.way(service, step.target)
    if step.verb is Verb.PUSH:
        gateway = places.gateway_of(step.target)
        return HopKind.PUSH, (service.id, CLIENT) if gateway == service.id else (service.id, gateway, CLIENT)
    if step.verb is Verb.CALL:
        return HopKind.OUTSIDE, (service.id, places.outside(step.target.split(".")[0]))
    if step.verb is Verb.RUN:
        return HopKind.WORK, (service.id,) if step.place != "client" else (CLIENT,)
    if step.verb is Verb.ANSWER and program.starts in ASKED:
        return HopKind.ANSWER, (service.id, CLIENT)
    if step.verb not in ON_STRUCTURES or step.target not in world.form.structures:
        return None, ()
    kind = HopKind.READ if step.verb in READS else HopKind.WRITE
    return kind, places.way(service, step.target)


def writes(hop: Hop) -> bool:
    """Whether something is changed by it."""
    return any(s.verb in WRITES or s.verb is Verb.PUBLISH for s in hop.steps)


def protocols(places: Places) -> Mapping[str, str]:
    """How each component is spoken to."""
    world, services = places.world, places.services
    made = {name: str(store.technology.details.get("protocol", "")) for name, store in world.stores.items()}
    typed = world.has("api_style") and bool(world.chosen("api_style").source.abilities.get("typed"))
    for service in services:
        made[service.id] = "gRPC" if typed and len(services) > 1 else "HTTP"
        if service.role is Role.REALTIME:
            made[service.id] = "WebSocket"
    return {
        **made,
        GATEWAY: "HTTPS",
        CDN: "HTTPS",
        **dict.fromkeys(map(places.outside, world.form.integrations), "HTTPS"),
    }


__all__ = ["CDN", "CLIENT", "GATEWAY", "MESSAGING", "SEARCH", "Hop", "HopKind", "Places", "hops", "protocols", "writes"]
