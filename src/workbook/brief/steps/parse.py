"""Reads steps and starts: one line of text at a time by the grammar, groups from the YAML around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from pathlib import Path as File
from typing import Any

from lark import Lark, Tree
from lark.exceptions import LarkError, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, VisitError

from workbook.brief.problems import nearest
from workbook.brief.quantities import NotAQuantity, Quantity, parse, shown
from workbook.brief.steps.reader import NotAStep, Reader
from workbook.brief.steps.syntax import (
    AtOnce,
    Branch,
    Condition,
    Line,
    Loop,
    Node,
    Path,
    Start,
    Starts,
    Together,
    Try,
    Value,
    Verb,
    When,
)

LONGEST_LINE = 2_000
GROUPS = ("together", "at_once", "each", "when", "try")
_KEYS = {
    "together": ("together",),
    "at_once": ("at_once",),
    "each": ("each", "of", "batch", "width", "until", "about", "steps"),
    "when": ("when", "share", "steps", "else"),
    "try": ("try", "refused", "unknown"),
}


@cache
def _grammar(start: str) -> Lark:
    text = File(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", start=start)


def _read(text: str, start: str) -> Any:
    try:
        return Reader().transform(_grammar(start).parse(text))
    except VisitError as error:
        raise NotAStep(str(error.orig_exc)) from None
    except (UnexpectedToken, UnexpectedCharacters, UnexpectedEOF) as error:
        raise NotAStep(_unexpected(text, error)) from None
    except LarkError as error:  # pragma: no cover (the grammar raises no other)
        raise NotAStep(f'"{shown(text)}" is not a step: {error}. See BRIEF.md, "Steps".') from None


def _unexpected(text: str, error: UnexpectedToken | UnexpectedCharacters | UnexpectedEOF) -> str:
    column = int(getattr(error, "column", 0) or 0)
    token = getattr(error, "token", None)
    ended = isinstance(error, UnexpectedEOF) or (token is not None and token.type == "$END")
    if ended:
        return f'"{shown(text)}" ends too early. {_expected(error)}'
    found = text[column - 1 :].split(" ", 1)[0] if column > 0 else text
    first = text.split(" ", 1)[0]
    if column <= 1 and first not in set(Verb):
        remedy = nearest(first, tuple(Verb)) or f"Verbs are {', '.join(Verb)}."
        return f'"{shown(first)}" is not a verb of a step. {remedy}'
    return f'"{shown(text)}": "{shown(found)}" in column {column} does not belong there. {_expected(error)}'


_SAID = {
    "QUANTITY": "a number",
    "NAME": "a name",
    "DOTTED": "",
    "EQUAL": "=",
    "COMPARISON": "a comparison",
    "PLUS": "",
    "MINUS": "",
    "TIMES": "",
    "FUNCTION": "",
    "BARE": "",
    "VERB": "a verb",
    "COUNTED": "",
    "PRESENCE": "present or absent",
    "PLACE": "client or edge",
    "$END": "the end",
}


def _expected(error: Any) -> str:
    wanted = getattr(error, "accepts", None) or getattr(error, "expected", None) or getattr(error, "allowed", None)
    words = []
    for name in sorted(wanted or ()):
        said = _SAID.get(name, name.lower() if name.isalpha() else "")
        if said and said not in words:
            words.append(said)
    if "a name" in words:
        words = [w for w in words if w in _SAID.values()]
    return f"Expected here: {', '.join(words)}." if words else 'See BRIEF.md, "Steps".'


@lru_cache(maxsize=16_384)
def line(text: str) -> Line:
    """One step. Raises NotAStep."""
    return Line(**_read(text.strip(), "start"), text=" ".join(text.split()))


@lru_cache(maxsize=4_096)
def conditions(text: str) -> tuple[Condition, ...]:
    """Conditions joined by `and`. Raises NotAStep."""
    read: tuple[Condition, ...] = _read(text.strip(), "conditions")
    return read


@lru_cache(maxsize=4_096)
def value(text: str) -> Value:
    """A value. Raises NotAStep."""
    read: Value = _read(text.strip(), "only_value")
    return read


def short(said: object) -> None:
    """Raises NotAStep where a person wrote a line that nobody can read. Steps of the system's own may name a thousand fields."""
    if isinstance(said, str) and len(said) > LONGEST_LINE:
        raise NotAStep(f'"{shown(said)}" is longer than {LONGEST_LINE:,} characters. Write several steps.')
    if isinstance(said, Mapping):
        said = list(said.values())
    for one in said if isinstance(said, list | tuple) else ():
        short(one)


def nodes(said: object, where: str = "steps") -> tuple[Node, ...]:
    """A list of steps from YAML. Raises NotAStep with the place inside the list."""
    if isinstance(said, str):
        said = [said]
    if not isinstance(said, list | tuple):
        raise NotAStep(f'{where}: "{shown(said)}" is not a list of steps. Write [get ..., answer ...].')
    made = []
    for i, one in enumerate(said):
        try:
            made.append(_node(one))
        except NotAStep as error:
            raise NotAStep(f"{where}[{i}]: {error}" if not str(error).startswith("steps") else str(error)) from None
        except NotAQuantity as error:
            raise NotAStep(f"{where}[{i}]: {error}") from None
    return tuple(made)


def _node(said: object) -> Node:
    if isinstance(said, Line | Together | AtOnce | Loop | When | Try):
        return said
    if isinstance(said, str):
        return line(said)
    if not isinstance(said, Mapping):
        raise NotAStep(f'"{shown(said)}" is neither a step nor a group. Groups are {", ".join(GROUPS)}.')
    kind = next((g for g in GROUPS if g in said), None)
    if kind is None:
        names = ", ".join(str(k) for k in said)
        raise NotAStep(f'"{shown(names)}" is not a group of steps. Groups are {", ".join(GROUPS)}.')
    for key in said:
        if key not in _KEYS[kind]:
            remedy = nearest(str(key), _KEYS[kind]) or f"Known are {', '.join(_KEYS[kind])}."
            raise NotAStep(f'"{shown(key)}" is not a part of {kind}. {remedy}')
    return _GROUP[kind](said)


def _together(said: Mapping[str, Any]) -> Node:
    return Together(nodes(said["together"], "together"))


def _at_once(said: Mapping[str, Any]) -> Node:
    return AtOnce(nodes(said["at_once"], "at_once"))


def _loop(said: Mapping[str, Any]) -> Node:
    if "of" not in said or "steps" not in said:
        raise NotAStep("each needs `of` (what is walked) and `steps`. Write {each: part, of: LIST, steps: [...]}.")
    walked, _, less = str(said["of"]).partition(" less ")
    reads = " by " in walked or " where " in walked
    return Loop(
        name=str(said["each"]),
        listed=None if reads else _only_path(walked),
        read=replace(line(f"list {walked}"), name=str(said["each"])) if reads else None,
        less=_only_path(less) if less else None,
        batch=_said_value(said.get("batch")),
        width=_said_value(said.get("width")),
        until=conditions(str(said["until"])) if "until" in said else (),
        about=_said_value(said.get("about")),
        steps=nodes(said["steps"], "each"),
    )


def _only_path(text: str) -> Path:
    read = value(text)
    if not isinstance(read, Path):
        raise NotAStep(f'"{shown(text)}" is not the name of a list. Write what an earlier step bound.')
    return read


def _said_value(said: object) -> Value | None:
    return None if said is None else value(str(said))


def _when(said: Mapping[str, Any]) -> Node:
    then = Branch(nodes(said.get("steps", ()), "when"), _share(said))
    otherwise = Branch(nodes(said.get("else", ()), "else"))
    if not then.steps and not otherwise.steps:
        raise NotAStep("when has neither steps nor else. Write {when: CONDITION, steps: [...], else: [...]}.")
    return When(conditions(str(said["when"])), then, otherwise)


def _share(said: Mapping[str, Any]) -> Quantity | None:
    return parse(said["share"], "share") if "share" in said else None


def _try(said: Mapping[str, Any]) -> Node:
    return Try(line(str(said["try"])), _branch(said, "refused"), _branch(said, "unknown"))


def _branch(said: Mapping[str, Any], key: str) -> Branch | None:
    if key not in said:
        return None
    inside = said[key]
    if isinstance(inside, list):
        return Branch(nodes(inside, key))
    if not isinstance(inside, Mapping) or set(inside) - {"share", "steps"}:
        raise NotAStep(f"{key} holds share and steps. Write {key}: {{share: 2 %, steps: [...]}}.")
    return Branch(nodes(inside.get("steps", ()), key), _share(inside))


_GROUP = {"together": _together, "at_once": _at_once, "each": _loop, "when": _when, "try": _try}


@lru_cache(maxsize=1_024)
def starts(text: str) -> Starts:
    """What starts an operation. Raises NotAStep."""
    tree = _tree(text.strip(), "starts")
    return replace(tree, text=" ".join(text.split()))


def _tree(text: str, start: str) -> Starts:
    words = text.split(" ", 1)
    if not text or words[0] not in set(Start) - {Start.CALLER}:
        known = [s for s in Start if s is not Start.CALLER]
        remedy = nearest(words[0] if text else "", tuple(known)) or f"Known are {', '.join(known)}."
        raise NotAStep(f'"{shown(text)}" does not say what starts it. {remedy}')
    read = _read(text, start)
    if isinstance(read, Tree):  # pragma: no cover (the grammar names every alternative)
        raise NotAStep(f'"{shown(text)}" does not say what starts it.')
    made: Starts = read
    return made
