"""An operation in Python: a function of `app` (the ports), the caller and what was sent. What is refused is raised."""

from __future__ import annotations

import json
from collections.abc import Mapping

from workbook.artifacts.code.language import Asked
from workbook.artifacts.code.layout import laid
from workbook.artifacts.code.printer import UNKNOWN, Printer, ends, wrap
from workbook.artifacts.code.variables import Kind, Variable
from workbook.artifacts.dialects.statement import Slot
from workbook.artifacts.writing import python as writing
from workbook.plan.form.model import Group

HELPERS = (
    "Answer",
    "App",
    "Own",
    "Refused",
    "Row",
    "Unknown",
    "as_json",
    "batches",
    "compared",
    "digest",
    "each_of",
    "field",
    "later",
    "listed",
    "moment",
    "reckoned",
    "seconds_between",
    "span",
    "tried",
    "window",
    "without",
)
BUILT_IN = ("bool", "dict", "id", "int", "len", "list", "max", "min", "one", "random", "str", "type")
_TYPES = {Kind.ROW: "Row | None", Kind.ROWS: "list[Row]", Kind.NUMBER: "int"}
_EMPTY = {Kind.ROW: "None", Kind.ROWS: "[]", Kind.NUMBER: "0"}
LONGEST_LINE = 116


class Python(Printer):
    """Rows are dictionaries."""

    own_names = frozenset({*HELPERS, *BUILT_IN, "app", "found"})
    remark = "#"

    # Statements -------------------------------------------------------------------------------------------------------

    def spelling(self, name: str) -> str:
        return writing.identifier(name)

    def opening(self) -> None:
        arguments = ", ".join(["app: App", *(f"{g}: Row" for g in self.given)])
        self.line(f"def {self.spelling(self.name)}({arguments}) -> Answer:")

    def closing(self) -> None:
        if not ends(self.program.parts):
            self.line("return None")

    def comment(self, text: str) -> None:
        for one in wrap(text):
            self.line(f"# {one}")

    def declare(self, variable: Variable) -> None:
        if variable.gathers is None and variable.inline:
            return
        self.line(f"{self.variable(variable)}: {_TYPES[variable.kind]} = {_EMPTY[variable.kind]}")

    def spread(self, text: str) -> None:
        """A statement, on several lines where it is long."""
        for one in laid(text, LONGEST_LINE - self.depth * len(self.indent), self.indent):
            self.line(one)

    def _called(self, asked: Asked) -> str:
        slots = [] if asked.slots is None else [self.listing(list(asked.slots))]
        named = [f"{name}={value}" for name, value in asked.more]
        return f"app.{asked.part}.{asked.method}({', '.join([*asked.arguments, *slots, *named])})"

    def ask(self, asked: Asked) -> None:
        failed = self._result(asked)
        if not failed:
            return
        self.line(f"if {failed}:")
        self.line(f"{self.indent}raise Refused({asked.status}, {self.text(asked.why)})")

    def ask_and_test(self, asked: Asked) -> str:
        return self._result(asked) or "False"

    def _result(self, asked: Asked) -> str:
        """The call; gives the test by which it was refused."""
        target = "found" if asked.status else ""
        if asked.variable is not None:
            target = self.variable(asked.variable)
        self.spread(f"{target} = {self._called(asked)}" if target else self._called(asked))
        if not asked.status:
            return ""
        if asked.fewer:
            return f"len({target}) < {asked.fewer}"
        return f"not {target}" if asked.gives is Kind.ROWS else f"{target} is None"

    def tried(self, asked: Asked, outcome: str) -> None:
        target = self.variable(asked.variable) if asked.variable is not None else "_"
        called = ", ".join((f"app.{asked.part}.{asked.method}", *asked.arguments))
        self.spread(f"{target}, {outcome} = tried({called})")

    def outcome_is(self, outcome: str, word: str) -> str:
        return f'{outcome} == "{word}"'

    def declined(self, target: str, word: str, status: int) -> None:
        if word == UNKNOWN:
            self.line(f"raise Unknown({self.text(target)})")
        else:
            self.line(f"raise Refused({status}, {self.text(f'{target} declines')})")

    def attempt(self, asked: tuple[Asked, ...], refused: Group) -> None:
        attempt = self.locals.fresh("attempt") if refused.steps else ""
        self.line(f"with app.{asked[-1].part}.attempt(){f' as {attempt}' if attempt else ''}:")
        self.depth += 1
        for one in asked:
            self.asks(one)
        self.depth -= 1
        sure = set(self.sure)
        if attempt:
            self.line(f"if {attempt}.refused:")
            self.inside(refused)
        self.after_refusal(asked[-1], refused, sure)

    def begin_attempt(self, store: str) -> str:
        raise NotImplementedError

    def undo_attempt(self, store: str, attempt: str) -> None:
        raise NotImplementedError

    def keep_attempt(self, store: str, attempt: str) -> None:
        raise NotImplementedError

    def transaction(self, store: str, group: Group) -> None:
        self.line(f"with app.{store}.transaction():")
        self.inside(group)

    def commit(self) -> None:
        return

    def begin_if(self, test: str) -> None:
        self.line(f"if {test}:")

    def begin_else(self) -> None:
        self.line("else:")

    def end_if(self) -> None:
        return

    def begin_loop(self, element: Variable, name: str, listed: str) -> None:
        self.line(f"for {name} in {listed}:")

    def break_loop(self) -> None:
        self.line("break")

    def end_block(self) -> None:
        return

    def empty(self) -> None:
        self.line("pass")

    def gather(self, variable: Variable, inner: Variable) -> None:
        self.line(f"{self.variable(variable)} += listed({self.variable(inner)})")

    def answer(self, parts: Mapping[str, str]) -> None:
        self.spread(f"return {self.mapping(list(parts.items()))}")

    def refuse(self, status: int, word: str) -> None:
        self.line(f"raise Refused({status}, {self.text(word)})")

    def stop(self) -> None:
        self.line("return None")

    def missing(self, what: str) -> None:
        self.line(f"raise NotImplementedError({self.text(what)})")

    def missing_value(self, value: str) -> str:
        return f"{value} is None"

    def mark(self, position: int, slot: Slot) -> str:
        return f"%s::{slot.type}{'[]' if slot.many and not slot.type.endswith('[]') else ''}"

    def slot(self, slot: Slot) -> str:
        value = self.value(slot.value)
        if slot.type == "interval":
            return f"span({value})"
        return f"as_json({value})" if slot.type == "jsonb" and not slot.many else value

    def constant_name(self, name: str) -> str:
        return name.upper()

    def mapping(self, pairs: list[tuple[str, str]]) -> str:
        return "{" + ", ".join(f"{self.text(n)}: {v}" for n, v in pairs) + "}"

    def listing(self, values: list[str]) -> str:
        return f"[{', '.join(values)}]"

    def own(self, written: str) -> str:
        return f"Own({self.text(written)})"

    def without(self, listed: str, keys: tuple[str, ...], less: str, less_keys: tuple[str, ...]) -> str:
        return f"without({listed}, {self._names(keys)}, {less}, {self._names(less_keys)})"

    def _names(self, names: tuple[str, ...]) -> str:
        return self.listing([self.text(n) for n in names])

    def batches(self, listed: str, size: str) -> str:
        return f"batches({listed}, {size})"

    # Expressions ------------------------------------------------------------------------------------------------------

    def field(self, variable: str, name: str, sure: bool) -> str:
        return f"{variable}[{self.text(name)}]" if sure else f"field({variable}, {self.text(name)})"

    def sent(self, base: str, name: str) -> str:
        return f"{base}.get({self.text(name)})"

    def opened(self, value: str, name: str) -> str:
        return f"field({value}, {self.text(name)})"

    def looked_up(self, structure: str, key: str, name: str) -> str:
        column = self.form.structures[structure].key[0]
        return f'app.{self.store_of(structure)}.field("{structure}", "{column}", {key}, "{name}")'

    def all_looked_up(self, structure: str, keys: str, name: str) -> str:
        column = self.form.structures[structure].key[0]
        return f'app.{self.store_of(structure)}.fields("{structure}", "{column}", {keys}, "{name}")'

    def picked(self, rows: str, name: str) -> str:
        return f"[one[{self.text(name)}] for one in {rows}]"

    def wrapped(self, variable: str) -> str:
        return f"listed({variable})"

    def as_list(self, value: str) -> str:
        return f"listed({value})"

    def length(self, value: str) -> str:
        return f"len({value})"

    def total(self, value: str) -> str:
        return f"sum({value})"

    def text(self, value: str) -> str:
        return json.dumps(value, ensure_ascii=False)

    def number(self, value: float) -> str:
        return f"{value:.15g}"

    def truth(self, value: bool) -> str:
        return str(value)

    def nothing(self) -> str:
        return "None"

    def now(self) -> str:
        return "app.now()"

    def new(self) -> str:
        return "app.new()"

    def here(self) -> str:
        return "app.here"

    def tunable(self, name: str) -> str:
        return constant(name)

    def digest(self, value: str) -> str:
        return f"digest({value})"

    def size(self, value: str) -> str:
        return f"len(str({value}))"

    def moved(self, time: str, sign: str, seconds: str) -> str:
        return f"later({time}, {'-' if sign == '-' else ''}{seconds})"

    def between(self, later: str, earlier: str) -> str:
        return f"seconds_between({later}, {earlier})"

    def window(self, time: str, seconds: str) -> str:
        return f"window({time}, {seconds})"

    def reckoned(self, left: str, operator: str, right: str, loose: bool) -> str:
        if loose:
            return f'reckoned({left}, "{operator}", {right})'
        return f"({left} // {right} * {right})" if operator == "//" else f"({left} {operator} {right})"

    def each_of(self, left: str, operator: str, right: str) -> str:
        return f'each_of({left}, "{operator}", {right})'

    def compared(self, left: str, operator: str, right: str, timed: bool, loose: bool) -> str:
        if operator == "has":
            return f"{right} in listed({left})" if loose else f"{right} in {left}"
        if loose and (timed or operator not in ("=", "!=")):
            return f'compared({left}, "{operator}", {right})'
        sign = {"=": "=="}.get(operator, operator)
        return f"moment({left}) {sign} moment({right})" if timed else f"{left} {sign} {right}"

    def found(self, variable: str, kind: Kind, present: bool) -> str:
        if kind is Kind.ROWS:
            return variable if present else f"not {variable}"
        return f"{variable} is not None" if present else f"{variable} is None"

    def chance(self, share: float) -> str:
        return f"random.random() < {share:g}"

    def all_of(self, tests: list[str]) -> str:
        return " and ".join(f"({t})" if " or " in t and len(tests) > 1 else t for t in tests)

    def any_of(self, tests: list[str]) -> str:
        return " or ".join(tests)


def constant(name: str) -> str:
    """A tunable as the files call it."""
    return f"{name}_" if name in HELPERS else writing.identifier(name)
