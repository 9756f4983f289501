"""An operation in Go: a function that gives an answer or an error. Rows are maps."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.artifacts.code import names
from workbook.artifacts.code.braces import Braces
from workbook.artifacts.code.language import Asked
from workbook.artifacts.code.printer import UNKNOWN, ends
from workbook.artifacts.code.variables import Kind, Variable
from workbook.artifacts.dialects.statement import Slot
from workbook.artifacts.writing import go as writing
from workbook.plan.form.model import Group

TYPES = {Kind.ROW: "Row", Kind.ROWS: "[]Row", Kind.NUMBER: "int64"}
OWN = (
    *("Answer", "App", "Broker", "Database", "Operation", "Outcome", "Outside", "Queue", "Refused", "Row", "Routes"),
    *("Sockets", "Start", "Started", "Starts", "Store", "Transaction", "Unknown", "Work"),
)
HELPERS = (
    *("asJSON", "batches", "compared", "digest", "eachOf", "field", "has", "later", "listed", "listOf", "own", "pick"),
    *("quoted", "reckoned", "rowsOf", "same", "secondsBetween", "size", "span", "total", "tried", "window", "without"),
    *(
        "alone",
        "missing",
        "order",
        "plain",
        "moment",
        "isTime",
        "number",
        "whole",
        "element",
        "keyOf",
        "querier",
        "scanned",
        "asList",
        "rows",
    ),
)
PACKAGES = ("context", "rand", "sql", "json", "time", "strings", "errors", "math", "fmt", "sort", "reflect", "service")


class Go(Braces):
    """Rows are maps from names to anything."""

    indent = "\t"
    own_names = frozenset({*OWN, *HELPERS, *PACKAGES, "ctx", "app", "err"})
    one_scope = True
    aligned = True
    end = ""
    between_words = ""

    def _begin(self) -> None:
        self.scopes: list[set[str]] = [set()]
        self.errors = 0
        self.bare = 0

    # Statements -------------------------------------------------------------------------------------------------------

    def spelling(self, name: str) -> str:
        return writing.identifier(names.camel(name))

    def opening(self) -> None:
        self._begin()
        shared = "".join(f", {g}" for g in self.given)
        arguments = f"ctx context.Context, app *App{shared}{' Row' if shared else ''}"
        self.line(f"func {names.pascal(self.name)}({arguments}) (Answer, error) {{")

    def closing(self) -> None:
        super().closing()
        if self.bare:
            self.made.lines.insert(1, "\tvar err error")

    def declare(self, variable: Variable) -> None:
        name = self.variable(variable)
        self.line(f"var {name} {TYPES[variable.kind]}")
        self.scopes[-1].add(name)

    def inside(self, group: Group, *, loop: bool = False) -> None:
        if group.kind in self.blocks:
            self.scopes.append(set())
        super().inside(group, loop=loop)
        if group.kind in self.blocks:
            self.scopes.pop()

    def _called(self, asked: Asked) -> str:
        slots = list(asked.slots or ())
        more = [self.mapping(list(asked.more))] if asked.more else []
        method = names.pascal(asked.method)
        return f"{self._owner(asked.part)}.{method}({', '.join(['ctx', *asked.arguments, *slots, *more])})"

    def spoken(self, name: str) -> str:
        return names.pascal(name)

    def ask(self, asked: Asked) -> None:
        failed = self._result(asked)
        if failed:
            self.line(f"if {failed} {{")
            self._refused(asked)
            self.line("}")

    def _refused(self, asked: Asked) -> None:
        self.line(f"{self.indent}return nil, &Refused{{{asked.status}, {self.text(asked.why)}}}")

    def _result(self, asked: Asked) -> str:
        called = self._called(asked)
        if asked.variable is None and not asked.status:
            blank = "_, " if asked.gives is not None else ""
            self._checked(f"{blank}err :=", called)
            return ""
        if asked.variable is None:
            target = self.locals.fresh("found")
        else:
            target = self.variable(asked.variable)
        self.assign(target, called, declares=asked.variable is None or self.declares(asked))
        return self.failed(asked, target) if asked.status else ""

    def _checked(self, head: str, called: str) -> None:
        """A call of which only the error matters."""
        if len(called) + len(head) + self.depth * 4 < self.longest:
            self.line(f"if {head} {called}; err != nil {{")
            self.line(f"{self.indent}return nil, err")
            self.line("}")
            return
        self.spread(f"if {head} {called}", "; err != nil {")
        self.line(f"{self.indent}return nil, err")
        self.line("}")

    def assign(self, target: str, called: str, *, declares: bool) -> None:
        """A result and the error that may come instead."""
        if declares:
            self.scopes[-1] |= {target, "err"}
            self.spread(f"{target}, err := {called}")
        else:
            if not any("err" in scope for scope in self.scopes):
                self.bare += 1
            self.spread(f"{target}, err = {called}")
        self.line("if err != nil {")
        self.line(f"{self.indent}return nil, err")
        self.line("}")

    def tried(self, asked: Asked, outcome: str) -> None:
        arguments = ", ".join(("ctx", f"app.{self.spoken(asked.part)}", *asked.arguments))
        if asked.variable is None:
            target = "_"
        elif self.declares(asked):
            target = self.variable(asked.variable)
        else:
            target = self.locals.fresh("found")
        self.assign(f"{target}, {outcome}", f"tried({arguments})", declares=True)
        if asked.variable is not None:
            if target != self.variable(asked.variable):
                self.line(f"{self.variable(asked.variable)} = {target}")
            self.seen.add(id(asked.variable))

    def outcome_is(self, outcome: str, word: str) -> str:
        return f'{outcome} == "{word}"'

    def declined(self, target: str, word: str, status: int) -> None:
        if word == UNKNOWN:
            self.line(f"return nil, &Unknown{{{self.text(target)}}}")
        else:
            self.line(f"return nil, &Refused{{{status}, {self.text(f'{target} declines')}}}")

    def attempt(self, asked: tuple[Asked, ...], refused: Group) -> None:
        self.transactions.append(asked[-1].part)
        self.open_transactions.append(self.locals.fresh("attempt"))
        super().attempt(asked, refused)

    def begin_attempt(self, store: str) -> str:
        self.transactions.pop()
        attempt = self.open_transactions.pop()
        self.assign(attempt, f"{self._owner(store)}.Begin(ctx)", declares=True)
        self.transactions.append(store)
        self.open_transactions.append(attempt)
        return attempt

    def ask_and_test(self, asked: Asked) -> str:
        failed = self._result(asked)
        if self.open_transactions and self.open_transactions[-1].startswith("attempt"):
            self.transactions.pop()
            self.open_transactions.pop()
        return failed

    def _owner(self, store: str) -> str:
        """What a statement is sent through: the innermost transaction of its store."""
        for name, opened in zip(reversed(self.transactions), reversed(self.open_transactions), strict=True):
            if name == store:
                return opened
        return f"app.{self.spoken(store)}"

    def undo_attempt(self, store: str, attempt: str) -> None:
        self._checked("err :=", f"{attempt}.Rollback(ctx)")

    def keep_attempt(self, store: str, attempt: str) -> None:
        self._checked("err :=", f"{attempt}.Commit(ctx)")

    def transaction(self, store: str, group: Group) -> None:
        transaction = self.locals.fresh("tx")
        self.transactions.pop()
        self.assign(transaction, f"{self._owner(store)}.Begin(ctx)", declares=True)
        self.transactions.append(store)
        self.line(f"defer {transaction}.Rollback(ctx)")
        self.open_transactions.append(transaction)
        self.depth -= 1
        self.inside(group)
        self.depth += 1
        self.open_transactions.pop()
        if not ends(group.steps):
            self._checked("err :=", f"{transaction}.Commit(ctx)")

    def commit(self) -> None:
        self._checked("err :=", f"{self.open_transactions[-1]}.Commit(ctx)")

    def begin_if(self, test: str) -> None:
        self.line(f"if {test} {{")

    def begin_loop(self, element: Variable, name: str, listed: str) -> None:
        self.line(f"for _, {name} := range {listed} {{")

    def break_loop(self) -> None:
        self.line("break")

    def gather(self, variable: Variable, inner: Variable) -> None:
        name, row = self.variable(variable), self.variable(inner)
        rows = row if inner.kind is Kind.ROWS else self.wrapped(row)
        self.line(f"{name} = append({name}, {rows}...)")

    def answer(self, parts: Mapping[str, str]) -> None:
        inner = ", ".join(f"{self.text(n)}: {v}" for n, v in parts.items())
        self.spread(f"return Answer{{{inner}}}", ", nil")

    def refuse(self, status: int, word: str) -> None:
        self.line(f"return nil, &Refused{{{status}, {self.text(word)}}}")

    def stop(self) -> None:
        self.line("return nil, nil")

    def missing(self, what: str) -> None:
        self._checked("err :=", f"missing({self.text(what)})")

    def missing_value(self, value: str) -> str:
        return f"{value} == nil"

    def mark(self, position: int, slot: Slot) -> str:
        return f"${position + 1}::{slot.type}{'[]' if slot.many and not slot.type.endswith('[]') else ''}"

    def slot(self, slot: Slot) -> str:
        value = self.value(slot.value)
        if slot.type == "interval":
            return f"span({value})"
        return f"asJSON({value})" if slot.type == "jsonb" and not slot.many else value

    def constant_name(self, name: str) -> str:
        return names.camel(f"{self.name}_{name}")

    def mapping(self, pairs: list[tuple[str, str]]) -> str:
        return "Row{" + ", ".join(f"{self.text(n)}: {v}" for n, v in pairs) + "}"

    def listing(self, values: list[str]) -> str:
        return f"[]any{{{', '.join(values)}}}"

    def own(self, written: str) -> str:
        return f"own({self.text(written)})"

    def without(self, listed: str, keys: tuple[str, ...], less: str, less_keys: tuple[str, ...]) -> str:
        first, second = (f"[]string{{{', '.join(self.texts(k))}}}" for k in (keys, less_keys))
        return f"without({listed}, {first}, {less}, {second})"

    def batches(self, listed: str, size: str) -> str:
        return f"batches({listed}, {size})"

    # Expressions ------------------------------------------------------------------------------------------------------

    def field(self, variable: str, name: str, sure: bool) -> str:
        return f"{variable}[{self.text(name)}]"

    def opened(self, value: str, name: str) -> str:
        return f"field({value}, {self.text(name)})"

    def looked_up(self, structure: str, key: str, name: str) -> str:
        return self._looked_up("Field", structure, key, name)

    def all_looked_up(self, structure: str, keys: str, name: str) -> str:
        return self._looked_up("Fields", structure, keys, name)

    def _looked_up(self, method: str, structure: str, key: str, name: str) -> str:
        """A look-up stands on a line of its own, before the expression that needs it."""
        column = self.form.structures[structure].key[0]
        owner = self._owner(self.store_of(structure))
        target = self.locals.fresh(f"{structure}_{name}")
        self.assign(target, f'{owner}.{method}(ctx, "{structure}", "{column}", {key}, "{name}")', declares=True)
        return target

    def picked(self, rows: str, name: str) -> str:
        return f"pick({rows}, {self.text(name)})"

    def wrapped(self, variable: str) -> str:
        return f"rowsOf({variable})"

    def as_list(self, value: str) -> str:
        return f"listed({value})"

    def length(self, value: str) -> str:
        return f"len({value})"

    def failed(self, asked: Asked, target: str) -> str:
        if not asked.fewer:
            return super().failed(asked, target)
        amount = asked.fewer if asked.fewer.isdigit() or asked.fewer.startswith("len(") else f"int({asked.fewer})"
        return f"len({target}) < {amount}"

    def text(self, value: str) -> str:
        return writing.string(value)

    def nothing(self) -> str:
        return "nil"

    def now(self) -> str:
        return "app.Now()"

    def new(self) -> str:
        return "app.NewID()"

    def here(self) -> str:
        return "app.Here"

    def tunable(self, name: str) -> str:
        return constant(name)

    def total(self, value: str) -> str:
        return f"total({value})"

    def digest(self, value: str) -> str:
        return f"digest({value})"

    def size(self, value: str) -> str:
        return f"size({value})"

    def moved(self, time: str, sign: str, seconds: str) -> str:
        return f'reckoned({time}, "{sign}", {seconds})' if sign == "-" else f"later({time}, {seconds})"

    def between(self, later: str, earlier: str) -> str:
        return f"secondsBetween({later}, {earlier})"

    def window(self, time: str, seconds: str) -> str:
        return f"window({time}, {seconds})"

    def reckoned(self, left: str, operator: str, right: str, loose: bool) -> str:
        return f'reckoned({left}, "{operator}", {right})'

    def each_of(self, left: str, operator: str, right: str) -> str:
        return f'eachOf({left}, "{operator}", {right})'

    def compared(self, left: str, operator: str, right: str, timed: bool, loose: bool) -> str:
        if operator == "has":
            return f"has({left}, {right})"
        if operator in ("=", "!="):
            return f"{'!' if operator == '!=' else ''}same({left}, {right})"
        return f'compared({left}, "{operator}", {right})'

    def found(self, variable: str, kind: Kind, present: bool) -> str:
        if kind is Kind.ROWS:
            return f"len({variable}) {'>' if present else '=='} 0"
        if kind is Kind.NUMBER:
            return f"{variable} {'>=' if present else '<'} 0"
        return f"{variable} {'!=' if present else '=='} nil"

    def chance(self, share: float) -> str:
        return f"rand.Float64() < {share:g}"


def constant(name: str) -> str:
    """A tunable as the package calls it."""
    return f"{name}_" if name in (*OWN, *HELPERS, *PACKAGES) else writing.identifier(name)
