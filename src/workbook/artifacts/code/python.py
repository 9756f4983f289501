"""An operation in Python: a function of `app` (the ports), the caller and what was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping

from workbook.artifacts.code.printer import Asked, Printer, wrap
from workbook.artifacts.code.scope import Kind, groups
from workbook.artifacts.dialects.statement import Slot
from workbook.brief.steps.syntax import Start
from workbook.plan.fold.samples import tunable
from workbook.plan.form.model import Given, GroupKind, Part, walk

_RESERVED = frozenset(
    [
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "app",
        "caller",
        "body",
        "event",
        "item",
        "lost",
        "outcome",
        "list",
        "type",
        "id",
        "hash",
    ]
)
_GIVEN = {Start.EVENT: "event", Start.QUEUE: "item", Start.DEAD: "item", Start.DUE: "item", Start.LOST: "lost"}


class Python(Printer):
    """Rows are dictionaries; what is refused is raised."""

    _elements: set[str]

    def opening(self) -> None:
        self._elements, self._batches = set(), set()
        given = _GIVEN.get(self.program.starts, "")
        arguments = "app: App, caller: Row, body: Row" if not given else f"app: App, {given}: Row"
        if self.program.operation.starts.each:
            arguments = f"app: App, {self.local(self.program.operation.starts.each)}: Row"
        self.line(f"def {self.program.id}({arguments}) -> Answer:")
        self.depth += 1
        for name in self._declared():
            self.line(f"{self.local(name)}: {_TYPES[self.scope.kinds[name]]} = {_EMPTY[self.scope.kinds[name]]}")
        for gathered in self.scope.gathered.values():
            self.line(f"{self.local(gathered)}: list[Row] = []")

    def _declared(self) -> list[str]:
        """Names that are used where their step may not have run."""
        open_ = (GroupKind.TOGETHER, GroupKind.EACH)
        inner = {s.name for g in groups(self.program.parts) if g.kind not in open_ for s, _ in walk(g.steps)}
        return [n for n in self.scope.kinds if n in inner and n in self.scope.used]

    def closing(self) -> None:
        last = self.made.lines[-1]
        if not last.startswith((f"{self.indent}return", f"{self.indent}raise")):
            self.line("return None")

    def comment(self, text: str) -> None:
        for one in wrap(text):
            self.line(f"# {one}")

    def ask(self, asked: Asked) -> None:
        caught = self.caught[-1] if self.caught else ""
        call = f"app.{asked.call}.{asked.method}({', '.join(asked.arguments)})"
        if caught and asked.call == "outside":
            bound = f"{self.local(asked.bind)}, " if asked.bind in self.scope.used else "_, "
            self.line(f"{bound}{caught} = tried(lambda: {call})")
            return
        used = asked.bind in self.scope.used
        target = self.local(asked.bind) if used else "found"
        before = f"{target} = " if used or asked.status else ""
        self._call(f"{before}app.{asked.call}.{asked.method}", asked.arguments)
        if not asked.status:
            return
        failed = (
            f"len({target}) < {asked.fewer}"
            if asked.fewer
            else f"not {target}"
            if asked.gives is Kind.ROWS
            else f"{target} is None"
        )
        self.line(f"if {failed}:")
        self.depth += 1
        self.line(f'{caught} = "refused"' if caught else f"raise Refused({asked.status}, {self.text(asked.why)})")
        self.depth -= 1

    def _call(self, head: str, arguments: tuple[str, ...]) -> None:
        """On one line where it fits, else an argument a line."""
        flat = f"{head}({', '.join(arguments)})"
        if len(flat) + self.depth * len(self.indent) <= LONGEST_LINE:
            self.line(flat)
            return
        self.line(f"{head}(")
        self.depth += 1
        for argument in arguments:
            self._argument(argument)
        self.depth -= 1
        self.line(")")

    def _argument(self, argument: str) -> None:
        if len(argument) + self.depth * len(self.indent) < LONGEST_LINE or argument[:1] not in "[{":
            self.line(f"{argument},")
            return
        self.line(argument[0])
        self.depth += 1
        for one in apart(argument[1:-1]):
            self.line(f"{one},")
        self.depth -= 1
        self.line(f"{argument[-1]},")

    def paged(self, cursor: str, first: Callable[[], None], following: Callable[[], None]) -> None:
        self.line(f"if {cursor} is None:")
        self.depth += 1
        first()
        self.depth -= 1
        self.line("else:")
        self.depth += 1
        following()
        self.depth -= 1

    def transaction(self, store: str, steps: tuple[Part, ...]) -> None:
        self.line(f"with app.{store}.transaction():")
        self._block(steps)

    def _block(self, steps: tuple[Part, ...]) -> None:
        self.depth += 1
        before = len(self.made.lines)
        self.parts(steps)
        if all(one.strip().startswith("#") or not one for one in self.made.lines[before:]):
            self.line("pass")
        self.depth -= 1

    def branch(self, test: str, then: tuple[Part, ...], otherwise: tuple[Part, ...]) -> None:
        self.line(f"if {test}:")
        self._block(then)
        if otherwise:
            self.line("else:")
            self._block(otherwise)

    def loop(self, name: str, listed: str, less: str, batch: str, until: str, steps: tuple[Part, ...]) -> None:
        source = f"without({listed}, {less})" if less else listed
        source = f"batches({source}, {batch})" if batch else source
        raw = name
        (self._batches if batch else self._elements).add(raw)
        self.line(f"for {name} in {source}:")
        self.depth += 1
        if until:
            self.line(f"if {until}:")
            self.line(f"{self.indent}break")
        self.depth -= 1
        self._block(steps)
        self.depth += 1
        for inner in sorted(self.loops[-1] & set(self.scope.gathered)):
            self.line(f"{self.local(self.scope.gathered[inner])} += listed({self.local(inner)})")
        self.depth -= 1
        (self._batches if batch else self._elements).discard(raw)

    def begin_try(self, said: str) -> None:
        self.line(f'{said} = "done"')

    def outcome_is(self, said: str, word: str) -> str:
        return f'{said} == "{word}"'

    def answer(self, parts: Mapping[str, str]) -> None:
        self.line(f"return {{{', '.join(f'{self.text(n)}: {v}' for n, v in parts.items())}}}")

    def refuse(self, status: int, word: str) -> None:
        self.line(f"raise Refused({status}, {self.text(word)})")

    def stop(self) -> None:
        self.line("return None")

    def missing(self, what: str) -> None:
        self.line(f"raise NotImplementedError({self.text(what)})")

    # Statements

    def mark(self, position: int, slot: Slot) -> str:
        return f"%s::{slot.type}{'[]' if slot.many and not slot.type.endswith('[]') else ''}"

    def slot(self, slot: Slot, longest: list[str]) -> str:
        value = self.value(slot.value)
        return f"span({value})" if slot.type == "interval" else value

    # Expressions

    def local(self, name: str) -> str:
        return f"{name}_" if name in _RESERVED and name not in ("caller", "body", "event", "item", "lost") else name

    def field(self, variable: str, name: str) -> str:
        return f'{variable}["{name}"]'

    def looked_up(self, structure: str, key: str, name: str) -> str:
        home = self.world.homes.get(structure, "database")
        column = self.form.structures[structure].key[0]
        return f'app.{home}.field("{structure}", "{column}", {key}, "{name}")'

    def picked(self, rows: str, name: str) -> str:
        return f'[one["{name}"] for one in {rows}]'

    def wrapped(self, variable: str) -> str:
        return f"listed({variable})"

    def as_list(self, value: str) -> str:
        return f"listed({value})"

    def record(self, given: Iterable[object]) -> str:
        return "{" + ", ".join(f'"{g.field}": {self.value(g.value)}' for g in given if isinstance(g, Given)) + "}"

    def mapping(self, pairs: Iterable[str]) -> str:
        return "{" + ", ".join(pairs) + "}"

    def listing(self, values: Iterable[str]) -> str:
        return f"[{', '.join(values)}]"

    def length(self, value: str) -> str:
        return f"len({value})"

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

    def item(self) -> str:
        return "item"

    def tunable(self, name: str) -> str:
        return name

    def applied(self, function: str, value: str) -> str:
        return {"count": f"len({value})", "hash": f"digest({value})", "size": f"len(str({value}))"}[function]

    def moved(self, time: str, sign: str, seconds: str) -> str:
        return f"later({time}, {'-' if sign == '-' else ''}{seconds})"

    def between(self, later: str, earlier: str) -> str:
        return f"seconds_between({later}, {earlier})"

    def reckoned(self, left: str, operator: str, right: str) -> str:
        return f"({left} {operator} {right})"

    def compared(self, left: str, operator: str, right: str, timed: bool) -> str:
        if operator == "has":
            return f"{right} in {left}"
        sign = {"=": "=="}.get(operator, operator)
        return f"moment({left}) {sign} moment({right})" if timed else f"{left} {sign} {right}"

    def found(self, variable: str, present: bool) -> str:
        return variable if present else f"not {variable}"

    def chance(self, share: float) -> str:
        return f"random.random() < {share:g}"

    def all_of(self, tests: list[str]) -> str:
        return " and ".join(f"({t})" if " or " in t else t for t in tests)

    def any_of(self, tests: list[str]) -> str:
        return " or ".join(tests)

    def constant(self, name: str) -> str:
        """A tunable as a number."""
        return self.number(tunable(self.form.tunables.get(name)))


_TYPES = {Kind.ROW: "Row | None", Kind.ROWS: "list[Row]", Kind.NUMBER: "int"}
_EMPTY = {Kind.ROW: "None", Kind.ROWS: "[]", Kind.NUMBER: "0"}


LONGEST_LINE = 116


def apart(text: str) -> list[str]:
    """The elements of a written list: split at commas that stand in no bracket and no quotes."""
    made, depth, quoted, start = [], 0, False, 0
    for i, sign in enumerate(text):
        if sign == '"' and text[i - 1 : i] != "\\":
            quoted = not quoted
        elif not quoted and sign in "([{":
            depth += 1
        elif not quoted and sign in ")]}":
            depth -= 1
        elif not quoted and sign == "," and depth == 0:
            made.append(text[start:i].strip())
            start = i + 1
    return [*made, text[start:].strip()]
