"""Who is locked out by their own rule: operations that work, but not in the role of the persona who calls them."""

from __future__ import annotations

from workbook.plan import Plan
from workbook.proof.servers import Postgresql
from workbook.proof.stage.cast import TRIES, Cast, settle_in
from workbook.proof.stage.house import House, database
from workbook.proof.stage.scene import scene


def locked_out(plan: Plan, server: Postgresql, seed: int = 0) -> dict[str, str]:
    """Operation -> what the engine said. Of operations that nobody can carry out at all nothing is said."""
    with database(server, "workbook_roles") as connect:
        house = House(scene(plan), connect, seed)
        house.build()
        found = among(settle_in(house))
        house.close()
    return found


def among(cast: Cast) -> dict[str, str]:
    """The same on a house that stands."""
    return {name: why for name in cast.called if cast.fitting(name) is None and (why := _why(cast, name))}


def _why(cast: Cast, operation: str) -> str:
    """What keeps somebody from what works for whoever has all rights."""
    for number in range(TRIES):
        call = cast.request(operation, number)
        free = cast.play()
        free.begin(0)
        free.secured = False
        if not free.call(call).fine:
            continue
        held = cast.play()
        held.begin(0)
        outcome = held.call(call).outcome
        cast.house.reset()
        return str(outcome.answer.get("error") or f"{outcome.kind} with {outcome.status}")
    cast.house.reset()
    return ""
