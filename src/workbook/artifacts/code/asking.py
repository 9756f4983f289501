"""What the steps of a program ask: statements of a store, ports of another, with what comes back and when that is a refusal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workbook.artifacts.code.language import Asked, Language, Written
from workbook.artifacts.code.names import Locals
from workbook.artifacts.code.variables import Kind, Variable, Variables, kind_of
from workbook.artifacts.dialects.postgresql.expressions import speaks_of_row
from workbook.artifacts.dialects.postgresql.statements import NoStatement, PostgreSQL
from workbook.artifacts.dialects.statement import Gives, Refusal, Statement
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.outcomes import of_refusal
from workbook.plan.form.model import Program, Step
from workbook.plan.form.terms import Compared, Every, Given, Ref, Root, Value
from workbook.plan.passes.world import DATABASE, World


class Asking(Language):
    """What the walk asks, and what is known behind it."""

    def __init__(
        self, world: World, program: Program, tables: Mapping[str, PostgreSQL], name: str, taken: set[str]
    ) -> None:
        keys = {name: structure.key for name, structure in world.form.structures.items()}
        super().__init__(world, program, Variables(program, self.blocks, keys))
        self.tables, self.name, self.taken = tables, name, taken
        taken_too = map(self.spelling, (name, *self.form.tunables))
        self.locals = Locals(self.spelling, {*self.own_names, *self.given, "app", *self.form.tunables, *taken_too})
        self.made = Written(name)
        self.depth = 0
        self.transactions: list[str] = []
        self.open_transactions: list[str] = []
        """What each of them is called in the code."""
        self._elements: dict[str, str] = {}
        self._spell()

    def _spell(self) -> None:
        """A variable of the same name in another block is called the same where each is declared by itself."""
        shared: dict[str, str] = {}
        for variable in self.variables:
            if variable.inline and variable.name in shared:
                self.spelt[id(variable)] = shared[variable.name]
            else:
                self.spelt[id(variable)] = self.locals.fresh(variable.name)
                if variable.inline:
                    shared[variable.name] = self.spelt[id(variable)]

    # What a step asks -------------------------------------------------------------------------------------------------

    def _asked_of(self, step: Step) -> tuple[Asked, ...]:
        """What a step asks, in order."""
        if step.verb is Verb.PUBLISH and self._broker(step.target):
            event = self.record((*step.by, *step.sets))
            return (Asked(part="broker", method="publish", arguments=(self.text(step.target), event)),)
        if step.verb is Verb.RUN:
            on = self.listing([self.value(v) for v in step.on])
            work = Asked(part="work", method="run", arguments=(self.text(step.target), on), gives=Kind.ROW)
            return (replace(work, variable=self._read(step)),)
        return self._kept(step, self.variables.of(step))

    def _read(self, step: Step) -> Variable | None:
        variable = self.variables.of(step)
        return variable if variable is not None and variable.read else None

    def _call(self, step: Step) -> Asked:
        key = self.listing([self.value(g.value) for g in step.by])
        arguments = (self.text(step.target), key, self.record(step.sets))
        return Asked(part="outside", method="call", arguments=arguments, gives=Kind.ROW, variable=self._read(step))

    def _broker(self, topic: str) -> bool:
        home = self.world.home(topic)
        return home is None or home.role != DATABASE

    def _push(self, step: Step) -> Asked:
        assert step.to is not None
        to = self.rows(step.to.of if isinstance(step.to, Every) else step.to)
        message = self.answered(step.answers[0]) if step.answers else self.nothing()
        return Asked(part="sockets", method="push", arguments=(to, message))

    def _kept(self, step: Step, variable: Variable | None) -> tuple[Asked, ...]:
        """A step on a structure: statements where its store speaks SQL, else by the port of the store."""
        home = self.store_of(step.target)
        dialect = self.tables.get(home)
        if dialect is None:
            return (self._ported(step, home, variable),)
        return self._statements(step, dialect, home, variable)

    def _paged(self, step: Step, dialect: PostgreSQL, variable: Variable | None) -> None:
        """The first page, or the one behind a cursor."""
        cursor, home = cursor_of(step), self.store_of(step.target)
        assert cursor is not None
        read = variable is not None and variable.read
        if variable is not None and read and variable.inline and id(variable) not in self.seen:
            self.declare(variable)
            self.seen.add(id(variable))
        self.begin_if(self.missing_value(self.value(cursor)))
        for part in (dialect.first_page(step), step):
            self.depth += 1
            for asked in self._statements(part, dialect, home, variable):
                self.asks(asked)
            self.depth -= 1
            if part is not step:
                self.begin_else()
        self.end_if()

    def _statements(self, step: Step, dialect: PostgreSQL, home: str, variable: Variable | None) -> tuple[Asked, ...]:
        try:
            statements = dialect.statements(step)
        except NoStatement as missing:
            self.missing(str(missing))
            return ()
        wanted = variable if variable is not None and variable.read else None
        last = max((i for i, s in enumerate(statements) if s.gives is not Gives.NOTHING), default=0)
        return tuple(self._sent(s, step, home, wanted if i == last else None) for i, s in enumerate(statements))

    def _sent(self, statement: Statement, step: Step, home: str, variable: Variable | None) -> Asked:
        slots = tuple(self.slot(s) for s in statement.slots)
        longest = [self.rows(s.value) for s in statement.slots if s.many and isinstance(s.value, Every)]
        longest += [written for s, written in zip(statement.slots, slots, strict=True) if s.many]
        refused = statement.refusal is not Refusal.NEVER
        fewer = ""
        if statement.refusal is Refusal.FEWER and step.amount is not None:
            fewer = self.value(step.amount)
        elif statement.refusal is Refusal.FEWER and longest:
            fewer = self.length(longest[0])
        kinds = {Gives.ROW: Kind.ROW, Gives.ROWS: Kind.ROWS, Gives.NUMBER: Kind.NUMBER}
        return Asked(
            part=home,
            method=_method(statement, step),
            arguments=(self._constant(step, statement),),
            slots=slots,
            gives=kinds.get(statement.gives),
            variable=variable,
            status=of_refusal(step) if refused else 0,
            why=refused_because(step) if refused else "",
            fewer=fewer,
        )

    def _constant(self, step: Step, statement: Statement) -> str:
        """The name under which a statement stands at the top; the same text has one name."""
        text = statement.write(self.mark)
        for known, said in self.made.constants.items():
            if said == text:
                return known
        wanted = self.constant_name(f"{step.verb.value}_{step.target}")
        name, number = wanted, 1
        while name in self.made.constants or name in self.taken:
            number += 1
            name = f"{wanted}{self.between_words}{number}"
        self.made.constants[name] = text
        return name

    def _ported(self, step: Step, home: str, variable: Variable | None) -> Asked:
        """What a store without statements here is asked: by verb, structure and key, with all that the step says."""
        kind = kind_of(step, self.form.structures[step.target].key if step.target in self.form.structures else ())
        method = step.verb.value if kind is not Kind.ROWS or step.verb not in _SINGLE else f"{step.verb.value}_each"
        self.made.ports.add((method, kind))
        refused = bool(step.only_if) or (step.verb is Verb.GET and step.found is None and kind is Kind.ROW)
        refused = refused or step.verb in (Verb.TAKE, Verb.CLAIM, Verb.MOVE, Verb.CHANGE)
        lists = [self.rows(g.value) for g in step.by if isinstance(g.value, Every)]
        return Asked(
            part=home,
            method=method,
            arguments=(self.text(step.target), self.record(step.by)),
            more=tuple(self._clauses(step)),
            gives=kind,
            variable=variable if variable is not None and variable.read else None,
            status=of_refusal(step) if refused else 0,
            why=refused_because(step) if refused else "",
            fewer=self.length(lists[0]) if refused and lists else "",
        )

    def _clauses(self, step: Step) -> list[tuple[str, str]]:
        made = [(n, self.record(g)) for n, g in (("fields", step.sets), ("plus", step.plus)) if g]
        tests = [t for t in (*step.where, *step.only_if) if isinstance(t, Compared)]
        if tests:
            written = [(f"{t.left} {t.operator}", self.ported(t.right[0])) for t in tests]
            made.append(("only_if" if step.only_if else "where", self.mapping(written)))
        singles: list[tuple[str, Value | None]] = [("to", step.to), ("source", step.source), ("lasting", step.lasting)]
        singles += [("within", step.within), ("amount", step.amount), ("limit", step.limit), ("after", step.after)]
        made += [(n, self.ported(v)) for n, v in singles if v is not None]
        if step.order is not None:
            made.append(("order", self.text(f"{'-' if step.order[1] else ''}{step.order[0]}")))
        return made

    def ported(self, value: Value) -> str:
        """A value for a store without statements here; what speaks of its row is told in words."""
        return self.own(str(value)) if speaks_of_row(value) else self.value(value)

    def record(self, given: tuple[Given, ...]) -> str:
        """Fields and values as a mapping."""
        return self.mapping([(g.field, self.ported(g.value)) for g in given])

    # Asking -----------------------------------------------------------------------------------------------------------

    def asks(self, asked: Asked) -> None:
        """A call, and what is known behind it."""
        self.ask(asked)
        self._given_value(asked, certain=asked.status != 0 or asked.method in CERTAIN)

    def _ask_and_test(self, asked: Asked) -> str:
        failed = self.ask_and_test(asked)
        self._given_value(asked, certain=False)
        return failed

    def _given_value(self, asked: Asked, *, certain: bool) -> None:
        variable = asked.variable
        if variable is None:
            return
        self.seen.add(id(variable))
        (self.sure.add if certain else self.sure.discard)(id(variable))

    def declares(self, asked: Asked) -> bool:
        """Whether a result is the first value of a variable that is declared where it gets one."""
        variable = asked.variable
        return variable is not None and variable.inline and id(variable) not in self.seen

    def commit_all(self) -> None:
        """What was done together so far stays, whatever is answered."""
        if self.transactions:
            self.commit()


CERTAIN = frozenset({"row", "run", "call"})
"""Methods that give a row or end the operation."""
_SINGLE = frozenset(
    {Verb.GET, Verb.PUT, Verb.APPEND, Verb.CHANGE, Verb.MOVE, Verb.ADD, Verb.TAKE, Verb.CLAIM, Verb.REMOVE}
)


def _method(statement: Statement, step: Step) -> str:
    if statement.gives is Gives.ROW:
        skipped = any(isinstance(p, str) and "DO NOTHING" in p for p in statement.parts)
        maybe = statement.refusal is not Refusal.NEVER or step.verb in (Verb.GET, Verb.REMOVE) or skipped
        return "one" if maybe else "row"
    return {Gives.ROWS: "rows", Gives.NUMBER: "number"}.get(statement.gives, "run")


def cursor_of(step: Step) -> Ref | None:
    cursor = step.after
    return cursor if isinstance(cursor, Ref) and cursor.root is Root.BODY else None


def refused_because(step: Step) -> str:
    """Why a step is refused, in a few words for the caller."""
    target = step.target.replace("_", " ")
    if step.only_if:
        return f"{target}: {' and '.join(str(t) for t in step.only_if)} does not hold"
    made = {
        Verb.APPEND: f"the {target} is there already",
        Verb.CLAIM: f"somebody else has {target}",
        Verb.TAKE: f"no {target} is left",
    }
    return made.get(step.verb, f"there is no such {target}")
