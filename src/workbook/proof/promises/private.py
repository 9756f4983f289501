"""Rows are seen by whom they concern: everybody asks for everybody's, by every operation and by plain SQL in their own role."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from workbook.artifacts.dialects.postgresql import security
from workbook.artifacts.writing.sql import identifier as quoted_name
from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.access import shown_to
from workbook.plan.form.model import Program, Step
from workbook.plan.form.pledges import Pledge
from workbook.plan.form.terms import Compared, Every, Ref, Root
from workbook.plan.form.verbs import MAKES_ROWS, READS, WRITES
from workbook.proof.promises import guards as g
from workbook.proof.promises.base import CannotAttack, same, shown_rows
from workbook.proof.promises.guards import Guard
from workbook.proof.stage.acts import Calls, Rest, Scenario
from workbook.proof.stage.cast import CALLED, Cast
from workbook.proof.stage.frame import Row
from workbook.proof.stage.play import Call, Play
from workbook.proof.stage.scene import Scene

KIND = PromiseKind.PRIVATE
PEOPLE, ASKED = 3, 6
MARKER = "a secret that nobody may read"
HERS = "hers"


def describe(pledge: Pledge) -> str:
    """What the attack does."""
    sealed = "; what is sealed is searched in all tables" if pledge.said.get("sealed") else ""
    return f"every persona asks for everybody's {pledge.structure} by every operation, and by plain SQL in their own role{sealed}"


@dataclass(frozen=True)
class Looks:
    """A persona reads and changes all rows of a table by plain SQL."""

    persona: str
    caller: Row
    structure: str

    def perform(self, play: Play) -> None:
        connection = play.house.connection()
        said = {"role": security.role(self.persona), security.setting(): str(self.caller.get("id", ""))}
        said |= {security.setting(f): str(v or "") for f, v in self.caller.items() if not f.startswith("__")}
        table = quoted_name(self.structure)
        key = play.house.scene.tables[self.structure].key[0]
        play.assume(connection, said)
        for command in (
            f"SELECT * FROM {table}",
            f"UPDATE {table} SET {quoted_name(key)} = {quoted_name(key)} RETURNING *",
            f"DELETE FROM {table} RETURNING *",
        ):
            rows = _tried(connection, command)
            verb = command.split(" ", 1)[0].lower()
            play.seen.append((self.persona, self.caller, f"by {verb}", self.structure, rows))
            play.say(f"{self.persona} {self.caller.get('id', '')} sends {verb} on {self.structure}: {len(rows)} rows")

    def smaller(self) -> Iterator[Any]:
        yield from ()


def _tried(connection: Any, command: str) -> list[Row]:
    """What a command gives, and nothing where it is refused; it is undone in any case."""
    found: list[Row] = []
    try:
        with connection.transaction(force_rollback=True):
            done = connection.execute(command)
            names = [c.name for c in done.description or ()]
            found = [dict(zip(names, one, strict=True)) for one in done.fetchall()]
    except Exception:  # noqa: BLE001 (a role without the right gets an error)
        return []
    return found


def scenarios(pledge: Pledge, cast: Cast) -> Iterator[Scenario]:
    """Plain SQL, operations that ask for each row, and markers."""
    scene = cast.house.scene
    if not cast.rows.get(pledge.structure):
        raise CannotAttack(
            f"there are no rows of {pledge.structure} to begin with, and no operation that somebody calls makes some"
        )
    copies = [n for n, s in scene.form.structures.items() if pledge.structure in s.of and n in scene.tables]
    for persona in scene.form.personas:
        for person in people(cast, persona):
            for structure in (pledge.structure, *copies):
                yield Scenario("by plain SQL", (Looks(persona, person, structure),), about=HERS)
    touching = [n for n in cast.called if any(s.target == pledge.structure for s, _ in scene.programs[n].steps())]
    for name in touching:
        for call in _asking(pledge, cast, name):
            yield Scenario(f"by {name}", (Calls((call,)),))
    for name in touching:
        yield from _marked(pledge, cast, name)


def people(cast: Cast, persona: str) -> list[Row]:
    """Some who are that persona."""
    programs = [p for p in cast.house.scene.programs.values() if p.operation.caller == persona and p.starts in CALLED]
    if not programs:
        return []
    found = [cast.requests(persona, n).caller(programs[0]) for n in range(PEOPLE * 4)]
    return list({str(r.get("id")): r for r in found}.values())[:PEOPLE]


def _asking(pledge: Pledge, cast: Cast, name: str) -> Iterator[Call]:
    """Requests for each of the rows, by somebody whom they may not concern."""
    program = cast.house.scene.programs[name]
    for number, row in enumerate(cast.rows[pledge.structure][:ASKED]):
        call = cast.request(name, ("private", number))
        body = dict(call.body)
        for step, _ in program.steps():
            if step.target == pledge.structure and step.verb not in MAKES_ROWS:
                body |= {f: row[c] for c, f in _asked(step) if c in row}
        yield replace(call, body=body)


def _asked(step: Step) -> Iterator[tuple[str, str]]:
    """Columns of a step's rows with the fields of the request that say them."""
    for given in step.by:
        value = given.value.of if isinstance(given.value, Every) else given.value
        if isinstance(value, Ref) and value.root is Root.BODY:
            yield given.field, value.fields[0]
    for test in step.where:
        if isinstance(test, Compared) and test.operator == "=" and isinstance(test.left, Ref):
            for right in test.right:
                if isinstance(right, Ref) and right.root is Root.BODY:
                    yield test.left.fields[0], right.fields[0]


def _marked(pledge: Pledge, cast: Cast, name: str) -> Iterator[Scenario]:
    """What is sealed is said in the clear by a caller: it may leave their device only as something else."""
    call = cast.fitting(name)
    program = cast.house.scene.programs[name]
    for sealed in pledge.said.get("sealed", ()):
        told = [f for f in _told(program, pledge.structure, sealed) if f != sealed]
        if call is not None and told:
            body = {**call.body, **dict.fromkeys(told, MARKER)}
            yield Scenario(f"a marker by {name}", (Calls((replace(call, body=body),)), Rest()), about=MARKER)


def _told(program: Program, structure: str, sealed: str) -> Iterator[str]:
    """The fields of a request that come into a sealed field, or into what seals it."""
    for step, _ in program.steps():
        values = [v.value for v in step.sets if v.field == sealed] if step.target == structure else []
        values += list(step.on) if step.verb is Verb.RUN and step.place == "client" else []
        for value in values:
            if isinstance(value, Ref) and value.root is Root.BODY:
                yield value.fields[0]


# Who may see what, worked out from the promise alone


def concerns(pledge: Pledge, play: Play, persona: str, caller: Row, row: Row) -> bool:
    """Whether a row is one that the promise shows to a caller."""
    if persona not in shown_to(pledge, play.house.scene.form, play.house.scene.programs):
        return False
    if not pledge.tests and not pledge.shared:
        return True
    frame = play.frame(pledge.id, caller=caller)
    frame.lookup = lambda structure, key, field: _looked_up(play, structure, key, field)
    if pledge.tests and frame.holds(pledge.tests, {**row, "__structure__": pledge.structure}):
        return True
    return any(_is_near(near, play, caller, row) for near in pledge.shared)


def _is_near(near: Any, play: Play, caller: Row, row: Row) -> bool:
    wanted = caller.get(near.claim[0]) if near.claim else caller.get("id")
    for other in play.before(near.structure):
        found = other.get(near.path[0])
        here = near.structure
        for position, field in enumerate(near.path[1:]):
            here = play.house.scene.form.structures[here].fields[near.path[position]].ref
            found = _looked_up(play, here, found, field)
        if same(other.get(near.other), row.get(near.field)) and same(found, wanted):
            return True
    return False


def _looked_up(play: Play, structure: str, key: Any, field: str) -> Any:
    first = play.house.scene.tables[structure].key[0]
    return next((r.get(field) for r in play.before(structure) if same(r[first], key)), None)


def broken(pledge: Pledge, play: Play, scenario: Scenario) -> str:
    """Somebody saw what does not concern them, or did not see what does; or a marker lies somewhere."""
    for persona, caller, how, structure, rows in play.seen:
        strange = [r for r in rows if not concerns(pledge, play, persona, caller, _source(pledge, play, structure, r))]
        if strange:
            shown = shown_rows(strange, play.house.scene.tables[structure].key)
            return f"{persona} {caller.get('id', '')} reaches {len(strange)} rows of {structure} {how} that are not theirs: {shown}"
        if how == "by select" and structure == pledge.structure:
            missing = _missing(pledge, play, persona, caller, rows)
            if missing:
                return missing
    for result in play.results:
        found = _by_operation(pledge, play, result)
        if found:
            return found
    if scenario.about == MARKER:
        places = [n for n in play.house.scene.tables if any(MARKER in str(v) for r in play.rows(n) for v in r.values())]
        return f"what is sealed lies in the clear in {', '.join(places)}" if places else ""
    return ""


def _source(pledge: Pledge, play: Play, structure: str, row: Row) -> Row:
    """The row that a copy was made from."""
    if structure == pledge.structure:
        return row
    key = play.house.scene.tables[pledge.structure].key
    rows = [r for r in play.before(pledge.structure) if all(same(r[k], row.get(k)) for k in key)]
    return rows[0] if rows else {}


def _missing(pledge: Pledge, play: Play, persona: str, caller: Row, rows: list[Row]) -> str:
    """Rows that a persona with the right to read does not get."""
    rules = [r for r in play.house.scene.rules if r.structure == pledge.structure and r.persona == persona]
    if not any(r.command.value == "select" for r in rules):
        return ""
    key = play.house.scene.tables[pledge.structure].key
    seen = {tuple(str(r[k]) for k in key) for r in rows}
    theirs = [r for r in play.before(pledge.structure) if concerns(pledge, play, persona, caller, r)]
    lacking = [r for r in theirs if tuple(str(r[k]) for k in key) not in seen]
    return (
        f"{persona} {caller.get('id', '')} is kept from {shown_rows(lacking, key)} of {pledge.structure}"
        if lacking
        else ""
    )


def _by_operation(pledge: Pledge, play: Play, result: Any) -> str:
    """What an operation answered, or changed, that does not concern who called it."""
    persona = play.programs[result.call.operation].operation.caller
    if not result.fine or result.call.caller is None:
        return ""
    made = {
        _key_of(play, pledge.structure, r) for s, given in result.given if s.verb in MAKES_ROWS for r in _listed(given)
    }
    for step, given in result.given:
        if step.target != pledge.structure or step.verb not in (READS | WRITES):
            continue
        strange = [
            r
            for r in _listed(given)
            if _key_of(play, pledge.structure, r) not in made
            and not concerns(pledge, play, persona, result.call.caller, r)
        ]
        if strange:
            shown = shown_rows(strange, play.house.scene.tables[pledge.structure].key)
            return (
                f"{persona} reaches by {result.call.operation} rows of {pledge.structure} that are not theirs: {shown}"
            )
    return ""


def _listed(given: Any) -> list[Row]:
    rows = given if isinstance(given, list) else [given]
    return [r for r in rows if isinstance(r, dict)]


def _key_of(play: Play, structure: str, row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(k)) for k in play.house.scene.tables[structure].key)


def guards(pledge: Pledge, scene: Scene) -> list[Guard]:
    """Row security of the structure and of what is made from it."""
    copies = [n for n, s in scene.form.structures.items() if pledge.structure in s.of and s.shape is not Shape.TOPIC]
    return [g.row_security(n, scene, scene.form.personas) for n in (pledge.structure, *copies) if n in scene.tables]
