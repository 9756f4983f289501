"""Reads a brief from a file: every value with its line, every problem at once, and nothing dangerous in the YAML."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from workbook import _files
from workbook.brief import characters, keys, reading, variables
from workbook.brief.model import Model
from workbook.brief.problems import BriefError, Problem, nearest
from workbook.brief.quantities import shown
from workbook.brief.reading import Place

MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Brief:
    """What the user wrote: plain values, where each stands, and what was laid over them.

    `raw` is the file as plain values with overrides applied; `lines` gives the line of a path. The meaning (defaults, archetypes,
    quantities) comes from `plan.complete`.
    """

    raw: Mapping[str, Any]
    lines: Mapping[Place, int] = field(repr=False, default_factory=dict)
    path: Path | None = None
    name: str = "brief"
    overrides: Mapping[str, Any] = field(default_factory=dict)
    revision: str = ""
    text: str = field(repr=False, default="")
    """The file as it was read, without the overrides."""
    replaced: Mapping[Place, Any] = field(repr=False, default_factory=dict)
    """What stood in the file where an override removed it."""
    moved: Mapping[Place, Place] = field(repr=False, default_factory=dict)
    """Path -> the variable of the document by which it was said."""

    @cached_property
    def content(self) -> str:
        """What names everything that is said, without the confirmations, which speak of it."""
        said = {key: value for key, value in self.raw.items() if key != "confirmed"}
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()[:12]

    @property
    def system(self) -> str:
        """The name of the system."""
        return str(self.raw.get("system", ""))

    def place(self, path: Iterable[str | int]) -> str:
        """`chat.yaml:14  operations.send.request`, for a message."""
        parts = self._as_written(tuple(path))
        dotted = ".".join(str(p) for p in parts)
        short = ".".join(shown(p) for p in parts)
        for end in range(len(parts), 0, -1):
            if dotted and any(dotted == o or dotted.startswith(f"{o}.") for o in self.overrides):
                return f"--set {short}"
            line = self.lines.get(parts[:end])
            if line is not None:
                return f"{self.name}:{line}  {short}"
        return f"{self.name}  {short}" if short else self.name

    def _as_written(self, path: Place) -> Place:
        """The variable of the document that said it, for a path that was said by one."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.moved:
                return self.moved[path[:end]]
        return path


def examples() -> tuple[str, ...]:
    """The names of the briefs that come with the workbook."""
    return tuple(sorted(p.stem for p in _files.path("assets/briefs").glob("*.yaml")))


def find(source: str | Path) -> Path:
    """The file that is meant: a path, or the name of an example. Raises BriefError where there is none."""
    path = Path(source)
    if path.is_file():
        return path
    if isinstance(source, str) and source in examples():
        return _files.path(f"assets/briefs/{source}.yaml")
    if path.is_dir():
        raise BriefError([Problem(str(source), "is a folder, not a brief", "Name the YAML file in it.")])
    remedy = nearest(str(source), examples()) or f"Name a YAML file, or one of the examples: {', '.join(examples())}."
    raise BriefError([Problem(characters.shown(str(source)), "there is no such file", remedy)])


def load(source: str | Path, overrides: Mapping[str, Any] | None = None) -> Brief:
    """Read a brief from a file or an example's name. Raises BriefError with every problem found."""
    path = find(source)
    return loads(read(path), name=printable(path.name), path=path, overrides=overrides)


def printable(name: str) -> str:
    """The name of a file as text that can be written: bytes of it that are none are shown as question marks."""
    return name.encode("utf-8", "replace").decode("utf-8")


def read(path: Path) -> str:
    """The text of a brief's file. Raises BriefError where it is no text, too large or not to be read."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise BriefError(
                [
                    Problem(
                        path.name,
                        f"is {size / 1e6:.1f} MB; a brief has at most {MAX_BYTES / 1e6:.0f} MB",
                        "Is it the right file?",
                    )
                ]
            )
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise BriefError([Problem(path.name, f"is not UTF-8 text (byte {error.start})", "Save it as UTF-8.")]) from None
    except OSError as error:
        raise BriefError(
            [
                Problem(
                    path.name, f"cannot be read: {error.strerror}", "Check that it is there and that you may read it."
                )
            ]
        ) from None


def loads(
    text: str, *, name: str = "brief", path: Path | None = None, overrides: Mapping[str, Any] | None = None
) -> Brief:
    """Read a brief from text. Raises BriefError with every problem found."""
    try:
        revision = hashlib.sha256(text.encode()).hexdigest()[:12]
    except UnicodeEncodeError as error:
        raise BriefError(
            [Problem(name, f"holds half a character (position {error.start})", "Write the character again.")]
        ) from None
    name = characters.shown(name)
    strange = dict(characters.lines_refused(text))
    try:
        raw, lines, problems = reading.values(text, name)
    except BriefError:
        if strange:
            raise BriefError(_strange(n, c, name) for n, c in strange.items()) from None
        raise
    told = {problem.place.partition("  ")[0] for problem in problems}
    problems.extend(_strange(n, c, name) for n, c in strange.items() if f"{name}:{n}" not in told)
    replaced = {
        place: old for dotted, value in (overrides or {}).items() for place, old in _override(raw, dotted, value)
    }
    laid = MappingProxyType(dict(overrides or {}))
    plain = Brief(
        MappingProxyType(raw), MappingProxyType(lines), path, name, laid, revision, text, MappingProxyType(replaced)
    )
    found = variables.lay(raw, plain.place, laid)
    brief = replace(plain, moved=found.moved)
    problems.extend(found.problems)
    problems.extend(keys.empty(raw, brief.place))
    try:
        validate(raw, brief.place, partial=True)
    except BriefError as error:
        problems.extend(error.problems)
    if problems:
        raise BriefError(problems)
    return brief


def _strange(line: int, character: str, name: str) -> Problem:
    return Problem(f"{name}:{line}", characters.complaint(character), characters.REMEDY)


def _override(raw: dict[str, Any], dotted: str, value: Any) -> list[tuple[Place, Any]]:
    found = characters.first_refused(dotted) or characters.refused_in(value)
    if found:
        place = f"--set {characters.shown(dotted)}"
        raise BriefError([Problem(place, characters.complaint(found), characters.REMEDY)])
    parts = dotted.split(".")
    top = Model.model_fields
    if parts[0] not in top:
        remedy = nearest(parts[0], top) or f"Known are {', '.join(top)}."
        raise BriefError([Problem(f"--set {dotted}", f'"{parts[0]}" is not a part of a brief', remedy)])
    if parts[0] == "choices" and len(parts) > 2:
        parts = ["choices", ".".join(parts[1:])]
    here = raw
    for depth, part in enumerate(parts[:-1]):
        child = here.get(part)
        if child is None:
            child = here[part] = {}
        elif not isinstance(child, dict):
            attributes = {"populations": "daily_active" if part == "users" else "count", "choices": "use"}
            child = here[part] = {attributes[parts[0]]: child} if depth == 1 and parts[0] in attributes else {}
        here = child
    old = here.get(parts[-1])
    here[parts[-1]] = reading.scalar(value, f"--set {dotted}") if isinstance(value, str) else value
    return [(tuple(parts), old)] if here[parts[-1]] is None else []


def validate(raw: Mapping[str, Any], place: Callable[[Iterable[str | int]], str], *, partial: bool = False) -> Model:
    """The model of plain values. `partial`: operations may leave out what an archetype says. Raises BriefError."""
    data = _without_removed(raw) if partial else raw
    try:
        return Model.model_validate(data)
    except ValidationError as error:
        problems = [
            p for p in (_problem(e, data, place, partial) for e in error.errors(include_url=False)) if p is not None
        ]
        if problems or not partial:
            raise BriefError(problems) from None
        return Model.model_construct(system=str(data.get("system", "")))


def _without_removed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_removed(v) for k, v in value.items() if v is not None}
    return value


def _problem(
    error: Any, raw: Mapping[str, Any], place: Callable[[Iterable[str | int]], str], partial: bool
) -> Problem | None:
    path = _real_path(error["loc"], raw)
    kind = error["type"]
    if kind == "missing":
        if partial and path[0] in ("operations", "integrations", "tiers", "capacity") and raw.get("archetypes"):
            return None
        needs = "A brief needs it." if len(path) == 1 else f"{'.'.join(map(str, path[:-1]))} needs it."
        return Problem(place(path), f"{path[-1]} is missing", needs)
    if kind == "extra_forbidden":
        return Problem(place(path), f'"{shown(path[-1])}" is not a known key here', keys.remedy(path))
    if kind != "value_error":
        return Problem(place(path), *_plainly(kind, error.get("input"), error.get("ctx", {})))
    what, _, remedy = str(error["msg"]).removeprefix("Value error, ").partition(". ")
    return Problem(place(path), what.rstrip("."), remedy)


_WANTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "dict_type": ("names with values", "Write `name: value` pairs, indented below it or in braces."),
        "model_type": ("names with values", "Write `name: value` pairs, indented below it or in braces."),
        "model_attributes_type": ("names with values", "Write `name: value` pairs, indented below it or in braces."),
        "tuple_type": ("a list", "Write a list, as in [one, two]."),
        "list_type": ("a list", "Write a list, as in [one, two]."),
        "string_type": ("text", "Write text; in quotes where it looks like a number."),
        "string_too_short": ("text", "Write some text."),
        "string_too_long": ("a short text", "Write at most 200 characters."),
        "bool_type": ("yes or no", "Write true or false."),
        "bool_parsing": ("yes or no", "Write true or false."),
        "int_type": ("a whole number", "Write a whole number, as in 12."),
        "int_parsing": ("a whole number", "Write a whole number, as in 12."),
        "int_from_float": ("a whole number", "Write a whole number, as in 12."),
        "greater_than": ("above zero", "Write a number above zero."),
    }
)


def _plainly(kind: str, read: Any, context: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong and what to do, for the errors that the schema itself finds."""
    if kind == "literal_error":
        wanted, remedy = f"{context.get('expected')}", f"Write {context.get('expected')}."
    else:
        wanted, remedy = _WANTED.get(kind, ("what belongs here", "See BRIEF.md for what may stand here."))
    if isinstance(read, Mapping):
        what = "names with values"
    elif isinstance(read, list | tuple):
        what = "a list"
    elif read is None or read == "":
        what = "nothing"
    else:
        what = f'"{shown(read)}"'
    return f"{what} stands where {wanted} belongs", remedy


def _real_path(loc: tuple[Any, ...], raw: Any) -> Place:
    """The path in the file: pydantic also counts wrappers that nobody wrote."""
    path: list[str | int] = []
    here = raw
    for part in loc:
        known = (isinstance(here, Mapping) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        )
        if isinstance(part, str) and "[" in part and not known:
            continue
        if known or isinstance(here, Mapping):
            path.append(part)
        if known:
            here = here[part]
        elif not isinstance(here, Mapping):
            break
    return tuple(path)
