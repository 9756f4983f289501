"""Which parts are deployed and scaled on their own, and in which stores they keep what they own."""

from __future__ import annotations

from workbook.catalog.model import Technology
from workbook.plan import vocabulary
from workbook.plan.complete import Complete
from workbook.plan.decisions.base import World, ability
from workbook.plan.decisions.messaging import emits
from workbook.plan.design.model import Service, Store
from workbook.plan.names import words

INTERNAL_VERBS = ("notify", "compute")


def internal(operation_id: str, complete: Complete) -> bool:
    """Whether the system does it by itself: nobody calls it through the API."""
    operation = complete.operations[operation_id]
    return operation.verb in INTERNAL_VERBS and operation.by is None


def services(world: World) -> tuple[Service, ...]:
    """One application or a service a context, a gateway for open connections, and workers for what is asynchronous."""
    complete = world.complete
    together = bool(ability(world.chosen("architecture_style"), "single_deployable"))
    pushed = [n for n, o in complete.operations.items() if o.verb == "subscribe"]
    background = [n for n in complete.operations if internal(n, complete)]
    asynchronous = any(emits(o) for o in complete.operations.values())
    made: list[Service] = []
    contexts = list(dict.fromkeys(complete.contexts.values()))
    if together:
        operations = tuple(n for n in complete.operations if n not in background and n not in pushed)
        made.append(
            Service(
                id="application",
                name="Application",
                role="api",
                contexts=tuple(contexts),
                operations=operations,
                purpose=f"all calls, in {len(contexts)} modules: {', '.join(words(c) for c in contexts)}",
            )
        )
        if asynchronous or background:
            made.append(
                Service(
                    id="worker",
                    name="Worker",
                    role="worker",
                    contexts=tuple(contexts),
                    operations=tuple(background),
                    purpose="the same code started without its API: handles events and scheduled jobs",
                )
            )
    else:
        for context in contexts:
            operations = tuple(
                n
                for n, o in complete.operations.items()
                if complete.contexts[o.entity] == context and n not in background and n not in pushed
            )
            if operations:
                owned = [words(e) for e, c in complete.contexts.items() if c == context]
                made.append(
                    Service(
                        id=f"{complete.names.context(context)}_service",
                        name=f"{words(context).capitalize()} service",
                        role="api",
                        contexts=(context,),
                        operations=operations,
                        purpose=f"owns {', '.join(owned)}",
                    )
                )
        for context in contexts:
            own = [n for n, o in complete.operations.items() if complete.contexts[o.entity] == context]
            handled = [n for n in own if emits(complete.operations[n])]
            if handled:
                made.append(
                    Service(
                        id=f"{complete.names.context(context)}_worker",
                        name=f"{words(context).capitalize()} worker",
                        role="worker",
                        contexts=(context,),
                        operations=tuple(n for n in own if n in background),
                        purpose=f"handles the events of {', '.join(words(n) for n in handled[:4])}",
                    )
                )
    if pushed:
        made.insert(
            1 if together else len([s for s in made if s.role == "api"]),
            Service(
                id="realtime_gateway",
                name="Real-time gateway",
                role="realtime",
                contexts=tuple(dict.fromkeys(complete.contexts[complete.operations[n].entity] for n in pushed)),
                operations=tuple(pushed),
                purpose=f"holds the connections of {', '.join(words(n) for n in pushed)} and pushes to them",
            ),
        )
    return tuple(made)


def stores(world: World) -> tuple[Store, ...]:
    """One database a technology where all is deployed together, one a context where services own theirs; files; cache; search."""
    complete = world.complete
    together = bool(ability(world.chosen("architecture_style"), "single_deployable"))
    made: list[Store] = []
    chosen = {d.subject: d.chosen.source for d in world.decided.values() if d.decision == "database"}
    if together:
        by_technology: dict[str, list[str]] = {}
        for context, technology in chosen.items():
            by_technology.setdefault(technology.id, []).append(context)
        for technology_id, contexts in by_technology.items():
            identifier = "database" if len(by_technology) == 1 else f"{technology_id}_database"
            made.append(_database(identifier, tuple(contexts), chosen[contexts[0]], world))
    else:
        made.extend(_database(f"{complete.names.context(c)}_database", (c,), t, world) for c, t in chosen.items())
    files = tuple(dict.fromkeys(complete.contexts[e] for e in complete.entities if complete.kind(e) == "object"))
    if files:
        technology = _object_store(complete)
        made.append(
            Store(id="object_store", name=technology.name, role="object_store", technology=technology, contexts=files)
        )
    cache = world.chosen("cache").source
    assert isinstance(cache, Technology)
    made.append(
        Store(
            id="cache",
            name=cache.name,
            role="cache",
            technology=cache,
            contexts=tuple(dict.fromkeys(complete.contexts.values())),
        )
    )
    searched = tuple(
        d.subject
        for d in world.decided.values()
        if d.decision == "database" and world.contexts[d.subject].searches and not ability(d.chosen, "full_text")
    )
    if searched:
        technology = _search(world)
        made.append(
            Store(id="search_index", name=technology.name, role="search", technology=technology, contexts=searched)
        )
    return tuple(made)


def _database(identifier: str, contexts: tuple[str, ...], technology: object, world: World) -> Store:
    assert isinstance(technology, Technology)
    return Store(
        id=identifier,
        name=technology.name,
        role="database",
        technology=technology,
        contexts=contexts,
        space=world.complete.names.context(contexts[0]).lower(),
        replication=world.chosen("replication", contexts[0]).id,
        partitioning=world.chosen("partition_key", contexts[0]).id,
    )


def _object_store(complete: Complete) -> Technology:
    offers = vocabulary.offers("object_store", complete.model.constraints.avoid)
    wanted = [t for t in offers if t.id in (*complete.model.constraints.must_use, *complete.model.constraints.existing)]
    at_home = [t for t in offers if complete.cloud in t.offered]
    return (wanted or at_home or offers)[0]


def _search(world: World) -> Technology:
    offers = vocabulary.offers("search", world.complete.model.constraints.avoid)
    return min(offers, key=lambda t: (t.id not in world.complete.model.constraints.must_use, t.complexity, t.id))
