"""How many of each, at what cost, until when: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from workbook.plan.capacity import GB, Fleet
from workbook.plan.fold.components import Kind
from workbook.prose import Prose


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A service, store or broker with its machines. `multiplier` is what further regions add."""

    id: str
    kind: Kind
    fleet: Fleet
    multiplier: float = 1.0
    least: int = 1
    most: int = 1
    """Bounds for autoscaling."""

    @property
    def nodes(self) -> int:
        """Machines over all regions."""
        return round(self.fleet.nodes * self.multiplier)

    @property
    def used(self) -> float:
        """The share of what is bought that the binding dimension uses at peak, headroom left out."""
        need = self.fleet.binding
        if need is None or need.have <= 0:
            return 0.0
        bearing = self.fleet.nodes if self.kind is Kind.SERVICE or self.fleet.ring else self.fleet.shards
        return min(need.need / (need.have * max(1, bearing)), 1.0)

    @property
    def monthly_usd(self) -> float:
        """Cost over all regions."""
        return self.fleet.monthly_usd * self.multiplier


class Item(StrEnum):
    """Lines of the bill. BRIEF.md, "Results"."""

    GATEWAY = "gateway"
    COMPUTE = "compute"
    DATABASE = "database"
    CACHE = "cache"
    STREAM = "stream"
    OBJECTS = "object_storage"
    SEARCH = "search"
    TRAFFIC_OUT = "traffic_out"
    CDN = "cdn"
    CROSS_ZONE = "cross_zone"
    INTEGRATIONS = "integrations"
    OBSERVED = "logs_and_metrics"
    NON_PRODUCTION = "non_production"
    SUPPORT = "support"


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """A line of the bill, how it comes about, and where its price comes from."""

    id: Item
    monthly_usd: float
    how: Prose
    source: str
    prices: tuple[str, ...] = ()
    """The prices that a brief may say and by which it is paid."""
    share: float = 0.0
    """Of the whole bill; worked out when the bill is whole."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """A point on the timeline, with what grew until then."""

    month: int
    peak_qps: float
    storage_bytes: float
    monthly_usd: float
    connections: float
    messages_per_second: float

    @property
    def storage_gb(self) -> float:
        """The same in gigabytes."""
        return self.storage_bytes / GB


class Mark(StrEnum):
    """What a review mark watches."""

    REQUESTS = "requests"
    """Requests a second on one node of a database."""
    BYTES = "bytes"
    """Bytes on one node of a database in a year."""
    CONNECTIONS = "connections"
    """Open connections a server."""
    MEMORY = "memory"
    """Memory in use a node."""
    EVENTS = "events"
    """Events a second a broker."""


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A review mark: when growth reaches it, in months from now (None: not within the horizon; 0: already)."""

    component: str
    mark: Mark
    now: float
    limit: float
    unit: str
    month: int | None


@dataclass(frozen=True, kw_only=True)
class Sizing:
    """The answer in machines and money."""

    tiers: Mapping[str, Tier]
    partitions: Mapping[str, int]
    """Topic -> partitions."""
    shards: Mapping[str, int]
    """Store -> shards (leaders) or nodes of a ring."""
    costs: tuple[CostItem, ...]
    timeline: tuple[Month, ...]
    thresholds: tuple[Threshold, ...]
    monthly_usd: float
    per_user_usd: float | None
    growth_per_year: float
    reach_their_end: tuple[str, ...] = ()
    """Entities whose first rows go again before the horizon."""

    @property
    def items(self) -> tuple[CostItem, ...]:
        """The lines of the bill with their shares."""
        return tuple(
            replace(c, share=round(c.monthly_usd / self.monthly_usd, 3)) for c in self.costs if self.monthly_usd
        )

    @property
    def servers(self) -> int:
        """Machines that run our own code."""
        return sum(t.nodes for t in self.tiers.values() if t.kind is Kind.SERVICE)
