"""Walks a program and writes it down. A language says how its statements look; the order of things is the same in all."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import replace

from workbook.artifacts.code.asking import Asking, cursor_of
from workbook.artifacts.code.language import Asked, Written
from workbook.artifacts.code.variables import Kind, Variable
from workbook.brief.steps.syntax import ENDS, Verb
from workbook.plan.fold.outcomes import of_refusal, of_word
from workbook.plan.form.model import Group, GroupKind, Part, Step, walk
from workbook.plan.form.terms import Every, Found, Ref, Value
from workbook.plan.passes.world import DATABASE

WIDTH = 100
DONE, REFUSED, UNKNOWN = "done", "refused", "unknown"


class Printer(Asking):
    """One operation of a world in one language."""

    # The walk ---------------------------------------------------------------------------------------------------------

    def write(self) -> Written:
        """Constants and lines."""
        self.opening()
        self.depth += 1
        self._declarations()
        self.parts(self.program.parts)
        self.closing()
        return self.made

    def line(self, text: str = "") -> None:
        """A line at the depth of the block."""
        self.made.lines.append(f"{self.indent * self.depth}{text}" if text else "")

    def parts(self, parts: tuple[Part, ...]) -> None:
        """Steps and groups in order."""
        position = 0
        while position < len(parts):
            part = parts[position]
            if isinstance(part, Step):
                self.step(part)
                position += 1
                continue
            following = parts[position + 1 : position + 3]
            siblings = {p.kind: p for p in following if isinstance(p, Group) and p.id == part.id}
            self.group(part, siblings)
            position += 1 + len(siblings)

    def group(self, group: Group, siblings: Mapping[GroupKind, Group]) -> None:
        """A block of its own."""
        if group.kind is GroupKind.TOGETHER:
            self._together(group)
        elif group.kind is GroupKind.EACH:
            self._each(group)
        elif group.kind is GroupKind.WHEN:
            self._when(group, siblings.get(GroupKind.ELSE))
        elif group.kind is GroupKind.TRY:
            self._try(group, siblings)
        else:
            self.parts(group.steps)

    def _together(self, group: Group) -> None:
        homes = [self.store_of(s.target) for s, _ in walk(group.steps)]
        stores = [h for h in homes if h in self.world.stores and self.world.stores[h].role == DATABASE]
        store = stores[0] if stores else DATABASE
        self.transactions.append(store)
        self.transaction(store, group)
        self.transactions.pop()

    def inside(self, group: Group, *, loop: bool = False) -> None:
        """The steps of a group as a block; what it declares first."""
        outer, sure = self.place, set(self.sure)
        opens = group.kind in self.blocks
        if opens:
            self.place = (*outer, id(group))
        if loop:
            self.loops = (*self.loops, id(group))
        self.depth += 1
        before = len(self.made.lines)
        if opens:
            self._declarations()
        self.parts(group.steps)
        if loop:
            self._gather(group)
            self.loops = self.loops[:-1]
        if all(not one.strip() or one.strip().startswith(self.remark) for one in self.made.lines[before:]):
            self.empty()
        self.depth -= 1
        self.place = outer
        if opens and group.kind is not GroupKind.TOGETHER:
            self.sure = sure & self.sure

    def _declarations(self) -> None:
        for variable in self.variables:
            if variable.place == self.place and not variable.inline and variable.read:
                self.declare(variable)

    def _when(self, group: Group, other: Group | None) -> None:
        test, before = self.tests(group.tests), set(self.sure)
        shown = [(id(self.meant(t.name.partition(".")[0])), t.present) for t in group.tests if isinstance(t, Found)]
        there = {v for v, present in shown if present}
        otherwise = {v for v, present in shown if not present and len(group.tests) == 1}
        self.begin_if(test)
        self.sure = before | there
        self.inside(group)
        after_then, self.sure = set(self.sure), before | otherwise
        if other is not None:
            self.begin_else()
            self.inside(other)
        self.end_if()
        if other is not None and ends(other.steps):
            self.sure = after_then
        elif not ends(group.steps):
            self.sure &= after_then

    def _each(self, group: Group) -> None:
        if group.read is not None:
            listed = self.locals.fresh(group.read.target)
            rows = Variable(group.read.target, Kind.ROWS, self.place, self.loops, binds=[self.place])
            rows.read = True
            self.spelt[id(rows)] = listed
            self.comment(group.read.text)
            self._keep(group.read, rows)
        else:
            assert group.listed is not None
            listed = self.rows(group.listed)
        if group.less is not None:
            keys = self._keys_of(group.listed or group.less)
            listed = self.without(listed, keys, self.rows(group.less), self._keys_of(group.less))
        if group.batch is not None:
            listed = self.batches(listed, self.value(group.batch))
        element = self.variables.element(group)
        self._spell_element(element)
        for variable in self.variables:
            if variable.gathers is not None and variable.inline and id(group) == self._outermost(variable):
                self.declare(variable)
        bound = {id(v) for v in self.variables if id(group) in v.loops}
        self.sure -= {id(v) for v in self.variables if any(id(group) in b for b in v.binds)}
        self.begin_loop(element, self.variable(element), listed)
        self.seen.add(id(element))
        self.sure.add(id(element))
        if group.until:
            self._until(group)
        self.inside(group, loop=True)
        self.seen -= {*bound, id(element)}
        self.end_block()

    def _spell_element(self, element: Variable) -> None:
        name = self._elements.get(element.name, "")
        if not name or any(self.spelt.get(v) == name for v in self.seen):
            name = self.locals.fresh(element.name)
        self._elements[element.name] = self.spelt[id(element)] = name

    def _until(self, group: Group) -> None:
        outer = self.place, self.loops
        self.place, self.loops = (*self.place, id(group)), (*self.loops, id(group))
        self.depth += 1
        self.begin_if(self.tests(group.until))
        self.depth += 1
        self.break_loop()
        self.depth -= 1
        self.end_if()
        self.depth -= 1
        self.place, self.loops = outer

    def _outermost(self, gathered: Variable) -> int:
        """The outermost loop between a variable and the list that it is gathered in."""
        assert gathered.gathers is not None
        inner = gathered.gathers.binds[0]
        return inner[len(gathered.binds[0])]

    def _gather(self, group: Group) -> None:
        for variable in self.variables:
            inner = variable.gathers
            if inner is not None and inner.loops and inner.loops[-1] == id(group):
                self.gather(variable, inner)
                self.seen.add(id(variable))

    def _keys_of(self, said: Value) -> tuple[str, ...]:
        ref = said.of if isinstance(said, Every) else said
        if not isinstance(ref, Ref) or ref.fields:
            return ()
        structure = self.form.structures.get(ref.structure)
        return structure.key if structure is not None else ()

    # Tries ------------------------------------------------------------------------------------------------------------

    def _try(self, group: Group, siblings: Mapping[GroupKind, Group]) -> None:
        step = group.steps[0]
        assert isinstance(step, Step)
        refused, unknown = siblings.get(GroupKind.REFUSED), siblings.get(GroupKind.UNKNOWN)
        self._said(step)
        if step.verb is Verb.CALL:
            self._try_call(step, refused, unknown)
        elif refused is None:
            self.done(step)
        else:
            self._try_step(step, refused)
        self.parts(group.steps[1:])

    def _try_call(self, step: Step, refused: Group | None, unknown: Group | None) -> None:
        """A call of another system leaves a word. What is not caught ends the operation."""
        if refused is None and unknown is None:
            self.done(step)
            return
        outcome = self.locals.fresh("outcome")
        self.tried(self._call(step), outcome)
        for group, word in ((refused, REFUSED), (unknown, UNKNOWN)):
            self.begin_if(self.outcome_is(outcome, word))
            if group is None:
                self.depth += 1
                self.declined(step.target, word, of_refusal(step))
                self.depth -= 1
            else:
                self.inside(group)
            self.end_if()

    def _try_step(self, step: Step, refused: Group) -> None:
        """A step whose refusal does not end the operation."""
        asked = self._asked_of(step)
        if not asked or not asked[-1].status:
            self.done(step)
            return
        if len(asked) > 1 or asked[-1].fewer:
            self.attempt(asked, refused)
            return
        if not refused.steps:
            self.asks(replace(asked[-1], status=0))
            return
        failed = self._ask_and_test(asked[-1])
        sure = set(self.sure)
        self.begin_if(failed)
        self.inside(refused)
        self.end_if()
        self.after_refusal(asked[-1], refused, sure)

    def attempt(self, asked: tuple[Asked, ...], refused: Group) -> None:
        """The same for a step that may be done in part: that is undone."""
        store = asked[-1].part
        attempt = self.begin_attempt(store)
        for one in asked[:-1]:
            self.asks(one)
        failed = self._ask_and_test(asked[-1])
        sure = set(self.sure)
        self.begin_if(failed)
        self.depth += 1
        self.undo_attempt(store, attempt)
        self.depth -= 1
        self.inside(refused)
        self.begin_else()
        self.depth += 1
        self.keep_attempt(store, attempt)
        self.depth -= 1
        self.end_if()
        self.after_refusal(asked[-1], refused, sure)

    def after_refusal(self, asked: Asked, refused: Group, sure: set[int]) -> None:
        """What is known behind a step that was tried."""
        if not ends(refused.steps):
            self.sure &= sure
            return
        self.sure = sure if asked.variable is None else sure | {id(asked.variable)}

    # Steps ------------------------------------------------------------------------------------------------------------

    def _said(self, step: Step) -> None:
        if step.text and step.verb not in ENDS:
            self.comment(step.text)

    def step(self, step: Step) -> None:
        """One step."""
        self._said(step)
        self.done(step)

    def done(self, step: Step) -> None:
        """One step without its comment."""
        if step.verb is Verb.ANSWER:
            self.commit_all()
            self.answer({named(v): self.answered(v) for v in step.answers})
        elif step.verb is Verb.REFUSE:
            self.refuse(of_word(step.target), step.target)
        elif step.verb is Verb.STOP:
            self.commit_all()
            self.stop()
        elif step.verb is Verb.CALL:
            self.asks(self._call(step))
        elif step.verb is Verb.PUSH:
            self.asks(self._push(step))
        elif step.verb is Verb.RELEASE and step.target == "item" and "item" in self.given:
            delay = self.value(step.lasting) if step.lasting is not None else self.number(0)
            self.asks(Asked(part="queue", method="give_back", arguments=("item", delay)))
        elif step.target in self.given and step.target not in self.form.structures:
            return
        elif step.target in self.form.structures or (step.verb is Verb.PUBLISH and not self._broker(step.target)):
            self._keep(step, self.variables.of(step))
        else:
            for asked in self._asked_of(step):
                self.asks(asked)

    def _keep(self, step: Step, variable: Variable | None) -> None:
        dialect = self.tables.get(self.store_of(step.target))
        if dialect is not None and cursor_of(step) is not None:
            self._paged(step, dialect, variable)
            return
        for asked in self._kept(step, variable):
            self.asks(asked)


def ends(parts: tuple[Part, ...]) -> bool:
    """Whether the operation is at its end behind them."""
    last = parts[-1] if parts else None
    if isinstance(last, Step):
        return last.verb in ENDS
    if last is None or last.kind not in (GroupKind.TOGETHER, GroupKind.AT_ONCE, GroupKind.ELSE):
        return False
    before = parts[-2] if last.kind is GroupKind.ELSE else last
    return ends(last.steps) and isinstance(before, Group) and ends(before.steps)


def named(said: Value) -> str:
    """What a part of an answer is called."""
    ref = said.of if isinstance(said, Every) else said
    return "_".join((ref.name or ref.root.value, *ref.fields)) if isinstance(ref, Ref) else str(said)


def wrap(text: str, width: int = WIDTH) -> list[str]:
    """A long comment on several lines."""
    return textwrap.wrap(" ".join(text.split()), width) or [""]
