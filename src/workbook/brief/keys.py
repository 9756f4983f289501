"""Which keys may stand where in a brief: told for a key that is not known, and for one that has no value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from workbook.brief.model import Model
from workbook.brief.problems import Problem, nearest, spaced
from workbook.brief.quantities import shown
from workbook.brief.values import identifier

_PLACE = tuple[str | int, ...]


def remedy(path: _PLACE) -> str:
    """The nearest known key in that place."""
    if ":" in str(path[-1]):
        return spaced(str(path[-1]))
    names = _names(_model(path))
    return nearest(str(path[-1]), names) or (f"Known are {', '.join(names)}." if names else "")


def empty(
    values: Mapping[str, Any], place: Callable[[Iterable[str | int]], str], path: _PLACE = ()
) -> Iterator[Problem]:
    """Problems of keys without a value. `null` takes out what was inherited, so what it names must be a key or a name."""
    for key, value in values.items():
        here = (*path, key)
        if isinstance(value, Mapping):
            yield from empty(value, place, here)
        elif value is None:
            yield from _misnamed(here, place)


def _misnamed(path: _PLACE, place: Callable[[Iterable[str | int]], str]) -> Iterator[Problem]:
    model = _model(path)
    if model is None:
        return
    key = str(path[-1])
    if _is_model(model):
        if key not in _names(model):
            yield Problem(place(path), f'"{shown(key)}" is not a known key here', remedy(path))
        return
    try:
        identifier(key.replace(".", "_") if path[0] == "choices" else key)
    except ValueError as error:
        what, _, how = str(error).partition(". ")
        yield Problem(place(path), what, how)


def _model(path: _PLACE) -> Any:
    """What the key at the end of a path belongs to: a model, a mapping of free names, or nothing that is known."""
    model: Any = Model
    for part in path[:-1]:
        model = _child(model, part)
        if model is None:
            return None
    return model


def _names(model: Any) -> list[str]:
    """As they are written in a brief: a word of Python has an underscore behind it in the model."""
    return [name.rstrip("_") for name in model.model_fields] if _is_model(model) else []


def _is_model(thing: Any) -> bool:
    return isinstance(thing, type) and issubclass(thing, BaseModel)


def _child(model: Any, part: str | int) -> Any:
    if _is_model(model):
        info = model.model_fields.get(str(part))
        return _inner(info.annotation) if info else None
    return _inner(model)


def _inner(annotation: Any) -> Any:
    """The model inside Annotated, Optional and dict."""
    while True:
        if _is_model(annotation):
            return annotation
        models = [a for a in getattr(annotation, "__args__", ()) if a is not type(None) and a is not str]
        if not models:
            return None
        if getattr(annotation, "__origin__", None) is dict:
            return _Mapping(_inner(models[-1]))
        annotation = models[-1] if not hasattr(annotation, "__metadata__") else models[0]


class _Mapping:
    """A mapping of free names to a model, on the way down a path."""

    def __init__(self, model: Any) -> None:
        self.__args__ = (model,)
