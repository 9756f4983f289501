"""What published designs of such systems promise is promised here, too; `make attack` wants each of them to hold.

Each file names an example or an archetype and lists what it must carry, with the source that says so.
"""

from __future__ import annotations

import pytest
from published import SYSTEMS, brief_of, carried

from workbook.plan import derive
from workbook.plan.form.keeping import KeptBy

LISTED = [(system, index) for system, said in SYSTEMS.items() for index, _ in enumerate(said["carries"])]


@pytest.mark.parametrize(("system", "index"), LISTED)
def test_a_published_promise_is_carried(system: str, index: int) -> None:
    """The design makes the promise and says how it keeps it."""
    said = SYSTEMS[system]["carries"][index]
    assert said["source"]
    plan = derive(brief_of(system))
    kept = [one.pledge.id for one in carried(plan, said) if one.by is not KeptBy.NOTHING]
    assert kept, f"{system} does not keep {said['promise']} of {said['about']}"
