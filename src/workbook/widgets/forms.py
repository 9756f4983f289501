"""Forms that edit the brief. Each field shows what the file says and, beside it, how that was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from typing import Any

import yaml
from ipywidgets import HTML, Button, HBox, Layout, Text, Textarea, VBox

from workbook.brief import BriefError
from workbook.brief.edits import Conflict
from workbook.catalog import loader
from workbook.plan.complete import Origin, merged
from workbook.widgets.readings import reading, result
from workbook.widgets.session import Session

_PLAIN_NUMBER = re.compile(r"[-+]?\d[\d_]*(\.\d+)?")


@dataclass(frozen=True)
class Field:
    """One value a form asks for: where it stands in the brief, and how it is spoken of."""

    path: str
    label: str
    kind: str
    help: str = ""
    result: str = ""


@cache
def _described() -> Mapping[str, Any]:
    described: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("forms.yaml").read_text(encoding="utf-8"))
    return described


def build(session: Session, name: str) -> VBox:
    """The form of that name (see forms.yaml), following the brief. Raises LookupError with the names there are."""
    if name not in _described():
        raise LookupError(f'There is no form "{name}"; there are {", ".join([*_described(), "brief"])}.')
    return Form(session, name).widget


def fields(session: Session, name: str) -> Iterator[tuple[str, list[Field]]]:
    """The groups of a form for this brief: its own populations and operations."""
    plan = session.plan
    if plan is None:
        return
    values = merged(plan.brief)[0]
    for group in _described()[name]:
        members = list(values.get(group["each"], {})) if "each" in group else [""]
        found = [
            Field(
                *(
                    str(field.get(key, "")).replace("{name}", member)
                    for key in ("path", "label", "kind", "help", "result")
                )
            )
            for member in members
            for field in group["fields"]
            if _wanted(values, group, field, member)
        ]
        if found:
            yield group["title"], found


def _wanted(values: Mapping[str, Any], group: Mapping[str, Any], field: Mapping[str, Any], member: str) -> bool:
    if "each" not in group:
        return True
    said = values[group["each"]][member]
    if not isinstance(said, Mapping):
        return False
    if any(said.get(key) != value for key, value in group.get("only", {}).items()):
        return False
    return "needs" not in field or field["needs"] in said


class Form:
    """The fields of one form as widgets, with what is said beside them."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name
        self._rows: dict[str, _Row] = {}
        self._notice = HTML()
        self._undo = Button(
            description="Undo", tooltip="Take back the last change made here", layout=Layout(width="auto")
        )
        self._undo.on_click(lambda _: self._take_back())
        self._body = VBox()
        self.widget = VBox([self._body, HBox([self._undo, self._notice])])
        self.widget.add_class("wb-form")
        session.listen(self.draw)
        self.draw()

    def draw(self) -> None:
        """Show what the file says now."""
        session = self._session
        self._undo.disabled = not session.can_undo
        self._say(session.notice)
        if session.plan is None or session.problem is not None:
            self._say("The file can't be read at the moment; the form comes back when it can.")
            self._body.layout.display = "none"
            return
        self._body.layout.display = ""
        groups = list(fields(session, self._name))
        wanted = [field for _, group in groups for field in group]
        if [field.path for field in wanted] != list(self._rows):
            self._rows = {field.path: _Row(session, field, self._say) for field in wanted}
            self._body.children = [
                part
                for title, group in groups
                for part in (_title(title), *(self._rows[field.path].widget for field in group))
            ]
        estimate = session.plan.estimate()
        values, origins = merged(session.plan.brief)
        for field in wanted:
            self._rows[field.path].draw(estimate, values, origins)

    def _take_back(self) -> None:
        try:
            self._session.undo()
        except (Conflict, BriefError) as error:
            self._say(str(error))
            self._session.read()

    def _say(self, text: str) -> None:
        self._notice.value = f'<span class="wb-remark" role="status">{escape(text)}</span>' if text else ""


def _title(text: str) -> HTML:
    return HTML(f'<p style="margin: 0.9em 0 0; font-weight: 650">{escape(text)}</p>')


class _Row:
    """One field with the line beside it."""

    def __init__(self, session: Session, field: Field, say: Any) -> None:
        self._session, self._field, self._say = session, field, say
        self._drawing = False
        many = field.kind in ("prose", "lines")
        make = Textarea if many else Text
        self._input = make(
            description=field.label,
            continuous_update=False,
            style={"description_width": "14em"},
            layout=Layout(width="48em" if many else "36em", max_width="100%"),
        )
        self._beside = HTML(layout=Layout(max_width="48em"))
        self.widget = HBox([self._input, self._beside], layout=Layout(flex_flow="row wrap", align_items="center"))
        self.widget.add_class(f"wb-field-{field.path.replace('.', '-')}")
        self._input.observe(self._typed, "value")

    def draw(
        self, estimate: Mapping[str, Any], values: Mapping[str, Any], origins: Mapping[tuple[str, ...], Origin]
    ) -> None:
        """Show what the file says, and how it is read."""
        path = tuple(self._field.path.split("."))
        said = _at(self._session.beneath.raw if self._session.beneath else {}, path)
        text = _written(said, self._field.kind)
        self._drawing = True
        self._input.value = text
        self._drawing = False
        self._input.placeholder = "" if text else self._field.help
        words = [reading(text, self._field.kind)] if text else [_taken(path, values, origins)]
        if self._field.result and not words[0][:1].isdigit():
            words.append(result(estimate, self._field.result))
        hidden = next(
            (
                key
                for key in self._session.overrides
                if key == self._field.path or self._field.path.startswith(f"{key}.")
            ),
            None,
        )
        if hidden:
            words = [f"Hidden in this notebook by the override {hidden}: {self._session.overrides[hidden]}."]
        self._beside.value = (
            f'<span class="wb-reading" role="status">{escape(" ".join(word for word in words if word))}</span>'
        )

    def _typed(self, change: Mapping[str, Any]) -> None:
        if self._drawing:
            return
        try:
            self._session.change({self._field.path: _value(str(change["new"]), self._field.kind)})
        except BriefError as error:
            self._explain(_about(error, self._field.path))
        except Conflict as error:
            self._explain(f"Not saved. {error}")
        except Exception as error:  # noqa: BLE001 (the front end would drop it in silence)
            self._explain(f"This is a fault of the workbook: {type(error).__name__}: {error}.")

    def _explain(self, text: str) -> None:
        self._beside.value = (
            f'<span class="wb-wrong" role="alert" style="color: #b3261e">{escape(text)} The brief is unchanged.</span>'
        )


def _about(error: BriefError, path: str) -> str:
    """The problems of that path, else all: what and what to do, without the line of a file that was not written."""
    own = [problem for problem in error.problems if problem.place.endswith(path)] or list(error.problems)
    return " ".join(f"{problem.what.rstrip('.')}. {problem.remedy}".strip() for problem in own)


def _at(values: Any, path: tuple[str, ...]) -> Any:
    for index, part in enumerate(path):
        if isinstance(values, Mapping):
            values = values.get(part)
        elif (
            index == len(path) - 1
            and part in ("daily_active", "count")
            and (part == "daily_active") == (path[1:2] == ("users",))
        ):
            return values
        else:
            return None
    return values


def _written(value: Any, kind: str) -> str:
    """The value as a person would type it."""
    if value is None or isinstance(value, Mapping):
        return ""
    if isinstance(value, list | tuple):
        return "\n".join(map(str, value)) if kind == "lines" else f"[{', '.join(map(str, value))}]"
    return str(value)


def _value(text: str, kind: str) -> Any:
    """What is written into the file for the typed text; nothing typed takes the value out."""
    text = text.strip()
    if not text:
        return None
    if kind == "lines":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind in ("words", "prose"):
        return " ".join(text.split())
    if text.startswith("[") and text.endswith("]"):
        return [_value(part, kind) for part in text[1:-1].split(",") if part.strip()]
    if _PLAIN_NUMBER.fullmatch(text):
        plain = text.replace("_", "")
        return float(plain) if "." in plain else int(plain)
    return text


def _taken(path: tuple[str, ...], values: Mapping[str, Any], origins: Mapping[tuple[str, ...], Origin]) -> str:
    """What counts where the user said nothing, and who says so."""
    found = _at(values, path)
    if found is not None and not isinstance(found, Mapping):
        who = next((origins[path[:end]].who for end in range(len(path), 0, -1) if path[:end] in origins), "")
        return f"Not said; taken as {_written(found, '')}" + (f" ({who})." if who else ".")
    defaults = loader.defaults()
    for name in (".".join(path), ".".join((path[0], "*", *path[2:]))):
        if name in defaults:
            return f"Not said; taken as {defaults[name].value} (default)."
    return "Not said."
