"""Capabilities that operations have without a mechanism: said, they are there; where no operation has them, that is said."""

from __future__ import annotations

import pytest

from workbook.brief import loads
from workbook.brief.model import VERBS
from workbook.catalog import loader
from workbook.plan import derive

PLAIN = {n: c.by_default for n, c in loader.capabilities().items() if c.by_default is not None}
BRIEF = """\
workbook: 1
system: Archive
populations: {{users: {{daily_active: 1000}}}}
capabilities: [{capability}]
entities:
  paper: {{fields: {{id: id, body: string 200}}}}
  scan: {{kind: object, fields: {{id: id, picture: blob 1 MB}}}}
operations:
  some: {{does: {does}, rate: 1 per users per day{more}}}
  other: {{does: {other}, rate: 1 per users per day}}
"""


def unknown(capability: str, does: str, other: str, more: str = "") -> list[str]:
    """What the plan says of a capability that it has not built."""
    plan = derive(loads(BRIEF.format(capability=capability, does=does, other=other, more=more)))
    return [o.why for o in plan.unknown if o.about == f"capabilities.{capability}"]


@pytest.mark.parametrize("capability", sorted(PLAIN))
def test_an_operation_with_its_verb_has_it(capability: str) -> None:
    """With such an operation nothing is unknown of it; with another it is said which one is missing."""
    plain = PLAIN[capability]
    verb = next(iter(plain.verbs), "create")
    what = "scan" if verb in ("download", "stream") else "paper"
    more = ", idempotent: true" if plain.idempotent else ""
    lacking = next(v for v in ("compute", "read") if v not in plain.verbs)
    assert unknown(capability, f"{verb} {what}", f"{lacking} paper", more) == []
    assert len(unknown(capability, f"{lacking} paper", f"{lacking} paper")) == 1


def test_its_verbs_are_those_of_operations_and_it_has_no_approaches() -> None:
    """A capability is either built or there by default."""
    for name, plain in PLAIN.items():
        assert set(plain.verbs) <= set(VERBS), name
        assert plain.verbs or plain.idempotent, name
        assert not loader.capabilities()[name].built, name
