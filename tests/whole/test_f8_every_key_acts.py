"""F8: no key of the language is ignored: each changes an estimate, a finding, a page or an artifact."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook import artifacts, document
from workbook.brief import loads, model
from workbook.brief.model import Model, Strict
from workbook.document.show import section_markdown
from workbook.plan import Plan, derive
from workbook.review import review

TABLE: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "keys.yaml").read_text(encoding="utf-8"))
ASKED_ELSEWHERE = {"Accepted", "Confirmed", "ActiveHours", "Peak", "Replicas"}
"""Models of one value, and those that tests/brief/test_g3_accepted_and_confirmed.py is about."""


def models() -> dict[str, type[Strict]]:
    """Every model of the language that has keys a user writes."""
    known = {n: m for n, m in vars(model).items() if isinstance(m, type) and issubclass(m, Strict) and m is not Strict}
    found = {n: m for n, m in known.items() if not m.__module__.endswith(".structures")}
    return {name: made for name, made in found.items() if name not in ASKED_ELSEWHERE}


OF_THE_FORM = {
    *(("Model", key) for key in ("structures", "topics", "types", "processors", "tenant", "promises")),
    *(("Operation", key) for key in ("starts", "steps", "over", "share")),
    *(("Integration", key) for key in ("kind", "over", "calls")),
    *(("Entity", key) for key in ("moves", "per")),
}
"""Keys that change the form, which tests/form is about; no page is read off it yet."""
KEYS = [
    (name, key)
    for name, made in models().items()
    for key in made.model_fields
    if (name, key) not in {("Model", "workbook"), *OF_THE_FORM}
]


def planned(changes: Mapping[str, Any]) -> Plan:
    """The plan of the table's brief with values at dotted paths."""
    raw = copy.deepcopy(TABLE["brief"])
    for dotted, value in changes.items():
        here = raw
        *above, last = dotted.split(".")
        for part in above:
            here = here.setdefault(part, {})
        here[last] = value
    return derive(loads(yaml.safe_dump(raw, sort_keys=False)))


def said(plan: Plan) -> Iterator[str]:
    """Everything that follows, the quickest first."""
    yield json.dumps(plan.estimate() | {"revision": ""}, default=str) + "".join(map(str, plan.problems))
    yield from (section_markdown(section) for section in document.build(plan))
    yield "".join(artifact.path + artifact.text for artifact in artifacts.build(plan))
    yield str(review(plan))


@cache
def before() -> tuple[str, ...]:
    """Everything that follows from the table's brief."""
    return tuple(said(planned({})))


@pytest.mark.parametrize(("name", "key"), KEYS)
@pytest.mark.slow
def test_f8_a_key_changes_something(name: str, key: str) -> None:
    """With another value of the key something that follows is another."""
    value = TABLE[name][key]
    where = TABLE["instead"].get(f"{name}.{key}", TABLE["where"].get(name))
    after = said(planned(value if name == "Model" else {f"{where}.{key}": value}))
    if (name, key) in (("Model", "accepted"), ("Model", "confirmed")):
        assert any("accepted" in text or "confirmed" in text for text in after)
        return
    assert any(one != other for one, other in zip(before(), after, strict=True))


def test_f8_the_table_has_every_key() -> None:
    """A key that is added to the language has to be added to the table with what it changes."""
    assert {(n, k) for n in models() for k in TABLE[n]} == set(KEYS)
    assert set(Model.model_fields) - {"workbook"} == set(TABLE["Model"]) | {k for n, k in OF_THE_FORM if n == "Model"}
