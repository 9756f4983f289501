"""Attacks every promise of a plan: as built it must hold, with all guards taken out it must break, and each guard is asked for its use."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from workbook.artifacts.dialects.postgresql.statements import NoStatement
from workbook.brief.steps.syntax import lines
from workbook.plan import Plan
from workbook.plan.form.keeping import Keeping, KeptBy
from workbook.plan.form.pledges import Pledge
from workbook.proof.promises.base import CannotAttack, Kind, Tested, Verdict, kinds
from workbook.proof.promises.guards import Guard, Without
from workbook.proof.servers import NotHere, Postgresql, one_postgresql
from workbook.proof.stage.acts import Scenario
from workbook.proof.stage.background import Restless
from workbook.proof.stage.cast import Cast, settle_in
from workbook.proof.stage.house import House, database
from workbook.proof.stage.play import Play
from workbook.proof.stage.scene import Scene, scene

DIALECT = "postgresql"
SHRINKS = 60
"""Smaller histories that are tried: counted, not timed, so that a slow machine tells the same history."""
ALONE = 60
"""Scenarios that are tried without one guard, those that run its operation first."""
_WHICH = re.compile(r"[a-z_]+ \d+\b|\b[0-9a-f]{8}\b|\d+")
_NEVER = ("InsufficientPrivilege", "Undefined", "CannotCoerce", "DatatypeMismatch", "Ambiguous")
"""Errors of the engine that are the design's, whatever the rows."""
LINES = 40
"""Of a history that is shown."""


def verify(
    plan: Plan, *, seed: int = 0, promises: Iterable[str] | None = None, server: Postgresql | None = None
) -> dict[str, Verdict]:
    """A verdict on every promise, or on those named."""
    wanted = None if promises is None else set(promises)
    keepings = [k for k in plan.world.kept if wanted is None or k.pledge.id in wanted]
    try:
        with _served(server) as running:
            return dict(_verdicts(plan, keepings, running, seed))
    except NotHere as missing:
        return {k.pledge.id: Verdict(k.pledge.id, Tested.NOT_RUN, str(missing)) for k in keepings}


@contextmanager
def _served(server: Postgresql | None) -> Iterator[Postgresql]:
    if server is not None:
        yield server
        return
    with one_postgresql() as made:
        yield made


def _verdicts(plan: Plan, keepings: list[Keeping], server: Postgresql, seed: int) -> Iterator[tuple[str, Verdict]]:
    try:
        with Stage.opened(scene(plan), server, seed) as stage:
            for keeping in keepings:
                verdict = _judged(keeping, stage)
                yield keeping.pledge.id, _signed(verdict, plan, keeping.pledge, server, seed)
    except CannotStage as why:
        for keeping in keepings:
            yield keeping.pledge.id, Verdict(keeping.pledge.id, Tested.NOT_RUN, str(why))


class CannotStage(Exception):
    """Why the tables of a plan could not be made, in the engine's words."""


def _judged(keeping: Keeping, stage: Stage) -> Verdict:
    pledge = keeping.pledge
    kind = kinds().get(pledge.kind)
    if keeping.by is KeptBy.NOTHING and keeping.needs:
        return Verdict(
            pledge.id, Tested.NOT_RUN, f"its store cannot keep it, and what stands in could: {keeping.lacks}"
        )
    if pledge.problems:
        return Verdict(pledge.id, Tested.NOT_RUN, pledge.problems[0])
    unread = _unread(pledge, stage.scene)
    if unread:
        return Verdict(pledge.id, Tested.NOT_RUN, unread)
    if kind is None:
        return Verdict(pledge.id, Tested.NOT_RUN, f"nothing attacks {pledge.kind.value} yet")
    try:
        return Trial(kind, pledge, stage).verdict()
    except (CannotAttack, NoStatement) as why:
        return Verdict(pledge.id, Tested.CANNOT_TELL, str(why), kind.describe(pledge))
    except Exception as fault:  # noqa: BLE001 (an attack that is at fault says nothing of the promise, nor of others)
        said = f"the attack itself went wrong: {type(fault).__name__}: {fault}".splitlines()[0]
        return Verdict(pledge.id, Tested.CANNOT_TELL, said, kind.describe(pledge))


def _unread(pledge: Pledge, played: Scene) -> str:
    """A step that means nothing, in an operation that the promise is about: what is left of it would be another system."""
    for name, program in played.programs.items():
        about = name == pledge.operation or program.operation.starts.on == pledge.structure
        written = {one.target.parts[0] for one in lines(program.operation.nodes) if one.target.parts}
        if program.problems and (about or pledge.structure in written):
            return f"{name}: {program.problems[0]}"
    return ""


def _signed(verdict: Verdict, plan: Plan, pledge: Pledge, server: Postgresql, seed: int) -> Verdict:
    """With what ran, and for which product it stands in."""
    if verdict.tested is Tested.NOT_RUN:
        return verdict
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    signed = replace(verdict, on=f"PostgreSQL {server.version}, {today}", seed=seed)
    product = _other_product(plan, pledge)
    if not product:
        return signed
    stands = {Tested.PASSED: Tested.STAND_IN_PASSED, Tested.FAILED: Tested.STAND_IN_FAILED}
    return replace(signed, tested=stands.get(signed.tested, signed.tested), stands_in_for=product)


def _other_product(plan: Plan, pledge: Pledge) -> str:
    """The product that keeps the structures of a promise, where it does not speak PostgreSQL's dialect."""
    program = plan.world.programs.get(pledge.operation)
    touched = [s.target for s, _ in program.steps()] if program else [pledge.structure]
    for name in touched:
        home = plan.world.home(name)
        if home is not None and name in plan.world.form.structures and home.technology.dialect != DIALECT:
            return str(home.technology.name)
    return ""


@dataclass
class Stage:
    """The houses of one plan: as built, and others without some of their guards."""

    scene: Scene
    server: Postgresql
    seed: int
    house: House
    cast: Cast
    template: str
    number: int = 0
    _known: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    @contextmanager
    def opened(played: Scene, server: Postgresql, seed: int) -> Iterator[Stage]:
        """Build once; every house is a copy of that. Raises CannotStage."""
        from psycopg import Error

        template = "workbook_built"
        with database(server, template) as connect:
            first = House(played, connect, seed)
            try:
                first.build()
                settle_in(first)
            except Error as refused:
                raise CannotStage(f"the tables could not be made: {str(refused).splitlines()[0]}") from refused
            finally:
                first.close()
            with database(server, "workbook_stage", template) as copied:
                house = House(played, copied, seed)
                cast = Cast(house)
                cast.look()
                yield Stage(played, server, seed, house, cast, template)
                house.close()

    @contextmanager
    def without(self, guards: tuple[Guard, ...]) -> Iterator[Play]:
        """A history on a house that lacks these guards."""
        left = Without(guards)
        if not left.sql:
            yield self._play(self.house, left)
            return
        self.number += 1
        with database(self.server, f"workbook_stage_{self.number}", self.template) as connect:
            house = House(self.scene, connect, self.seed)
            house.admin.execute(left.sql)
            yield self._play(house, left)
            house.close()

    def _play(self, house: House, left: Without) -> Play:
        return Play(
            house, left.programs(self.scene.programs), left.change, left.acknowledge_first, left.unbounded, left.lagging
        )


@dataclass
class Trial:
    """One promise before its judge."""

    kind: Kind
    pledge: Pledge
    stage: Stage

    def verdict(self) -> Verdict:
        """What came out."""
        attack = self.kind.describe(self.pledge)
        scenarios = list(self.kind.scenarios(self.pledge, self.stage.cast))
        with self.stage.without(()) as play:
            for scenario in scenarios:
                why = self.why(scenario, play)
                if why:
                    return self._failed(scenario, play, why, attack)
        guards = tuple({g.name: g for g in self.kind.guards(self.pledge, self.stage.scene)}.values())
        made = Verdict(self.pledge.id, Tested.CANNOT_TELL, "", attack, tuple(g.name for g in guards))
        if not guards:
            return replace(made, why="it held, and there is no guard to take out: the attack may be too weak")
        telling = self._telling(scenarios, guards)
        if not telling:
            return replace(made, why="it holds even with all its guards taken out: the attack is too weak")
        idle = tuple(g.name for g in guards if len(guards) > 1 and not self._needed(g, telling))
        return replace(made, tested=Tested.PASSED, idle=idle)

    def why(self, scenario: Scenario, play: Play) -> str:
        """How a scenario breaks the promise; empty where it does not."""
        try:
            scenario.perform(play)
        except Restless as restless:
            return str(restless)
        return play.house.named(self.kind.broken(self.pledge, play, scenario) or _never_works(play))

    def _telling(self, scenarios: list[Scenario], guards: tuple[Guard, ...]) -> list[Scenario]:
        """The scenarios that break it without any guard come first; none where nothing does."""
        with self.stage.without(guards) as play:
            for position, scenario in enumerate(scenarios):
                if self.why(scenario, play):
                    return [scenario, *scenarios[:position], *scenarios[position + 1 :]]
        return []

    def _needed(self, guard: Guard, scenarios: list[Scenario]) -> bool:
        """Whether the promise breaks without this guard alone."""
        nearest = sorted(scenarios, key=lambda s: not s.runs(guard.operation))
        with self.stage.without((guard,)) as play:
            return any(self.why(scenario, play) for scenario in nearest[:ALONE])

    def _failed(self, scenario: Scenario, play: Play, why: str, attack: str) -> Verdict:
        """The smallest history that still breaks it."""
        smallest, why = self._shrunk(scenario, play, why)
        why = self.why(smallest, play) or why
        seed = self.stage.seed
        history = (f"{smallest.title} (seed {seed}.{smallest.seed})", *play.log)
        return Verdict(self.pledge.id, Tested.FAILED, why, attack, history=history[:LINES])

    def _shrunk(self, scenario: Scenario, play: Play, why: str) -> tuple[Scenario, str]:
        smaller = scenario.smaller()
        for _ in range(SHRINKS):
            tried = next(smaller, None)
            if tried is None:
                break
            found = self.why(tried, play)
            if found and _kindred(found) == _kindred(why):
                scenario, why, smaller = tried, found, tried.smaller()
        return scenario, why


def _never_works(play: Play) -> str:
    """An operation that the store refuses to carry out for anybody: such a history says nothing of a promise."""
    for result in play.results:
        error = str(result.outcome.answer.get("error", "")) if result.outcome.kind == "failed" else ""
        if error.startswith(_NEVER):
            return f"{result.call.operation} cannot be carried out: {error}"
    return ""


def _kindred(why: str) -> str:
    """What was broken, whichever rows it was seen on."""
    return _WHICH.sub("#", why.split(":")[0])
