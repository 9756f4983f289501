"""Every kind of promise is attacked: a small system keeps it, and the same with a mistake of its author does not."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.plan import Plan, derive
from workbook.proof.promises import base
from workbook.proof.promises.base import Verdict, kinds
from workbook.proof.promises.verdicts import verify
from workbook.proof.servers import Postgresql

CASES = {
    p.stem: yaml.safe_load(p.read_text("utf-8")) for p in sorted(Path(__file__).with_name("promises").glob("*.yaml"))
}
BROKEN = [
    (kind, name) for kind, case in CASES.items() for name, one in case["variants"].items() if not one.get("holds")
]
HOLDING = [(kind, name) for kind, case in CASES.items() for name, one in case["variants"].items() if one.get("holds")]


def merged(said: Any, change: Any) -> Any:
    """A brief with some of it replaced: mappings key by key, everything else whole; nothing stands for what is gone."""
    if not isinstance(said, Mapping) or not isinstance(change, Mapping) or "steps" in change or "fields" in change:
        return change
    made = {k: merged(said.get(k), v) for k, v in change.items()}
    return {k: v for k, v in {**said, **made}.items() if v is not None}


@cache
def planned(kind: str, variant: str = "") -> Plan:
    """The plan of a case, or of a variant with a mistake in it."""
    case = CASES[kind]
    said = merged(case["brief"], case["variants"][variant]["change"]) if variant else case["brief"]
    return derive(loads(yaml.safe_dump(said, sort_keys=False, allow_unicode=True)))


def verdict(kind: str, server: Postgresql, variant: str = "") -> Verdict:
    """What comes out for the promise of a case."""
    name = CASES[kind]["promise"]
    return verify(planned(kind, variant), promises=[name], server=server)[name]


def test_every_kind_has_a_case() -> None:
    """An attack without a system that breaks would prove nothing."""
    assert {k.value for k in kinds()} == set(CASES)


@pytest.mark.parametrize("kind", CASES)
def test_it_holds_as_built(kind: str, server: Postgresql) -> None:
    """The attack fails, and succeeds with all guards taken out; the guards are those that the system has."""
    plan, case = planned(kind), CASES[kind]
    for name, wanted in {case["promise"]: case, **case.get("also", {})}.items():
        found = verify(plan, promises=[name], server=server)[name]
        assert (found.tested, found.why) == (base.Tested.PASSED, "")
        assert [g for g in wanted["guards"] if not any(g in one for one in found.guards)] == []
        if "idle" in wanted:
            assert [g for g in found.idle if not any(one in g for one in wanted["idle"])] == []
            assert [one for one in wanted["idle"] if not any(one in g for g in found.idle)] == []
        assert found.on.startswith("PostgreSQL ")


@pytest.mark.parametrize(("kind", "variant"), BROKEN, ids=[f"{k}-{v}" for k, v in BROKEN])
def test_a_mistake_is_found(kind: str, variant: str, server: Postgresql) -> None:
    """The verdict says what was broken, and tells the history that led there."""
    found = verdict(kind, server, variant)
    assert found.tested is base.Tested.FAILED, found
    assert CASES[kind]["variants"][variant]["says"] in found.why
    assert len(found.history) >= 2
    assert "(seed 0." in found.history[0]


@pytest.mark.parametrize(("kind", "variant"), HOLDING, ids=[f"{k}-{v}" for k, v in HOLDING])
def test_another_guard_holds_a_mistake(kind: str, variant: str, server: Postgresql) -> None:
    """What the author forgot in the steps is kept by the database."""
    found = verdict(kind, server, variant)
    assert (found.tested, found.why) == (base.Tested.PASSED, "")
