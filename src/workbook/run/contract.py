"""The inside of a plan for programs: `workbook plan BRIEF --json`. BRIEF.md, "The plan for programs", says what each part means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbook.brief.problems import Problem
from workbook.brief.steps.syntax import Start
from workbook.plan import Plan
from workbook.plan.fold.components import Call, Component
from workbook.plan.form.keeping import Keeping, KeptBy
from workbook.plan.form.model import Program, Structure
from workbook.plan.load.walk import Run
from workbook.plan.passes import resting
from workbook.plan.passes.model import Decided, Judged
from workbook.plan.sizing.model import Tier
from workbook.proof.promises.base import Verdict
from workbook.review import failed, review


def contract(plan: Plan, verdicts: Mapping[str, Verdict] | None = None) -> dict[str, Any]:
    """Everything that is built, as plain values. Rates are per second at peak, before replication."""
    design = plan.design
    return {
        "system": plan.complete.model.system,
        "revision": plan.brief.revision,
        "structures": [_structure(s, plan) for s in plan.world.form.structures.values()],
        "operations": [_operation(p, plan) for p in plan.world.programs.values()],
        "promises": [_promise(k, plan, (verdicts or {}).get(k.pledge.id)) for k in plan.world.kept],
        "mechanisms": _mechanisms(plan),
        "components": [_component(c, plan) for c in design.components],
        "calls": [_call(c, plan) for c in design.calls],
        "topics": [
            {"name": t.id, "key": list(t.key), "producers": list(t.producers), "consumers": list(t.consumers)}
            for t in design.topics
        ],
        "choices": [_choice(n, d, plan) for n, d in plan.decisions.items()],
        "tiers": [_tier(t) for t in plan.sizing.tiers.values()],
        "cost": [{"item": c.id.value, "monthly_usd": c.monthly_usd} for c in plan.sizing.costs],
        "findings": [
            {"id": p.id, "severity": _SEVERITY[p.severity], "about": p.place, "says": p.what, "remedy": p.remedy}
            for p in _findings(plan)
        ],
        "unknown": [{"about": o.about, "why": o.why} for o in plan.unknown],
    }


def _findings(plan: Plan) -> Iterator[Problem]:
    """What the design does not meet, and which checks of it fail."""
    yield from plan.problems
    for result in failed(review(plan)):
        yield Problem("review", "; ".join(result.details), result.remedy, "warning", result.id)


_SEVERITY = {"error": "high", "warning": "middle", "info": "low"}


def _structure(structure: Structure, plan: Plan) -> dict[str, Any]:
    world = plan.world
    home = world.home(structure.id)
    kept = world.load.measures.lifetime(structure.ttl, f"structures.{structure.id}.ttl")
    rows = world.load.rows(structure.id)
    return {
        "id": structure.id,
        "entity": structure.entity or None,
        "shape": structure.shape.value,
        "store": home.id if home else None,
        "technology": home.technology.id if home else None,
        "context": structure.context,
        "key": list(structure.key),
        "per": {field: largest.best for field, largest in structure.largest.items()},
        "of": list(structure.of),
        "loss": structure.loss.value,
        "ttl_seconds": float(kept[0]) if kept is not None else None,
        "rows": rows,
        "bytes": resting.resting_bytes(world, structure.id),
        "peak_reads": world.load.of_structure("lookups", structure.id),
        "peak_writes": world.load.of_structure("rows_written", structure.id),
        "added_by": structure.added_by or None,
    }


def _operation(program: Program, plan: Plan) -> dict[str, Any]:
    operation, design = program.operation, plan.design
    endpoint = design.endpoint(program.id)
    return {
        "id": program.id,
        "starts": program.starts.value,
        "on": _on(program),
        "endpoint": f"{endpoint.method} {endpoint.path}" if endpoint else None,
        "service": design.service_of(program.id).id,
        "asked_by": operation.caller or None,
        "awaited_ms": None,
        "availability": None,
        "peak_per_second": plan.world.load.peak_of(program.id),
        "added_by": operation.added_by or None,
        "steps": [_step(run) for run in plan.world.load.runs.get(program.id, ())],
    }


def _on(program: Program) -> str | None:
    starts = program.operation.starts
    if program.starts is Start.EVERY:
        return str(starts.every) + (f" for each {starts.each}" if starts.each else "")
    return (f"{starts.on}.{starts.field}" if starts.field else starts.on) or None


def _step(run: Run) -> dict[str, Any]:
    step = run.step
    return {
        "verb": step.verb.value,
        "target": step.target or None,
        "target_shape": step.shape.value if step.shape else None,
        "runs": float(run.runs[0]),
        "rows": float(run.rows[0]),
        "awaited": run.awaited,
        "groups": [{"kind": g.kind.value, "id": g.id} for g in run.groups],
        "by": [g.field for g in step.by],
        "text": step.text,
    }


def _promise(keeping: Keeping, plan: Plan, verdict: Verdict | None) -> dict[str, Any]:
    promise = keeping.pledge.promise
    return {
        "id": promise.id,
        "kind": promise.kind.value,
        "about": promise.about,
        "goals": list(promise.goals),
        "kept": keeping.by.value,
        "where": "; ".join(keeping.where) if keeping.by is not KeptBy.NOTHING else keeping.lacks,
        "tested": verdict.tested.value if verdict else "not_run",
        "on": verdict.on or None if verdict else None,
        "stands_in_for": verdict.stands_in_for or None if verdict else None,
        "from": promise.origin,
    }


def _mechanisms(plan: Plan) -> list[dict[str, Any]]:
    made = []
    form = plan.world.form
    for use in plan.world.uses.built:
        capability = use.binding.capability
        decided = plan.decisions[use.id]
        made.append(
            {
                "capability": capability.id,
                "title": capability.title,
                "roles": {name: player.id for name, player in use.binding.players.items()},
                "approach": decided.chosen.id,
                "runner_up": decided.runner_up.id if decided.runner_up else None,
                "adds": {
                    "structures": [s.id for s in form.structures.values() if s.added_by == capability.id],
                    "operations": [o.id for o in form.operations.values() if o.added_by == capability.id],
                },
                "unbound": list(use.binding.unbound),
            }
        )
    return made


def _component(component: Component, plan: Plan) -> dict[str, Any]:
    technology = component.technology
    return {
        "id": component.id,
        "name": plan.design.title(component.id),
        "kind": component.kind.value,
        "technology": technology.id if technology else None,
    }


def _call(call: Call, plan: Plan) -> dict[str, Any]:
    return {
        "source": call.source,
        "target": call.target,
        "protocol": plan.design.protocols.get(call.target, ""),
        "awaited": call.awaited,
        "operations": list(call.operations),
    }


def _choice(name: str, decided: Decided, plan: Plan) -> dict[str, Any]:
    return {
        "id": name,
        "subject": decided.subject or None,
        "chosen": decided.chosen.id,
        "runner_up": decided.runner_up.id if decided.runner_up else None,
        "excluded": [e for j in decided.judged for e in _excluded(j)],
        "flip_point": plan.flip_point(name),
    }


def _excluded(judged: Judged) -> list[dict[str, Any]]:
    return [
        {"option": judged.option.id, "limit": str(x.what), "need": x.need, "have": x.have}
        for x in judged.limits
        if not x.met
    ]


def _tier(tier: Tier) -> dict[str, Any]:
    fleet, busiest = tier.fleet, tier.fleet.binding
    return {
        "id": tier.id,
        "kind": tier.kind.value,
        "technology": fleet.technology,
        "instance": fleet.instance,
        "nodes": tier.nodes,
        "vcpu": fleet.vcpu * tier.nodes,
        "bytes": fleet.storage_gb * 1e9,
        "busiest": {"what": busiest.what, "share": min(1.0, busiest.nodes / max(1, fleet.nodes))} if busiest else None,
        "monthly_usd": tier.monthly_usd,
    }
