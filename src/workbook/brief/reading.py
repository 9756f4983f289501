"""Reads YAML as a brief allows it: every value with its line, plain values only, and nothing dangerous."""

from __future__ import annotations

import math
import re
from typing import Any

import yaml

from workbook.brief import characters
from workbook.brief.problems import BriefError, Problem
from workbook.brief.quantities import shown

MAX_DEPTH = 12
MAX_NODES = 50_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT = re.compile(r"[-+]?\d[\d_]*")
_FLOAT = re.compile(r"[-+]?(\d[\d_]*)?\.\d+([eE][-+]?\d+)?|[-+]?\d[\d_]*(\.\d*)?[eE][-+]?\d+|[-+]?\d+\.")
Place = tuple[str | int, ...]


def scalar(text: str, name: str) -> Any:
    if not text.startswith(("[", "{")):
        return _plain(text)
    _refuse_dangerous(text, name)
    problems: list[Problem] = []
    root = yaml.compose(text, Loader=_Loader)
    made = _build(root, (), {}, problems, name) if root is not None else None
    if problems:
        raise BriefError(problems)
    return made


def values(text: str, name: str) -> tuple[dict[str, Any], dict[Place, int], list[Problem]]:
    _refuse_dangerous(text, name)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, name) from None
    if root is None:
        raise BriefError(
            [
                Problem(
                    name,
                    "is empty",
                    "A brief needs at least `system` and archetypes, capabilities or entities with operations.",
                )
            ]
        )
    if not isinstance(root, yaml.MappingNode):
        raise BriefError(
            [Problem(f"{name}:1", "is not a mapping of names to values", "Begin with `system: Name of the system`.")]
        )
    lines: dict[Place, int] = {}
    problems: list[Problem] = []
    return _build(root, (), lines, problems, name), lines, problems


def _not_yaml(error: yaml.YAMLError, text: str, name: str) -> BriefError:
    mark = getattr(error, "problem_mark", None)
    place = f"{name}:{mark.line + 1}" if mark else name
    said = getattr(error, "problem", None) or str(error).partition("\n")[0]
    at = _character(text, mark.line, mark.column) if mark else ""
    if "tab character" in said or at == "\t":
        what, remedy = "a tab stands where YAML wants spaces", "Replace each tab before the first word by two spaces."
    elif "cannot start any token" in said:
        what, remedy = f"a value cannot begin with {at or 'that character'}", "Put the value in quotes."
    else:
        what, remedy = said, "Check indentation, quotes and brackets on and above that line."
    return BriefError([Problem(place, f"is not YAML: {what}", remedy)])


def _character(text: str, line: int, column: int) -> str:
    """The character at which reading stopped, or nothing at the end of the text."""
    lines = text.splitlines()
    return lines[line][column : column + 1] if line < len(lines) else ""


def _refuse_dangerous(text: str, name: str) -> None:
    depth = count = 0
    try:
        for event in yaml.parse(text, Loader=_Loader):
            count += 1
            mark = event.start_mark
            place = f"{name}:{mark.line + 1}" if mark else name
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise BriefError(
                    [Problem(place, "anchors and aliases (& and *) are not part of a brief", "Write the value out.")]
                )
            tag = getattr(event, "tag", None)
            if tag:
                raise BriefError(
                    [Problem(place, f"the tag {shown(tag)} is not part of a brief", "Write a plain value.")]
                )
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > MAX_DEPTH:
                raise BriefError(
                    [Problem(place, f"is nested deeper than {MAX_DEPTH} levels", "A brief is flatter than that.")]
                )
            if count > MAX_NODES:
                raise BriefError([Problem(place, f"has more than {MAX_NODES:,} values", "Is it the right file?")])
    except yaml.YAMLError as error:
        raise _not_yaml(error, text, name) from None


def _build(node: yaml.Node, path: Place, lines: dict[Place, int], problems: list[Problem], name: str) -> Any:
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        made: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                problems.append(
                    Problem(
                        f"{name}:{key_node.start_mark.line + 1}", "a key must be a plain name", "Write `name: value`."
                    )
                )
                continue
            line = key_node.start_mark.line + 1
            key = str(key_node.value)
            found = characters.first_refused(key) or ("\n" if "\n" in key else "")
            if found:
                dotted = ".".join(map(str, path))
                problems.append(Problem(f"{name}:{line}  {dotted}".rstrip(), *_strange_key(found)))
                continue
            place = (*path, key)
            if key in made:
                dotted = ".".join(map(str, place))
                problems.append(
                    Problem(
                        f"{name}:{line}  {dotted}", f"stands twice (first in line {lines[place]})", "Keep one of them."
                    )
                )
                continue
            lines[place] = line
            made[key] = _build(value_node, place, lines, problems, name)
        return made
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, i), lines, problems, name) for i, child in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    found = characters.first_refused(node.value)
    if found:
        line = node.start_mark.line + 1
        if node.style == "|":
            line += 1 + node.value.partition(found)[0].count("\n")
        dotted = ".".join(map(str, path))
        problems.append(Problem(f"{name}:{line}  {dotted}".rstrip(), characters.complaint(found), characters.REMEDY))
        return characters.shown(node.value)
    return node.value if node.style in ("'", '"', "|", ">") else _plain(node.value)


def _strange_key(character: str) -> tuple[str, str]:
    if character == "\n":
        return "has a name of several lines", "Write a name on one line."
    return f"has a name that {characters.complaint(character)}", characters.REMEDY


def _plain(text: str) -> Any:
    if text in ("", "~", "null", "Null", "NULL"):
        return None
    if text in ("true", "True", "false", "False"):
        return text.lower() == "true"
    if len(text) > 60:
        return text
    if _INT.fullmatch(text):
        return int(text.replace("_", ""))
    if _FLOAT.fullmatch(text):
        number = float(text.replace("_", ""))
        return number if math.isfinite(number) else text
    return text
