"""Who does what: requests that succeed on the rows of a house, and the first rows that only operations can make."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from workbook.brief.steps.syntax import Start
from workbook.plan.form.terms import Ref, Root
from workbook.plan.form.verbs import MAKES_ROWS
from workbook.proof.stage.frame import Row, plain, tunable
from workbook.proof.stage.house import House
from workbook.proof.stage.play import Call, Play, ended
from workbook.proof.stage.reckoned import put_right
from workbook.proof.stage.seeds import Requests

TRIES = 40
"""Requests that are tried until one succeeds."""
FIRST = 3
"""Rows that each operation makes before anything happens."""
LONG = timedelta(hours=1)
"""What is kept for less is gone before an attack is over."""
CALLED = (Start.CALLER, Start.WEBHOOK)


@dataclass
class Cast:
    """Knows the rows of a house as they are before anything happens."""

    house: House
    rows: dict[str, list[Row]] = field(default_factory=dict)
    _known: dict[str, Call | None] = field(default_factory=dict)
    _refusals: dict[str, str] = field(default_factory=dict)

    def look(self) -> None:
        """Read the rows to begin with."""
        self.rows = self.house.everything()
        self._known.clear()

    @property
    def called(self) -> list[str]:
        """Operations that somebody calls."""
        return [n for n, p in self.house.scene.programs.items() if p.starts in CALLED]

    def requests(self, *about: object) -> Requests:
        """Requests over those rows."""
        return Requests(self.house.scene, self.rows, self.house.rng("requests", *about))

    def request(self, operation: str, number: object = 0, caller: Row | None = None) -> Call:
        """A request that is likely to succeed; another for each number."""
        program = self.house.scene.programs[operation]
        requests = self.requests(operation, number)
        who = caller or requests.caller(program)
        frame = self.play().frame(operation, caller=who)
        return Call(operation, who, requests.body(program, frame))

    def play(self) -> Play:
        """A history of its own, as everything was built."""
        return Play(self.house, self.house.scene.programs)

    def fitting(
        self, operation: str, wanted: Callable[[Call, Play], bool] = lambda call, play: True, key: str = ""
    ) -> Call | None:
        """A request that succeeds, and does what is wanted. None where none was found."""
        name = f"{operation} {key}"
        if name not in self._known:
            self._known[name] = self._found(operation, wanted, key)
        return self._known[name]

    def _found(self, operation: str, wanted: Callable[[Call, Play], bool], key: str) -> Call | None:
        for number in range(TRIES):
            play = self.play()
            play.begin(0)
            call = self.request(operation, (key, number))
            result = play.call(call)
            if result.fine and wanted(call, play):
                play.house.reset()
                return call
            if not result.fine:
                self._refusals[operation] = ended(result)
        self.house.reset()
        return None

    def lacking(self, operations: Iterable[str]) -> str:
        """Why no request was found, in a sentence: what came of the last one that was tried."""
        named = list(operations)
        said = [f"{n} {self._refusals[n]}" for n in named if n in self._refusals]
        return f"no request was found with which {' or '.join(named)} succeeds{f' ({said[0]})' if said else ''}"

    def some(self, operation: str, number: int) -> Iterable[Call]:
        """Several different requests that each succeed alone."""
        found = 0
        for attempt in range(TRIES):
            call = self.request(operation, attempt)
            play = self.play()
            play.begin(0)
            result = play.call(call)
            if result.fine:
                yield call
                found += 1
            else:
                self._refusals[operation] = ended(result)
            if found == number:
                return


def settle_in(house: House) -> Cast:
    """The first rows: what is rebuilt is rebuilt, what only operations can make is made by them."""
    house.keep()
    put_right(house)
    house.keep()
    cast = Cast(house)
    cast.look()
    programs = house.scene.programs
    rebuilt = [n for n, p in programs.items() if p.starts is Start.LOST]
    if rebuilt:
        play = cast.play()
        play.begin(0)
        for name in rebuilt:
            house.empty(programs[name].operation.starts.on)
            for lost in play.losses(name):
                play.carry_out(Call(name), frame=play.frame(name, lost=lost))
        house.keep()
        cast.look()
    _fill(cast)
    for name in cast.called:
        if any(_lasting(cast, s.target) for s, _ in programs[name].steps() if s.verb in MAKES_ROWS):
            _first(cast, name)
    cast.look()
    _fill(cast)
    return cast


def _fill(cast: Cast) -> None:
    """What the clock lets operations make out of what is there by now: each at a time of its own, since many do it once for a time."""
    house = cast.house
    for name, program in house.scene.programs.items():
        if program.starts is not Start.EVERY or not _fills(cast, name):
            continue
        play = cast.play()
        play.begin((name, "filled"))
        play.wait(LONG)
        play.carry_out(Call(name))
        cast.look()
        if _fills(cast, name):
            house.reset()
            cast.look()
        else:
            house.keep()


def _fills(cast: Cast, operation: str) -> bool:
    """Whether the clock lets an operation fill what is empty: a pool that others take from. What fills nothing yet leaves no trace."""
    made = [s.target for s, _ in cast.house.scene.programs[operation].steps() if s.verb in MAKES_ROWS]
    return any(not cast.rows.get(name) for name in made)


def _lasting(cast: Cast, structure: str) -> bool:
    """Whether rows are still there when something happens: what is short-lived is not."""
    known = cast.house.scene.tables.get(structure)
    if known is None or known.structure.added_by:
        return False
    ttl = known.structure.ttl
    if ttl is None:
        return True
    said = tunable(cast.house.scene.form.tunables.get(ttl)) if isinstance(ttl, str) else plain(ttl)
    return isinstance(said, timedelta) and said >= LONG


def _first(cast: Cast, operation: str) -> None:
    """A few rows by calling an operation, each on top of those before; of what is everybody's own, one for each."""
    own = _own(cast, operation)
    for number in range(len(own) or FIRST):
        call = cast.request(operation, 0, own[number]) if own else cast.fitting(operation, key=f"first {number}")
        if call is None:
            return
        play = cast.play()
        play.begin((operation, "first", number))
        play.call(call)
        play.rest()
        cast.house.keep()
        cast.look()


def _own(cast: Cast, operation: str) -> list[Row]:
    """Everybody who may call an operation, where it makes a row that is the caller's by its key."""
    program = cast.house.scene.programs[operation]
    persona = cast.house.scene.form.personas.get(program.operation.caller)
    steps = [s for s, _ in program.steps() if s.verb in MAKES_ROWS and s.by and _lasting(cast, s.target)]
    mine = any(isinstance(g.value, Ref) and g.value.root is Root.CALLER for s in steps for g in s.by)
    rows = cast.rows.get(persona.entity, []) if persona and mine else []
    requests = cast.requests(operation, "own")
    return [requests.as_caller(program, row) for row in rows]
