"""Template variables of the document, laid onto the parts of the brief that they mean; `variables.yaml` says which."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml

from workbook.brief.problems import Problem, nearest
from workbook.brief.quantities import shown
from workbook.brief.values import as_list

_PLACE = tuple[str | int, ...]
_TABLE = Path(__file__).with_suffix(".yaml")
PINNED_BECAUSE = "set as a variable of the document"


@dataclass(frozen=True)
class Variable:
    """What one variable means; see the head of `variables.yaml`."""

    name: str
    how: Literal["choice", "text", "list", "item", "member", "plan", "refused"]
    path: str = ""
    about: str = ""
    instead: str = ""


@dataclass(frozen=True)
class Laid:
    """What the variables of a brief led to: problems, and path -> the variable that said it."""

    problems: tuple[Problem, ...]
    moved: Mapping[_PLACE, _PLACE]


@cache
def variables() -> Mapping[str, Variable]:
    """Every variable by name, as the table has them."""
    rows = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    return MappingProxyType({row["name"]: Variable(**row) for row in rows})


def variable(name: str) -> Variable | None:
    """The variable of that name; a number at its end is any number."""
    known = variables()
    return known.get(name) or known.get(re.sub(r"_[0-9]+$", "_N", name))


def lay(raw: dict[str, Any], place: Callable[[_PLACE], str], overrides: Mapping[str, Any]) -> Laid:
    """Write what the variables mean where it belongs in the brief (`raw` is changed), and say which are not known."""
    said = raw.get("document")
    problems: list[Problem] = []
    moved: dict[_PLACE, _PLACE] = {}
    for name, value in (said if isinstance(said, Mapping) else {}).items():
        found = variable(str(name))
        at: _PLACE = ("document", name)
        if found is None:
            problems.append(_unknown(str(name), place(at)))
        elif found.how == "refused" and value is not None:
            problems.append(Problem(place(at), "nothing in the design is set by this variable", found.instead))
        elif found.path and isinstance(value, str):
            problems.extend(_Laying(raw, moved, overrides, place).lay(found, at, value))
    return Laid(tuple(problems), MappingProxyType(moved))


def _unknown(name: str, place: str) -> Problem:
    written = re.sub(r"\W+", "_", name).upper()
    remedy = nearest(written, variables()) or f"Known are {', '.join(variables())}."
    return Problem(place, f'"{shown(name)}" is not a variable of the document', remedy)


@dataclass(frozen=True)
class _Laying:
    raw: dict[str, Any]
    moved: dict[_PLACE, _PLACE]
    overrides: Mapping[str, Any]
    place: Callable[[_PLACE], str]

    def lay(self, variable: Variable, at: _PLACE, value: str) -> Iterator[Problem]:
        """One variable, onto its path."""
        *above, last = variable.path.split(".")
        parent = self._parent(above)
        if parent is None:
            return
        if variable.how == "item":
            self._append(parent, last, at, value)
        elif variable.how == "member":
            self._add(parent, last, at, value)
        else:
            yield from self._set(parent, (*above, last), at, _written(variable, value))

    def _parent(self, path: list[str]) -> dict[str, Any] | None:
        """The mapping that a value belongs in, made where nothing is said; nothing where something else stands there."""
        here = self.raw
        for part in path:
            if here.get(part) is None:
                here[part] = {}
            here = here[part]
            if not isinstance(here, dict):
                return None
        return here

    def _append(self, parent: dict[str, Any], name: str, at: _PLACE, value: str) -> None:
        said = parent.get(name)
        items = as_list(said)
        if value not in items:
            self.moved[(name, len(items))] = at
            parent[name] = [*items, value]

    def _add(self, parent: dict[str, Any], name: str, at: _PLACE, value: str) -> None:
        slug = re.sub(r"\W+", "_", value.lower(), flags=re.ASCII).strip("_0123456789") or str(at[-1]).lower()
        if parent.get(name) is None:
            parent[name] = {}
        if isinstance(parent[name], dict) and slug not in parent[name]:
            self.moved[(name, slug)] = at
            parent[name][slug] = value

    def _set(self, parent: dict[str, Any], path: tuple[str, ...], at: _PLACE, value: Any) -> Iterator[Problem]:
        there = parent.get(path[-1])
        if there is not None and _same(there, value):
            return
        of_path, of_variable = self._laid_over(path), self._laid_over(at)
        if of_path and not of_variable:
            return
        if there is not None and not (of_variable and not of_path):
            other = ".".join(map(str, self.moved.get(path, path)))
            yield Problem(self.place(at), f"says another thing than {other}", "Keep one of them.")
            return
        parent[path[-1]] = value
        self.moved[path] = at

    def _laid_over(self, path: _PLACE) -> bool:
        dotted = ".".join(map(str, path))
        return any(dotted == o or dotted.startswith(f"{o}.") or o.startswith(f"{dotted}.") for o in self.overrides)


def _written(variable: Variable, value: str) -> Any:
    if variable.how == "choice":
        return {"use": value, "why": PINNED_BECAUSE}
    if variable.how == "list":
        return [item.strip() for item in re.split(r"[,;]", value) if item.strip()]
    return value


def _same(there: Any, value: Any) -> bool:
    return bool(_plain(there) == _plain(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        value = value.get("use")
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return re.sub(r"\W+", "", str(value)).lower()
