"""How many of each, at what cost, until when: frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from workbook.plan.capacity import Fleet


@dataclass(frozen=True, kw_only=True)
class Tier:
    """A service, store or stream with its machines. `multiplier` is what further regions add."""

    id: str
    name: str
    kind: str
    """compute, database, cache, stream, object_storage or search."""
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
    def monthly_usd(self) -> float:
        """Cost over all regions."""
        return self.fleet.monthly_usd * self.multiplier


@dataclass(frozen=True, kw_only=True)
class CostItem:
    """A line of the bill, how it comes about, and where its price comes from."""

    id: str
    name: str
    monthly_usd: float
    how: str
    source: str
    prices: tuple[str, ...] = ()
    """The prices that a brief may say and by which it is paid."""


@dataclass(frozen=True, kw_only=True)
class Month:
    """A point on the timeline, with what grew until then."""

    month: int
    peak_qps: float
    storage_bytes: float
    monthly_usd: float
    connections: float
    messages_per_second: float


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """A review mark: when growth reaches it, in months from now (None: not within the horizon; 0: already)."""

    component: str
    mark: str
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

    @property
    def servers(self) -> int:
        """Machines that run our own code."""
        return sum(t.nodes for t in self.tiers.values() if t.kind == "compute")
