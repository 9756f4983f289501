"""A promise is kept by the store that was chosen, or it is not kept."""

from __future__ import annotations

from workbook.brief import load
from workbook.plan import derive
from workbook.plan.form.keeping import KeptBy
from workbook.proof.promises.verdicts import verify
from workbook.review import review
from workbook.run.contract import contract

PINNED = {"choices.database": "mysql"}
OVERLAP = "no_overlap.appointment.doctor"


def test_a_pinned_store_that_lacks_the_constraint_keeps_nothing() -> None:
    """MySQL knows no exclusion constraint: the plan, its check and the contract say that nothing keeps it; PostgreSQL keeps it."""
    plan = derive(load("clinic", PINNED))
    kept = {k.pledge.id: k for k in plan.world.kept}
    assert kept[OVERLAP].by is KeptBy.NOTHING
    assert "MySQL" in kept[OVERLAP].lacks
    check = next(r for r in review(plan) if r.id == "unkept_promise")
    assert (check.state, OVERLAP in check.details[0]) == ("fails", True)
    assert {p["id"]: p["kept"] for p in contract(plan)["promises"]}[OVERLAP] == "nothing"
    assert {k.pledge.id: k.by for k in derive(load("clinic")).world.kept}[OVERLAP] is KeptBy.CONSTRAINT


def test_what_stands_in_is_not_asked_what_the_store_cannot() -> None:
    """PostgreSQL would pass in place of a store that has no such constraint: no verdict is given."""
    verdict = verify(derive(load("clinic", PINNED)), promises=[OVERLAP])[OVERLAP]
    assert verdict.tested.value == "not_run"
    assert "stands in" in verdict.why
