"""What published designs of such systems promise is promised here, too, and holds under attack.

Each file names an example or an archetype and lists what it must carry, with the source that says so. The four examples are attacked here,
everything else by `make attack`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import Brief, load, loads
from workbook.brief.load import examples
from workbook.plan import Plan, derive
from workbook.plan.form.keeping import Keeping, KeptBy
from workbook.proof.promises.base import Tested
from workbook.proof.promises.verdicts import verify
from workbook.proof.servers import NotHere

SYSTEMS = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(Path(__file__).parent.glob("*.yaml"))}
LISTED = [(system, index) for system, said in SYSTEMS.items() for index, _ in enumerate(said["carries"])]
HOLD = {Tested.PASSED, Tested.STAND_IN_PASSED}


def brief_of(system: str) -> Brief:
    """An example by its name, or an archetype on its own."""
    return load(system) if system in examples() else loads(f"system: {system}\narchetypes: [{system}]\n")


def carried(plan: Plan, said: dict[str, Any]) -> list[Keeping]:
    """The promises of that kind about that thing, with how each is kept."""
    return [
        one
        for one in plan.world.keepings
        if (one.pledge.kind.value, one.pledge.promise.about) == (said["promise"], said["about"])
    ]


@pytest.mark.parametrize(("system", "index"), LISTED)
def test_a_published_promise_is_carried(system: str, index: int) -> None:
    """The design makes the promise and says how it keeps it."""
    said = SYSTEMS[system]["carries"][index]
    assert said["source"]
    plan = derive(brief_of(system))
    kept = [one.pledge.id for one in carried(plan, said) if one.by is not KeptBy.NOTHING]
    assert kept, f"{system} does not keep {said['promise']} of {said['about']}"


@pytest.mark.slow
@pytest.mark.parametrize("system", sorted(set(SYSTEMS) & set(examples())))
def test_a_published_promise_holds(system: str) -> None:
    """Attacked on a real database it holds, and the same attack succeeds once its guards are taken out."""
    plan = derive(brief_of(system))
    wanted = sorted({one.pledge.id for said in SYSTEMS[system]["carries"] for one in carried(plan, said)})
    try:
        found = verify(plan, promises=wanted)
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")
    assert {name: found[name].why for name in wanted if found[name].tested not in HOLD} == {}
