"""The whole first line as one value: a brief in, everything that follows from it out, in milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from workbook.brief.load import Brief
from workbook.brief.problems import Problem
from workbook.brief.today import today
from workbook.plan import acceptance, flips
from workbook.plan.clashes import check_columns
from workbook.plan.complete import Complete, complete
from workbook.plan.demand import Demand, Value, demand
from workbook.plan.findings import findings
from workbook.plan.fold.design import Design
from workbook.plan.form.build import build
from workbook.plan.form.model import Form, Open
from workbook.plan.left_out import left_out
from workbook.plan.mechanisms.uses import Uses, uses
from workbook.plan.passes.engine import decide
from workbook.plan.passes.model import Decided
from workbook.plan.passes.world import World
from workbook.plan.sizing import Sizing, size
from workbook.plan.unknown import unknown
from workbook.plan.unused import check_choices

SAMPLES = 1000


@dataclass(frozen=True)
class Plan:
    """What a brief leads to. Parts: `complete`, `demand`, `decisions`, `design`, `sizing`."""

    brief: Brief
    complete: Complete
    demand: Demand
    world: World
    design: Design
    sizing: Sizing

    @property
    def decisions(self) -> Mapping[str, Decided]:
        """Every decision by id, e.g. `database.booking`."""
        return self.world.decided

    @cached_property
    def found(self) -> tuple[Problem, ...]:
        """Findings, accepted or not: what the design does not meet, what is pinned against a limit, what is open."""
        return findings(self.complete, self.design, self.sizing)

    def problems_on(self, day: date) -> tuple[Problem, ...]:
        """Findings as they stand on a day, the worst first: what was accepted until then comes back. Not errors of the brief."""
        return acceptance.standing(self.found, self.complete, day)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Findings as they stand today."""
        return self.problems_on(today())

    @property
    def unknown(self) -> tuple[Open, ...]:
        """What the workbook does not know about this system: questions of the form, roles that nobody plays, what is not built yet, what a database does otherwise."""
        return (*unknown(self.world), *left_out(self.world, self.design.tables))

    @cached_property
    def values(self) -> Mapping[str, Value]:
        """Every number by its public name."""
        made = dict(self.demand.values)
        made.update(self._sized())
        made.update(self.demand.capacity(made))
        return made

    def _sized(self) -> dict[str, Value]:
        import numpy as np

        sizing = self.sizing
        made = {
            "totals.servers": Value(np.array([float(sizing.servers)]), "1"),
            "totals.monthly_cost_usd": Value(np.array([sizing.monthly_usd]), "USD/month"),
        }
        if sizing.per_user_usd is not None:
            made["totals.cost_per_user_usd"] = Value(np.array([sizing.per_user_usd]), "USD/month")
        for item in sizing.costs:
            made[f"cost.{item.id.value}.monthly_cost_usd"] = Value(np.array([item.monthly_usd]), "USD/month")
        return made

    def flip_point(self, decision: str) -> str:
        """At what demand or weight the answer to a decision changes, in words. Computed when asked."""
        return flips.flip_point(self._probes, self.decisions[decision])

    @cached_property
    def _probes(self) -> flips.Probes:
        before = logical(self.complete)
        return flips.Probes(lambda factor: decide(world_of(self.complete, factor, before)))

    def estimate(self, *, range: bool = False, flip_points: bool = False) -> dict[str, Any]:
        """All results as `workbook estimate --json` prints them."""
        made: dict[str, Any] = {"system": self.complete.model.system, "revision": self.brief.revision}
        spread = self._ranges() if range else {}
        for name, value in self.values.items():
            shown: dict[str, Any] = {"value": value.best, "unit": value.unit}
            if range:
                low, high = spread.get(name, (value.best, value.best))
                shown |= {"low": min(low, value.best), "high": max(high, value.best)}
            _put(made, name.split("."), shown)
        made["decisions"] = {n: self._decision(n, d, flip_points) for n, d in self.decisions.items()}
        return made

    def _ranges(self) -> dict[str, tuple[float, float]]:
        """5-95 % of every number. Demand by samples; machines and money at the demand whose peak is at either end of its range."""
        sampled = demand(self.complete, SAMPLES).values
        found = {name: value.range() for name, value in sampled.items()}
        peak = self.values.get("totals.peak_qps")
        if peak and peak.best > 0:
            ends = [
                _derived(self.brief, self.complete, end / peak.best)._sized()
                for end in found["totals.peak_qps"]
                if end > 0
            ]
            for name in self._sized():
                at_ends = [e[name].best for e in ends if name in e]
                found[name] = (
                    (min(at_ends), max(at_ends)) if at_ends else (self.values[name].best, self.values[name].best)
                )
        return found

    def _decision(self, name: str, decided: Decided, flip_points: bool) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "chosen": decided.chosen.id,
            "runner_up": decided.runner_up.id if decided.runner_up else None,
        }
        if flip_points:
            shown["flip_point"] = self.flip_point(name)
        return shown

    def tables(self) -> dict[str, list[dict[str, Any]]]:
        """Operations, entities, costs and tiers as rows, for data frames."""
        rows: dict[str, dict[str, dict[str, Any]]] = {"operations": {}, "entities": {}}
        for name, value in self.values.items():
            part, *rest = name.split(".")
            if part in rows:
                rows[part].setdefault(rest[0], {"id": rest[0]})[rest[1]] = value.best
        made: dict[str, list[dict[str, Any]]] = {part: list(found.values()) for part, found in rows.items()}
        made["costs"] = [{"id": c.id.value, "monthly_usd": c.monthly_usd, "how": str(c.how)} for c in self.sizing.costs]
        made["tiers"] = [
            {
                "id": t.id,
                "name": self.design.title(t.id),
                "kind": t.kind.value,
                "instance": t.fleet.instance,
                "nodes": t.nodes,
                "monthly_usd": t.monthly_usd,
            }
            for t in self.sizing.tiers.values()
        ]
        made["timeline"] = [
            {f: getattr(m, f) for f in ("month", "peak_qps", "storage_bytes", "monthly_usd")}
            for m in self.sizing.timeline
        ]
        return made


def _put(root: dict[str, Any], path: list[str], value: Any) -> None:
    for part in path[:-1]:
        root = root.setdefault(part, {})
    root[path[-1]] = value


def logical(completed: Complete) -> tuple[Form, Uses]:
    """The form before any choice, and the capabilities that are bound to it. The same at every load."""
    form = build(completed)
    return form, uses(completed, form)


def world_of(completed: Complete, scale: float = 1.0, before: tuple[Form, Uses] | None = None) -> World:
    """The world in which nothing is chosen yet, at so many times the demand."""
    form, bound = before or logical(completed)
    return World(completed, demand(completed, scale=scale), form, bound)


def _derived(brief: Brief, completed: Complete, scale: float = 1.0) -> Plan:
    """The plan of a completed brief, at so many times its demand."""
    world = decide(world_of(completed, scale))
    built = Design(world)
    return Plan(brief, completed, world.demand, world, built, size(built))


def derive(brief: Brief) -> Plan:
    """Everything that follows from a brief. Raises BriefError where it cannot be read."""
    plan = _derived(brief, complete(brief))
    check_choices(plan.world)
    check_columns(plan.world)
    acceptance.check(plan.complete)
    plan.demand.capacity({**plan.demand.values, **plan._sized()})
    plan.design.focus  # noqa: B018 (variables of the document that mean nothing are refused here)
    return plan
