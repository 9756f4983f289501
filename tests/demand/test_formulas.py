"""The sentences of BRIEF.md about numbers, one claim of `formulas.yaml` each."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import BriefError, loads
from workbook.plan.complete import complete
from workbook.plan.demand import demand

TABLE: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "formulas.yaml").read_text(encoding="utf-8"))


def laid_over(below: Any, above: Any) -> Any:
    """Above laid over below, name by name; null removes."""
    if not (isinstance(below, Mapping) and isinstance(above, Mapping)):
        return above
    made = {**below, **{k: laid_over(below.get(k), v) for k, v in above.items()}}
    return {k: v for k, v in made.items() if v is not None}


def results(brief: Mapping[str, Any]) -> Mapping[str, float]:
    """Every result of a brief."""
    asked = demand(complete(loads(yaml.safe_dump(dict(brief), sort_keys=False))))
    return {name: value.best for name, value in {**asked.values, **asked.capacity({})}.items()}


@pytest.mark.requirement("W3")
@pytest.mark.parametrize("row", TABLE["claims"], ids=lambda row: str(row["claim"])[:60])
def test_claim(row: Mapping[str, Any]) -> None:
    """The claim's brief gives exactly its results, lacks what does not apply, and holds no NaN."""
    found = results(laid_over(TABLE["base"], row.get("brief", {})))
    wanted = {name: float(value) for name, value in row["gives"].items()}
    assert {n: found.get(n) for n in wanted} == pytest.approx(wanted, rel=1e-9)
    assert [n for n in row.get("absent", ()) if n in found] == []
    assert all(math.isfinite(v) and v > 0 for v in found.values()), {n: v for n, v in found.items() if not v > 0}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"holds": 100, "of": "totals.nosuch"}, "is not a result"),
        ({"holds": "1 TB", "of": "totals.average_qps"}, "cannot be compared"),
        ({"holds": 10, "of": ["totals.average_qps", "totals.storage_bytes_retained"]}, "cannot be compared"),
    ],
)
def test_a_rule_of_capacity_that_makes_no_sense_is_refused(rule: Mapping[str, Any], says: str) -> None:
    """A rule names results that there are, of one unit."""
    with pytest.raises(BriefError, match=says):
        results({**TABLE["base"], "capacity": {"rule": rule}})
