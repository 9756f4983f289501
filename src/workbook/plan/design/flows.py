"""Paths of operations through the components: what happens in which order, in what time, and what happens when a step fails."""

from __future__ import annotations

from typing import Literal

from workbook.plan.decisions.base import World
from workbook.plan.design.model import CacheEntry, Flow, Hop, Query, Service, Store, Table, Topic
from workbook.plan.names import words

_SHARES = {
    "edge": 0.06,
    "gateway": 0.06,
    "service": 0.18,
    "cache": 0.04,
    "database": 0.46,
    "publish": 0.1,
    "answer": 0.1,
}
ASYNC_FACTOR = 2.0
"""What is done after the answer may take twice the caller's time before it counts as lag (our assumption)."""


def _relays(store: Store | None) -> bool:
    """Whether the event waits in an outbox beside the change."""
    return bool(store and store.technology.abilities.get("transactions"))


class Flows:
    """Builds the flow of any operation from what serves it."""

    def __init__(
        self,
        world: World,
        services: tuple[Service, ...],
        stores: tuple[Store, ...],
        tables: tuple[Table, ...],
        topics: tuple[Topic, ...],
        caches: tuple[CacheEntry, ...],
    ) -> None:
        self.world, self.services, self.stores, self.tables, self.topics, self.caches = (
            world,
            services,
            stores,
            tables,
            topics,
            caches,
        )
        self.messaging = world.chosen("messaging")
        self.shared_cache = bool(next(s for s in stores if s.role == "cache").technology.port)

    def flow(self, name: str) -> Flow:
        """The flow of one operation."""
        complete = self.world.complete
        operation = complete.operations[name]
        target = complete.latency(name).best * 1000
        kind: Literal["write", "read", "realtime"] = (
            "realtime" if operation.verb == "subscribe" else "read" if operation.reads else "write"
        )
        hops, waits = (
            self._realtime(name, target)
            if kind == "realtime"
            else self._read(name, target)
            if kind == "read"
            else self._write(name, target)
        )
        return Flow(
            id=name,
            title=words(name),
            kind=kind,
            operation=name,
            hops=tuple(hops),
            target_ms=target,
            asynchronous_from=waits,
        )

    def _service(self, name: str) -> Service:
        return next(s for s in self.services if name in s.operations)

    def _store(self, entity: str) -> Store | None:
        context = self.world.complete.contexts[entity]
        return next((s for s in self.stores if s.role == "database" and context in s.contexts), None)

    def _front(self, name: str, target: float) -> list[Hop]:
        service = self._service(name)
        if service.role == "worker":
            return []
        return [
            Hop(
                source="client",
                target="gateway",
                action=f"calls {words(name)}",
                protocol="HTTPS",
                budget_ms=target * _SHARES["edge"],
                failure="the network is slow or gone",
                remedy="client repeats with backoff and the same idempotency key"
                if self.world.complete.operations[name].idempotent
                else "client repeats reads; asks before it repeats a write",
            ),
            Hop(
                source="gateway",
                target=service.id,
                action="checks token and rate limit, picks a healthy instance",
                protocol="HTTP",
                budget_ms=target * _SHARES["gateway"],
                failure=f"an instance of {service.name} does not answer",
                remedy="health check takes it out; one retry on another instance",
            ),
        ]

    def _cache_entries(self, name: str) -> list[CacheEntry]:
        return [c for c in self.caches if name in c.operations]

    def _read(self, name: str, target: float) -> tuple[list[Hop], int]:
        complete = self.world.complete
        operation = complete.operations[name]
        service = self._service(name)
        hops = self._front(name, target)
        entries = self._cache_entries(name)
        left = target * (1 - _SHARES["edge"] - _SHARES["gateway"] - _SHARES["answer"])
        if entries:
            key = entries[0].key
            where = "cache" if self.shared_cache else service.id
            hops.append(
                Hop(
                    source=service.id,
                    target=where,
                    action=f"looks up `{key}`",
                    protocol=self._cache_protocol(),
                    budget_ms=left * 0.1,
                    failure="the cache does not answer",
                    remedy=f"after {left * 0.1:.0f} ms it counts as a miss; the breaker opens at 50 % failures",
                )
            )
        if complete.kind(operation.entity) != "memory":
            query = self._query(name)
            store = self._store(operation.entity)
            if query and query[1].index == "search index":
                hops.append(
                    Hop(
                        source=service.id,
                        target="search_index",
                        action=f"searches {words(operation.entity)}",
                        protocol="HTTPS",
                        budget_ms=left * 0.6,
                        failure="the index is behind or down",
                        remedy="answers from the last index; says that results may be old",
                    )
                )
            elif store:
                by = f" by {query[1].index}" if query else ""
                miss = "on a miss, " if entries else ""
                hops.append(
                    Hop(
                        source=service.id,
                        target=store.id,
                        action=f"{miss}reads {words(query[0].name if query else operation.entity)}{by}",
                        protocol=self._wire(store),
                        budget_ms=left * 0.6,
                        failure=f"{store.name} is slow or fails over",
                        remedy=f"timeout at {left * 0.6:.0f} ms, one retry on another copy, then the breaker",
                    )
                )
            if entries and self.shared_cache:
                hops.append(
                    Hop(
                        source=service.id,
                        target="cache",
                        action=f"stores `{entries[0].key}` for {entries[0].ttl_seconds} s, one caller at a time",
                        protocol=self._cache_protocol(),
                        budget_ms=left * 0.1,
                        failure="the write is lost",
                        remedy="the next miss fills it",
                    )
                )
        if operation.verb == "download":
            hops.append(
                Hop(
                    source="client",
                    target="cdn",
                    action="fetches the file by the signed address",
                    protocol="HTTPS",
                    budget_ms=left * 0.2,
                    failure="the edge has no copy",
                    remedy="fetches it from the object store once and keeps it",
                )
            )
        if service.role != "worker":
            hops.append(
                Hop(
                    source=service.id,
                    target="client",
                    action="answers",
                    protocol="HTTPS",
                    budget_ms=target * _SHARES["answer"],
                    failure="the client is gone",
                    remedy="nothing to undo: the call changes nothing",
                )
            )
        return hops, 0

    def _write(self, name: str, target: float) -> tuple[list[Hop], int]:
        complete = self.world.complete
        operation = complete.operations[name]
        service = self._service(name)
        hops = self._front(name, target)
        entity = operation.entity
        store = self._store(entity)
        topic = next((t for t in self.topics if t.operation == name), None) or next(
            (t for t in self.topics if t.entity == entity and t.operation == name), None
        )
        called = [i for i, v in complete.model.integrations.items() if name in v.operations]
        if service.role == "worker":
            source = "messaging" if self._broker() else (store.id if store else service.id)
            hops.append(
                Hop(
                    source=source,
                    target=service.id,
                    action=f"hands over the event that makes it {words(name)}",
                    protocol=self._event_protocol(),
                    budget_ms=target * 0.2,
                    failure="the worker dies",
                    remedy="the event is delivered again; processed_event lets it count once",
                )
            )
        if complete.kind(entity) == "memory":
            hops.append(
                Hop(
                    source=service.id,
                    target="cache" if self.shared_cache else service.id,
                    action=f"sets `{next((c.key for c in self.caches if c.entity == entity), entity)}`",
                    protocol=self._cache_protocol(),
                    budget_ms=target * 0.3,
                    failure="the cache does not answer",
                    remedy="dropped: the next update replaces it",
                )
            )
        elif operation.verb == "notify":
            target_id = called[0] if called else "client"
            hops.append(
                Hop(
                    source=service.id,
                    target=target_id,
                    action=f"sends the notice of {words(entity)}",
                    protocol="HTTPS",
                    budget_ms=target * 0.6,
                    failure="the provider refuses or is down",
                    remedy="retry with backoff and jitter for an hour, then the dead letters",
                )
            )
        elif store:
            if operation.verb == "upload":
                hops.append(
                    Hop(
                        source=service.id,
                        target="object_store",
                        action="makes a signed address; the client sends the file there",
                        protocol="HTTPS",
                        budget_ms=target * 0.2,
                        failure="the upload breaks off",
                        remedy="parts are sent again; an unfinished upload is deleted after a day",
                    )
                )
            told = (
                " and the outbox row in one transaction"
                if topic and store.technology.abilities.get("transactions")
                else ""
            )
            once = "checks the idempotency key, " if operation.idempotent else ""
            hops.append(
                Hop(
                    source=service.id,
                    target=store.id,
                    action=f"{once}writes {words(entity)}{told}",
                    protocol=self._wire(store),
                    budget_ms=target * _SHARES["database"],
                    failure=f"{store.name} refuses or times out",
                    remedy="nothing is acknowledged; the client repeats"
                    + (" with the same key" if operation.idempotent else ""),
                )
            )
        if service.role != "worker" and operation.verb != "notify":
            for external in called:
                hops.append(
                    Hop(
                        source=service.id,
                        target=complete.names.integration(external),
                        action=complete.model.integrations[external].does,
                        protocol="HTTPS",
                        budget_ms=target * 0.2,
                        failure=f"{words(external)} is down",
                        remedy="circuit breaker; accepted and done later where the brief allows it",
                    )
                )
            if topic and self._broker() and not _relays(store):
                hops.append(self._publish(service, topic, target * _SHARES["publish"], store))
            hops.append(
                Hop(
                    source=service.id,
                    target="client",
                    action="answers that it is accepted",
                    protocol="HTTPS",
                    budget_ms=target * _SHARES["answer"],
                    failure="the answer is lost",
                    remedy="the repeat gets the same answer"
                    if operation.idempotent
                    else "the client reads before it repeats",
                )
            )
        waits = 0
        if topic:
            waits = len(hops) + 1
            hops.extend(self._after(name, topic, target, store))
        return hops, waits

    def _after(self, name: str, topic: Topic, target: float, store: Store | None) -> list[Hop]:
        """What follows the answer: the event, the worker, what it brings up to date."""
        late = target * ASYNC_FACTOR
        service = self._service(name)
        worker = self._worker(topic.entity, service)
        hops: list[Hop] = []
        source = service.id
        if self._broker():
            if _relays(store) or service.role == "worker":
                hops.append(self._publish(service, topic, late * 0.2, store))
            source = "messaging"
        elif store:
            source = store.id
        hops.append(
            Hop(
                source=source,
                target=worker,
                action=f"hands {topic.event} to {topic.groups[0][0]}",
                protocol=self._event_protocol(),
                budget_ms=late * 0.3,
                failure="the worker fails on it",
                remedy=f"five tries with backoff, then {topic.dead_letter}",
            )
        )
        box = next((t for t in self.tables if t.inbox and t.entity == topic.entity), None)
        if box and self.world.complete.operations[name].fan_out is not None:
            hops.append(
                Hop(
                    source=worker,
                    target=box.store,
                    action=f"writes a row of {words(box.name)} for each recipient, in batches",
                    protocol=self._wire(next(s for s in self.stores if s.id == box.store)),
                    budget_ms=late * 0.3,
                    failure="a batch fails",
                    remedy="rows have natural keys: the batch is written again",
                )
            )
        entries = [c for c in self.caches if c.entity == topic.entity]
        if entries and self.shared_cache:
            hops.append(
                Hop(
                    source=worker,
                    target="cache",
                    action=f"brings `{entries[0].key}` up to date",
                    protocol=self._cache_protocol(),
                    budget_ms=late * 0.1,
                    failure="the cache does not answer",
                    remedy=f"the entry ends by itself after {entries[0].ttl_seconds} s",
                )
            )
        if any(s.role == "realtime" for s in self.services) and any(
            o.verb == "subscribe" and o.entity == topic.entity for o in self.world.complete.operations.values()
        ):
            hops.append(
                Hop(
                    source=worker,
                    target="realtime_gateway",
                    action="pushes to the recipients that are connected",
                    protocol="WebSocket",
                    budget_ms=late * 0.1,
                    failure="a recipient is not connected",
                    remedy="it catches up by cursor when it comes back",
                )
            )
        return hops

    def _publish(self, service: Service, topic: Topic, budget: float, store: Store | None) -> Hop:
        """The hop to the broker: relayed from the outbox after the answer, or waited for where the store cannot keep both in one transaction."""
        relayed = _relays(store)
        return Hop(
            source=service.id,
            target="messaging",
            action=f"publishes {topic.event} to {topic.name}"
            + (" from the outbox" if relayed else ", and waits until it is kept"),
            protocol=self._event_protocol(),
            budget_ms=budget,
            failure="the broker does not take it",
            remedy="the outbox keeps it and tries again"
            if relayed
            else "nothing is acknowledged: the repeat writes the same row and publishes again",
        )

    def _realtime(self, name: str, target: float) -> tuple[list[Hop], int]:
        operation = self.world.complete.operations[name]
        store = self._store(operation.entity)
        topic = next((t for t in self.topics if t.entity == operation.entity), None)
        hops = [
            Hop(
                source="client",
                target="gateway",
                action="opens the connection with its token and last cursor",
                protocol="WebSocket",
                budget_ms=target * 0.1,
                failure="the connection breaks",
                remedy="client reconnects after a random wait of up to 30 s",
            ),
            Hop(
                source="gateway",
                target="realtime_gateway",
                action="hands over the socket, sticky to one instance",
                protocol="WebSocket",
                budget_ms=target * 0.1,
                failure="the instance is replaced",
                remedy="it drains: tells clients to reconnect within a minute",
            ),
        ]
        if store:
            hops.append(
                Hop(
                    source="realtime_gateway",
                    target=store.id,
                    action=f"reads what was missed of {words(operation.entity)} since the cursor",
                    protocol=self._wire(store),
                    budget_ms=target * 0.4,
                    failure="too much was missed",
                    remedy="sends the latest page and lets the client fetch the rest",
                )
            )
        if topic:
            source, protocol = (
                "messaging" if self._broker() else (store.id if store else "realtime_gateway"),
                self._event_protocol(),
            )
            worker = next(
                (
                    s.id
                    for s in self.services
                    if s.role == "worker" and self.world.complete.contexts[topic.entity] in s.contexts
                ),
                None,
            )
            if worker and topic.operation != name:
                source, protocol = worker, "WebSocket"
            hops.append(
                Hop(
                    source=source,
                    target="realtime_gateway",
                    action=f"hands over each {topic.event} for the connections that it holds",
                    protocol=protocol,
                    budget_ms=target * 0.2,
                    failure="the gateway lags",
                    remedy="slow connections are dropped: they catch up by cursor",
                )
            )
        hops.append(
            Hop(
                source="realtime_gateway",
                target="client",
                action="pushes in order, with the cursor to resume from",
                protocol="WebSocket",
                budget_ms=target * 0.1,
                failure="no acknowledgement within 30 s",
                remedy="closes; the client resumes by cursor",
            )
        )
        return hops, 0

    def _worker(self, entity: str, service: Service) -> str:
        context = self.world.complete.contexts[entity]
        found = next((s for s in self.services if s.role == "worker" and context in s.contexts), None)
        return found.id if found else service.id

    def _query(self, name: str) -> tuple[Table, Query] | None:
        return next(((t, q) for t in self.tables for q in t.queries if q.operation == name), None)

    def _broker(self) -> bool:
        return not self.messaging.source.abilities.get("transactional_with_database")

    def _event_protocol(self) -> str:
        return f"{self.messaging.name}" if self._broker() else "SQL poll"

    def _cache_protocol(self) -> str:
        cache = next(s for s in self.stores if s.role == "cache").technology
        return cache.name if cache.port else "in memory"

    def _wire(self, store: Store) -> str:
        return (
            "CQL"
            if store.technology.dialect == "cql"
            else "SQL"
            if store.technology.abilities.get("joins")
            else "HTTPS"
            if store.technology.abilities.get("elastic")
            else store.technology.name
        )
