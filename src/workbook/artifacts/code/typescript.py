"""An operation in TypeScript: an asynchronous function. Rows are records of unknown values; what is refused is thrown."""

from __future__ import annotations

from collections.abc import Mapping

from workbook.artifacts.code import names
from workbook.artifacts.code.braces import Braces
from workbook.artifacts.code.language import Asked
from workbook.artifacts.code.printer import UNKNOWN, ends
from workbook.artifacts.code.variables import BLOCKS, Kind, Variable
from workbook.artifacts.dialects.statement import Slot
from workbook.artifacts.writing import typescript as writing
from workbook.plan.form.model import Group, GroupKind

HELPERS = (
    *("Answer", "App", "Refused", "Row", "Unknown", "asJson", "batches", "compared", "digest", "eachOf", "field"),
    *("has", "later", "listed", "own", "pick", "reckoned", "same", "secondsBetween", "size", "span", "total", "tried"),
    *("window", "without"),
)
BUILT_IN = ("Array", "Date", "Map", "Math", "Number", "Object", "Promise", "String", "error", "undefined")
_TYPES = {Kind.ROW: "Row | undefined", Kind.ROWS: "Row[]", Kind.NUMBER: "number"}
_EMPTY = {Kind.ROW: "", Kind.ROWS: " = []", Kind.NUMBER: " = 0"}


class TypeScript(Braces):
    """Rows are records."""

    indent = "  "
    blocks = BLOCKS | {GroupKind.TOGETHER}
    own_names = frozenset({*HELPERS, *BUILT_IN, "app"})
    longest = 100

    # Statements -------------------------------------------------------------------------------------------------------

    def spelling(self, name: str) -> str:
        return writing.identifier(names.camel(name))

    def opening(self) -> None:
        arguments = ", ".join(["app: App", *(f"{g}: Row" for g in self.given)])
        self.line(f"export async function {self.spelling(self.name)}({arguments}): Promise<Answer> {{")

    def declare(self, variable: Variable) -> None:
        word = "const" if variable.gathers else "let"
        value = " = []" if variable.gathers else _EMPTY[variable.kind]
        self.line(f"{word} {self.variable(variable)}: {_TYPES[variable.kind]}{value};")

    def _called(self, asked: Asked) -> str:
        slots = [] if asked.slots is None else [self.listing(list(asked.slots))]
        more = [self.mapping(list(asked.more))] if asked.more else []
        method = names.camel(asked.method)
        return f"await app.{self.spoken(asked.part)}.{method}({', '.join([*asked.arguments, *slots, *more])})"

    def ask(self, asked: Asked) -> None:
        failed = self._result(asked)
        if failed:
            self.line(f"if ({failed}) {{")
            self.spread(f"{self.indent}throw new Refused({asked.status}, {self.text(asked.why)})")
            self.line("}")

    def ask_and_test(self, asked: Asked) -> str:
        return self._result(asked)

    def _result(self, asked: Asked) -> str:
        called = self._called(asked)
        if asked.variable is None:
            if not asked.status:
                self.spread(called)
                return ""
            found = self.locals.fresh("found")
            self.spread(f"const {found} = {called}")
            return self.failed(asked, found)
        self.spread(f"{self._target(asked)} = {called}")
        return self.failed(asked, self.variable(asked.variable)) if asked.status else ""

    def _target(self, asked: Asked) -> str:
        assert asked.variable is not None
        word = ""
        if self.declares(asked):
            word = "const " if asked.variable.once else "let "
        maybe = word == "let " and asked.variable.kind is Kind.ROW
        return f"{word}{self.variable(asked.variable)}{': Row | undefined' if maybe else ''}"

    def tried(self, asked: Asked, outcome: str) -> None:
        arguments = ", ".join((f"app.{asked.part}", *asked.arguments))
        self.spread(f"const {outcome} = await tried({arguments})")
        if asked.variable is not None:
            self.line(f"{self._target(asked)} = {outcome}.found;")
            self.seen.add(id(asked.variable))

    def outcome_is(self, outcome: str, word: str) -> str:
        return f'{outcome}.outcome === "{word}"'

    def declined(self, target: str, word: str, status: int) -> None:
        if word == UNKNOWN:
            self.line(f"throw new Unknown({self.text(target)});")
        else:
            self.line(f"throw new Refused({status}, {self.text(f'{target} declines')});")

    def begin_attempt(self, store: str) -> str:
        attempt = self.locals.fresh("attempt")
        self.line(f"const {attempt} = await app.{self.spoken(store)}.begin();")
        return attempt

    def undo_attempt(self, store: str, attempt: str) -> None:
        self.line(f"await {attempt}.rollback();")

    def keep_attempt(self, store: str, attempt: str) -> None:
        self.line(f"await {attempt}.commit();")

    def transaction(self, store: str, group: Group) -> None:
        transaction = self.locals.fresh("transaction")
        self.open_transactions.append(transaction)
        self.line(f"const {transaction} = await app.{self.spoken(store)}.begin();")
        self.line("try {")
        self.inside(group)
        if not ends(group.steps):
            self.line(f"{self.indent}await {transaction}.commit();")
        self.open_transactions.pop()
        self.line("} catch (error) {")
        self.line(f"{self.indent}await {transaction}.rollback();")
        self.line(f"{self.indent}throw error;")
        self.line("}")

    def commit(self) -> None:
        self.line(f"await {self.open_transactions[-1]}.commit();")

    def begin_loop(self, element: Variable, name: str, listed: str) -> None:
        self.line(f"for (const {name} of {listed}) {{")

    def gather(self, variable: Variable, inner: Variable) -> None:
        name = self.variable(inner)
        rows = f"...{name}" if inner.kind is Kind.ROWS else f"...{self.wrapped(name)}"
        self.line(f"{self.variable(variable)}.push({rows});")

    def answer(self, parts: Mapping[str, str]) -> None:
        self.spread(f"return {self.mapping(list(parts.items()))}")

    def refuse(self, status: int, word: str) -> None:
        self.line(f"throw new Refused({status}, {self.text(word)});")

    def stop(self) -> None:
        self.line("return undefined;")

    def missing(self, what: str) -> None:
        self.line(f"missing({self.text(what)});")

    def missing_value(self, value: str) -> str:
        return f"{value} === undefined"

    def mark(self, position: int, slot: Slot) -> str:
        return f"${position + 1}::{slot.type}{'[]' if slot.many and not slot.type.endswith('[]') else ''}"

    def slot(self, slot: Slot) -> str:
        value = self.value(slot.value)
        if slot.type == "interval":
            return f"span({value})"
        return f"asJson({value})" if slot.type == "jsonb" and not slot.many else value

    def constant_name(self, name: str) -> str:
        return name.upper()

    def mapping(self, pairs: list[tuple[str, str]]) -> str:
        if not pairs:
            return "{}"
        return "{ " + ", ".join(n if n == v else f"{_key(n)}: {v}" for n, v in pairs) + " }"

    def listing(self, values: list[str]) -> str:
        return f"[{', '.join(values)}]"

    def own(self, written: str) -> str:
        return f"own({self.text(written)})"

    def without(self, listed: str, keys: tuple[str, ...], less: str, less_keys: tuple[str, ...]) -> str:
        return f"without({listed}, {self.listing(self.texts(keys))}, {less}, {self.listing(self.texts(less_keys))})"

    def batches(self, listed: str, size: str) -> str:
        return f"batches({listed}, {size})"

    # Expressions ------------------------------------------------------------------------------------------------------

    def field(self, variable: str, name: str, sure: bool) -> str:
        if name.isidentifier():
            return f"{variable}{'.' if sure else '?.'}{name}"
        return f"{variable}{'' if sure else '?.'}[{self.text(name)}]"

    def opened(self, value: str, name: str) -> str:
        return f"field({value}, {self.text(name)})"

    def looked_up(self, structure: str, key: str, name: str) -> str:
        column = self.form.structures[structure].key[0]
        store = self.spoken(self.store_of(structure))
        return f'(await app.{store}.field("{structure}", "{column}", {key}, "{name}"))'

    def all_looked_up(self, structure: str, keys: str, name: str) -> str:
        column = self.form.structures[structure].key[0]
        store = self.spoken(self.store_of(structure))
        return f'(await app.{store}.fields("{structure}", "{column}", {keys}, "{name}"))'

    def picked(self, rows: str, name: str) -> str:
        return f"pick({rows}, {self.text(name)})"

    def wrapped(self, variable: str) -> str:
        return f"({variable} === undefined ? [] : [{variable}])"

    def as_list(self, value: str) -> str:
        return f"listed({value})"

    def length(self, value: str) -> str:
        return f"{value}.length"

    def total(self, value: str) -> str:
        return f"total({value})"

    def text(self, value: str) -> str:
        return writing.string(value)

    def nothing(self) -> str:
        return "null"

    def now(self) -> str:
        return "app.now()"

    def new(self) -> str:
        return "app.newId()"

    def here(self) -> str:
        return "app.here"

    def tunable(self, name: str) -> str:
        return constant(name)

    def digest(self, value: str) -> str:
        return f"await digest({value})"

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
            return f"{variable}.length {'> 0' if present else '=== 0'}"
        return f"{variable} {'!==' if present else '==='} undefined"

    def chance(self, share: float) -> str:
        return f"Math.random() < {share:g}"


def _key(name: str) -> str:
    return name if name.isidentifier() else writing.string(name)


def constant(name: str) -> str:
    """A tunable as the files call it."""
    return f"{name}_" if name in (*HELPERS, *BUILT_IN) else writing.identifier(name)
