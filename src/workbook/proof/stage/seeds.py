"""Rows to begin with, and requests that are likely to succeed: values from small pools, references to rows that are there."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

from workbook.brief.fields import FieldType
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps.syntax import Amount, Path, Start, Verb
from workbook.plan.fold.layout import CHECKSUM, CONTENT, SIZE, Table
from workbook.plan.form.model import Program, Step
from workbook.plan.form.terms import Compared, Every, Ref, Root, Test, Value, refs
from workbook.plan.form.verbs import MAKES_ROWS, READS
from workbook.proof.stage.frame import BEGIN, Frame, Row, compared
from workbook.proof.stage.scene import Scene
from workbook.proof.stage.values import any_value

ROWS = 6
"""Rows of each structure that are there from the start: few, so that keys meet."""
SECOND = 2
"""How many callers have a second of what their token names: another device."""
RELATED = 3
"""Rows of what connects two others, for each of those."""
APART = timedelta(minutes=30)
"""Between two times of one row."""
ASIDE, A_DAY = timedelta(hours=3), 8
"""Rows of different structures lie at other hours, so that what is free is not taken by a row that no operation made."""
SELDOM = 0.5
FILLED = (Shape.ROWS, Shape.LOG, Shape.OBJECT, Shape.COUNTER, Shape.SERIES)


class Seeds:
    """The same rows for the same seed."""

    def __init__(self, scene: Scene, seed: int) -> None:
        self.form, self.tables = scene.form, scene.tables
        self._numbered = numbered(scene)
        self._states = asked_states(scene)
        self._tokens = {(t, p.entity) for p in scene.form.personas.values() for t in p.token}
        self.rng = random.Random(seed)
        self.rows: dict[str, list[Row]] = {}
        for name in self._order():
            self.rows[name] = list(self._made(self.tables[name]))
        self._count()

    def _count(self) -> None:
        """Fields that count rows say how many there are."""
        for name, rows in self.rows.items():
            key = self.tables[name].key[0]
            for field, type_ in self.form.structures[name].fields.items():
                counted = self.rows.get(type_.counted, ())
                for row in rows if type_.counted else ():
                    row[field] = sum(str(r[type_.by]) == str(row[key]) for r in counted)

    def _order(self) -> list[str]:
        """Structures after those they refer to."""
        placed: list[str] = []
        left = [n for n, t in self.tables.items() if self._filled(t)]
        while left:
            ready = next(
                (
                    n
                    for n in left
                    if all(t.ref not in left or t.ref == n for t in self.form.structures[n].fields.values())
                ),
                left[0],
            )
            placed.append(ready)
            left.remove(ready)
        return placed

    def _filled(self, table: Table) -> bool:
        structure = table.structure
        if structure.id in self._numbered or structure.added_by or structure.ttl is not None:
            return False
        return structure.shape in FILLED and structure.loss is Loss.NEVER

    def _made(self, table: Table) -> Iterator[Row]:
        seen: set[tuple[str, ...]] = set()
        for number in range(self._number(table)):
            row = {n: self._value(n, t, table, number) for n, t in table.structure.fields.items() if table.has(n)}
            row |= {c.name: _system(c.name) for c in table.columns if c.system and not c.optional}
            key = tuple(str(row[k]) for k in table.key)
            alike = any(key == k for k in seen)
            if not alike:
                seen.add(key)
                yield row

    def _number(self, table: Table) -> int:
        more = SECOND if any(table.name == named for named, _ in self._tokens) else 0
        return ROWS * self._each(table) + more

    def _each(self, table: Table) -> int:
        """What connects two others has several rows of each."""
        referring = [k for k in table.key if table.structure.fields[k].ref]
        return RELATED if len(referring) > 1 else 1

    def _value(self, name: str, type_: FieldType, table: Table, number: int) -> Any:
        if type_.counted:
            return 0
        if type_.ref == table.name and type_.optional:
            return None
        if type_.ref:
            known = self.rows.get(type_.ref)
            if known and (table.name, type_.ref) in self._tokens:
                return known[number % len(known)][self.tables[type_.ref].key[0]]
            if known and name in table.key[1:]:
                return self.rng.choice(known)[self.tables[type_.ref].key[0]]
            if known:
                return known[(number + self.rng.randint(0, 1)) % len(known)][self.tables[type_.ref].key[0]]
            return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        moves = table.structure.moves.get(name)
        if moves:
            asked = self._states.get((table.name, name), [])
            return asked[number % len(asked)] if asked and number % 2 else next(iter(moves))
        if isinstance(type_.default, Amount):
            return int(type_.default.quantity.best)
        if isinstance(type_.default, Path) and type_.default.parts[0] in ("true", "false"):
            return type_.default.parts[0] == "true"
        if type_.default == Path(("now",)):
            return BEGIN - timedelta(minutes=number + 1)
        if type_.kind == "time":
            aside = ASIDE * (len(self.rows) % A_DAY)
            return BEGIN + timedelta(hours=24 * (number + 1)) + APART * self._behind(name, table) + aside
        if type_.kind in ("int", "decimal", "money"):
            return number + 1 if name in table.key else 10 * (number + 1)
        return any_value(type_, self.rng)

    def _behind(self, name: str, table: Table) -> int:
        """How many times stand before a time in its row: what ends does so after it began."""
        times = [n for n, t in table.structure.fields.items() if t.kind == "time"]
        return times.index(name)


def _system(name: str) -> Any:
    return {"object_key": "key", "byte_size": 1, "checksum": "0" * 8, "due_at": BEGIN}.get(name, 0)


def asked_states(scene: Scene) -> dict[tuple[str, str], list[str]]:
    """Structure and field -> the states besides the first that somebody's reading asks for: some rows are in them."""
    found: dict[tuple[str, str], list[str]] = {}
    called = [p for p in scene.programs.values() if p.starts is Start.CALLER]
    for step in (s for p in called for s, _ in p.steps() if s.verb in READS and s.target in scene.form.structures):
        for field, state in filter(None, map(_asked_state, step.where)):
            if state in list(scene.form.structures[step.target].moves.get(field, ()))[1:]:
                found.setdefault((step.target, field), []).append(state)
    return found


def _asked_state(test: Test) -> tuple[str, str] | None:
    """The field and the word of `F = WORD`."""
    if not isinstance(test, Compared) or test.operator != "=":
        return None
    left, right = test.left, test.right[0]
    if isinstance(left, Ref) and left.fields and isinstance(right, Ref) and right.root is Root.WORD:
        return left.fields[0], right.name
    return None


def numbered(scene: Scene) -> set[str]:
    """Structures whose rows take their numbers from elsewhere: only operations can make such rows."""
    found: set[str] = set()
    for program in scene.programs.values():
        every = [s for s, _ in program.steps()]
        counted = {s.name for s in every if s.verb is Verb.NEXT}
        for step in every:
            values = [g.value for g in (*step.by, *step.sets)]
            if any(isinstance(v, Ref) and v.root is Root.BOUND and v.name in counted for v in values):
                found.add(step.target)
    return found


NUMBERS = ("int", "decimal", "money")


def bounds(scene: Scene) -> dict[str, list[Value]]:
    """Fields that hold numbers -> the fixed numbers with which steps and branches compare them."""
    found: dict[str, list[Value]] = {}
    for program in scene.programs.values():
        for test in program.tests():
            if isinstance(test, Compared) and isinstance(test.left, Ref) and test.left.fields and _is_number(test):
                found.setdefault(test.left.fields[-1], []).append(test.right[0])
    return found


def _is_number(test: Compared) -> bool:
    """Whether a comparison is of a number with one that is known beforehand."""
    left, right = test.left, test.right[0]
    fixed = isinstance(right, Amount) or (isinstance(right, Ref) and right.root is Root.TUNABLE)
    return fixed and isinstance(left, Ref) and left.type is not None and left.type.kind in NUMBERS


class Requests:
    """Requests of callers: bodies whose references lead to rows that the steps will accept."""

    def __init__(self, scene: Scene, rows: Mapping[str, list[Row]], rng: random.Random) -> None:
        self.form, self.tables, self.rows, self.rng = scene.form, scene.tables, rows, rng
        self._bounds = bounds(scene)

    def caller(self, program: Program) -> Row:
        """Somebody of the right kind."""
        persona = self.form.personas.get(program.operation.caller)
        entity = persona.entity if persona else ""
        known = self.rows.get(entity)
        row = (
            dict(self.rng.choice(known)) if known else {"id": str(uuid.UUID(int=self.rng.getrandbits(128), version=4))}
        )
        return self.as_caller(program, row)

    def as_caller(self, program: Program, row: Row) -> Row:
        """A row as whoever calls, with what their token says besides."""
        return next(self.identities(program, row))

    def identities(self, program: Program, row: Row) -> Iterator[Row]:
        """Somebody with each token that they may hold: on each of their devices."""
        persona = self.form.personas.get(program.operation.caller)
        entity = persona.entity if persona else ""
        names = persona.token if persona else ()
        for held in product(*(self._held(name, entity, row) for name in names)):
            yield {**row, "__structure__": entity, **dict(zip(names, held, strict=True))}

    def _held(self, name: str, entity: str, row: Row) -> list[Any]:
        """Rows of that structure which belong to the caller; any where none does."""
        own = self.tables[entity].key[0] if entity in self.tables else "id"
        fields = self.form.structures[name].fields if name in self.rows else {}
        referring = [f for f, t in fields.items() if t.ref == entity]
        known = self.rows.get(name, ())
        mine = [r for r in known if any(str(r[f]) == str(row.get(own)) for f in referring)] or known[:1]
        if not mine:
            return [str(uuid.UUID(int=self.rng.getrandbits(128), version=4))]
        return [r[self.tables[name].key[0]] for r in mine]

    def body(self, program: Program, frame: Frame) -> Row:
        """A request: for each step that looks something up by what the request says, a row that it would find."""
        made: Row = {}
        for step, _ in program.steps():
            if step.verb not in MAKES_ROWS and step.target in self.rows and not _mostly_absent(step):
                self._fit(step, made, frame)
        for name, type_ in program.request.items():
            if name not in made and name != "cursor":
                made[name] = self._near(name, frame) if name in self._bounds else self._any(type_)
        made |= {CONTENT: "key", SIZE: 1, CHECKSUM: "0" * 8} if _uploads(program) else {}
        made["request"] = str(uuid.UUID(int=self.rng.getrandbits(128), version=4))
        return made

    def _near(self, name: str, frame: Frame) -> Any:
        """A number on either side of what some step compares it with."""
        bound = int(frame.value(self.rng.choice(self._bounds[name])))
        return max(0, bound + self.rng.choice((-1, 0, 1)))

    def _any(self, type_: FieldType) -> Any:
        known = self.rows.get(type_.ref)
        if not known:
            return any_value(type_, self.rng)
        key = self.tables[type_.ref].key[0]
        if type_.many:
            return [r[key] for r in self.rng.sample(known, min(len(known), max(1, round(type_.many))))]
        return self.rng.choice(known)[key]

    def _fit(self, step: Step, made: Row, frame: Frame) -> None:
        asked = [(g.field, g.value) for g in step.by]
        asked += [(t.left.fields[0], t.right[0]) for t in step.where if _equality(t)]  # type: ignore[union-attr]
        wanted = [(f, v) for f, v in asked if _of_body(v)]
        bounds = [t for t in step.where if _bounds(t)]
        if not wanted and not bounds:
            return
        fitting = [r for r in self.rows[step.target] if self._fits(r, step, asked, made, frame)]
        fitting = [r for r in fitting if all(_inside(r, t, made) for t in bounds)]
        if not fitting:
            return
        chosen = self.rng.choice(fitting)
        for field, value in wanted:
            name = _body_name(value)
            if name not in made:
                made[name] = [chosen[field]] if isinstance(value, Every) else chosen[field]
        for test in bounds:
            made.setdefault(_body_name(test.right[0]), _just_inside(chosen, test))  # type: ignore[union-attr]

    def _fits(self, row: Row, step: Step, asked: list[tuple[str, Value]], made: Row, frame: Frame) -> bool:
        marked = {**row, "__structure__": step.target}
        for field, value in asked:
            if _of_body(value):
                said = made.get(_body_name(value))
                said = said[0] if isinstance(said, list) and said else said
                if said is not None and str(said) != str(row[field]):
                    return False
            elif (
                isinstance(value, Ref)
                and value.root in (Root.CALLER, Root.WORD)
                and str(frame.value(value)) != str(row[field])
            ):
                return False
        static = [t for t in (*step.where, *step.only_if) if not _needs_body(t)]
        if static and not frame.holds(static, marked):
            return False
        if step.verb is Verb.MOVE and isinstance(step.to, Ref) and step.to.root is Root.WORD:
            moves = self.form.structures[step.target].moves
            moved = next(iter(moves), "")
            return not moved or step.to.name in moves[moved].get(str(row[moved]), ())
        return True


def _mostly_absent(step: Step) -> bool:
    """Whether a step looks for what is seldom there: a request that it stops is not the usual one."""
    return isinstance(step.found, Amount) and step.found.quantity.best < SELDOM


def _uploads(program: Program) -> bool:
    return any(s.verb is Verb.PUT and s.shape is Shape.OBJECT for s, _ in program.steps())


def _equality(test: Any) -> bool:
    return (
        isinstance(test, Compared)
        and test.operator == "="
        and len(test.right) == 1
        and isinstance(test.left, Ref)
        and test.left.root is Root.OWN
        and len(test.left.fields) == 1
    )


def _bounds(test: Any) -> bool:
    """Whether a field must lie before or behind what the request says."""
    told = isinstance(test, Compared) and test.operator in _BEYOND and len(test.right) == 1 and _of_body(test.right[0])
    return told and isinstance(test.left, Ref) and test.left.root is Root.OWN and len(test.left.fields) == 1


_BEYOND = {"<": 1, "<=": 0, ">": -1, ">=": 0}
"""How far behind the row a bound lies that the row just meets."""


def _inside(row: Row, test: Any, made: Row) -> bool:
    said = made.get(_body_name(test.right[0]))
    return said is None or compared(row[test.left.fields[0]], test.operator, said)


def _just_inside(row: Row, test: Any) -> Any:
    value, steps = row[test.left.fields[0]], _BEYOND[test.operator]
    if isinstance(value, datetime):
        return value + timedelta(hours=steps)
    return value + timedelta(days=steps) if isinstance(value, date) else value + steps


def _of_body(value: Value) -> bool:
    ref = value.of if isinstance(value, Every) else value
    return isinstance(ref, Ref) and ref.root is Root.BODY and len(ref.fields) == 1


def _body_name(value: Value) -> str:
    ref = value.of if isinstance(value, Every) else value
    assert isinstance(ref, Ref)
    return ref.fields[0]


def _needs_body(test: Any) -> bool:
    if not isinstance(test, Compared):
        return True
    return any(r.root in (Root.BODY, Root.BOUND) for v in (test.left, *test.right) for r in refs(v))
