"""Rows stay as they are: every role tries to change and remove them, every operation and worker runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from workbook.artifacts.dialects.postgresql import security
from workbook.artifacts.writing.sql import identifier as quoted_name
from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.plan.form.pledges import Pledge
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, shown_rows
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Rest, Scenario, Wait
from workbook.proof.stage.cast import Cast
from workbook.proof.stage.play import Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.UNCHANGED
OWNER = "the owner of the table"
DAYS = timedelta(days=2)


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    return f"every database role, the owner included, tries to change and remove {pledge.structure}; every operation and worker runs"


@dataclass(frozen=True)
class Tries:
    """A role changes, removes and empties by plain SQL."""

    role: str
    structure: str

    def perform(self, play: Play) -> None:
        connection = play.house.connection()
        if self.role == OWNER:
            play.leave(connection)
        else:
            play.assume(connection, {"role": self.role, security.setting(): ""})
        table, key = quoted_name(self.structure), quoted_name(play.house.scene.tables[self.structure].key[0])
        for command in (f"UPDATE {table} SET {key} = {key}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
            done = _done(connection, command)
            play.say(f"{self.role}: {command} -> {'refused' if done is None else f'{done} rows'}")
            if done:
                play.background.wrong = f"{self.role} may {command.split(' ', 1)[0]} {self.structure}: {done} rows"

    def smaller(self) -> Iterator[Any]:
        yield from ()


def _done(connection: Any, command: str) -> int | None:
    """How many rows a command reached; None where it is refused. It is undone."""
    found: int | None = None
    try:
        with connection.transaction(force_rollback=True):
            found = abs(int(connection.execute(command).rowcount))
    except Exception:  # noqa: BLE001 (that is what should happen)
        return None
    return found


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Roles, operations, workers."""
    if not cast.rows.get(pledge.structure):
        raise CannotAttack(f"there are no rows of {pledge.structure} to begin with")
    scene = cast.house.scene
    roles = {security.role(r.persona) for r in scene.rules} | {security.WORKER, OWNER}
    for role in sorted(roles):
        yield Scenario("by plain SQL", (Tries(role, pledge.structure),))
    calls = tuple(c for c in (cast.fitting(n) for n in cast.called) if c is not None)
    yield Scenario("every operation", (Calls(calls), Rest(), Wait(DAYS), Rest()))
    kept = _kept(pledge, cast)
    if kept is not None:
        yield Scenario("when its time is over", (Wait(kept + DAYS), Rest()), about=True)


def _kept(pledge: Pledge, cast: Cast) -> timedelta | None:
    """After which time rows may go."""
    said = pledge.said.get("until") or cast.house.scene.form.structures[pledge.structure].retention
    return timedelta(seconds=said.best) if isinstance(said, Quantity) else None


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Somebody may, or a row is not as it was."""
    if play.background.wrong:
        return play.background.wrong
    if scenario.about:
        return _stuck(pledge, play)
    now = {str(sorted((k, str(v)) for k, v in r.items())) for r in play.rows(pledge.structure)}
    gone = [r for r in play.before(pledge.structure) if str(sorted((k, str(v)) for k, v in r.items())) not in now]
    if gone:
        return f"{len(gone)} rows of {pledge.structure} were changed or removed: {shown_rows(gone, play.house.scene.tables[pledge.structure].key)}"
    return ""


def _stuck(pledge: Pledge, play: Play) -> str:
    """Whoever ends rows whose time is over must be able to."""
    for result in play.results:
        if result.outcome.kind == "failed" and any(
            s.target == pledge.structure for s, _ in play.programs[result.call.operation].steps()
        ):
            return f"{result.call.operation} ends {pledge.structure} after its time and cannot: {result.outcome.answer.get('error')}"
    return ""


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """The trigger, and row security."""
    table = scene.tables[pledge.structure]
    return [*g.append_only(table, scene.tables), g.row_security(pledge.structure, scene, scene.form.personas)]
