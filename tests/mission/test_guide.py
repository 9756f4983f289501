"""Rows of the guide."""

from __future__ import annotations

from collections.abc import Iterator

from claims import CONFIRMED, Claims, Document, confirmation
from documents import put
from readings import Fact, near, number, same, says, true

from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.plan.names import words
from workbook.plan.operate.scaling import zone_losses

CLAIMS = Claims()


def _changed_since(whole: Plan) -> Plan:
    """The same confirmation on a brief in which another number was said since."""
    said = [c.model_dump(mode="json") for c in whole.complete.model.confirmed]
    return derive(load("clinic", {"confirmed": said, "load.peak": "9x"}))


def _by_nobody(whole: Plan) -> Plan:
    """The confirmation of another stage, by somebody else."""
    return derive(load("clinic", {"confirmed": [confirmation("clinic") | {"stage": 2, "by": "Eve"}]}))


@CLAIMS(
    "G3",
    plants=(_changed_since, _by_nobody),
    on=f"clinic{CONFIRMED}",
    briefs=tuple(f"{name}{CONFIRMED}" for name in ("chat", "clinic", "feed", "music")),
)
def a_confirmation_stands_until_the_brief_changes(plan: Plan, document: Document) -> Iterator[Fact]:
    """Who confirmed which stage and when stands in sections 1 and 13 while the brief is what it was, and is called withdrawn after."""
    for said in plan.complete.model.confirmed:
        state, detail, _ = document.items("13.1.signed").get(f"Stage {said.stage}", ("", "", ""))
        yield same(f"stage {said.stage}", "done", state)
        for word in (str(said.by), str(said.date)):
            yield says("section 13", word, detail)
            yield says("section 1", word, document.note("1.6.guide") + document.note("1.6.questions"))
    questions = str(document.block("1.6.questions"))
    yield true("nothing is withdrawn", "withdrawn" not in questions, questions)


@CLAIMS(
    "G17",
    plants=(
        put("sizing", "tiers", "identity_service", "fleet", "nodes", to=9),
        put("design", "hops", "send_message", to=lambda hops: hops[:1]),
    ),
)
def losing_a_part_has_known_effects(plan: Plan, document: Document) -> Iterator[Fact]:
    """Each part says which calls fail without it and which go on; zones, topologies, health, drain and breaker stand with values."""
    rows = {r["Without"]: r for r in document.rows("9.2.degradation")}
    called = {e.operation for e in plan.design.endpoints}
    for component in plan.design.components:
        if component.kind.value == "client":
            continue
        row = rows.get(plan.design.title(component.id))
        yield true(f"without {component.id}", row is not None, list(rows))
        passing = [
            o
            for o in plan.design.hops
            if o in called and any(h.awaited and component.id in h.way for h in plan.design.hops[o])
        ]
        shown = " ".join((row or {}).values())
        for operation in passing[:4]:
            yield true(
                f"{operation} without {component.id}",
                any(part in shown for part in (words(operation), "every call", " more")),
                shown,
            )
    for tier in plan.sizing.tiers.values():
        if tier.fleet.nodes:
            stands = document.row("9.2.zones", Part=plan.design.title(tier.id)).get("Stands in", "")
            yield near(f"{tier.id}: machines", tier.fleet.nodes, stands)
    checks = {r["Check"]: r["Here"] for r in document.rows("9.2.health")}
    yield true("/health and /ready", any("/health" in c for c in checks) and any("/ready" in c for c in checks), checks)
    slowest = max((plan.complete.latency(o).best for o in plan.complete.operations), default=0.0)
    drained = next((h for c, h in checks.items() if c.startswith("An instance ends")), "")
    yield true(f"drains for more than {slowest} s", number(drained) >= min(slowest, 30), drained)
    for row in document.rows("12.3.integrations"):
        yield says(f"{row['System']}: breaker", "breaker opens at", row["We wait"])
    matrix = next((m for m in document.matrices() if m.id == "9.2.decision"), None)
    names = " ".join(o.name for o in matrix.options).lower() if matrix else ""
    yield true("topologies", all(n in names for n in ("single region", "active-passive", "active-active")), names)
    flag = document.items("13.1.review").get("Unclear scaling", ("", "", ""))
    too_busy = any(z.busy > 1 for z in zone_losses(plan.design, plan.sizing))
    yield true("too little left is a finding", not too_busy or flag[0] == "failed", flag)


test_holds = CLAIMS.holds()
test_speaks_of_several_fields = CLAIMS.spoken_of()
test_a_planted_fault_is_seen = CLAIMS.planted()
