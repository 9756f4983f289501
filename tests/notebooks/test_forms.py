"""A widget edits the brief, the view follows, the file is the truth."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import HTML, Text, Textarea, VBox, Widget

from workbook import _files
from workbook.brief import BriefError, examples
from workbook.brief.edits import Conflict
from workbook.widgets import chooser, forms
from workbook.widgets.readings import reading
from workbook.widgets.session import Session
from workbook.widgets.views import View

BRIEF = """\
workbook: 1
system: Village noticeboard   # ours
goals: [quick]
populations:
  users: {daily_active: 2k (1k..4k), monthly_active: 20M}
  boards: 12
entities:
  notice: {fields: {id: id, body: string 200}, retention: 1 year}
operations:
  post: {does: create notice, rate: 1 per users per day, priority: P0, p99: 300 ms}
  read: {does: list notice, rate: "[2 per post, 1 per users per day]"}
""".replace('"[', "[").replace(']"', "]")
USERS = "populations.users.daily_active"


@pytest.fixture
def session(tmp_path: Path) -> Session:
    """A brief of the user's own, held open."""
    (tmp_path / "village.yaml").write_text(BRIEF, encoding="utf-8")
    return Session(tmp_path / "village.yaml", folder=tmp_path)


def everything(widget: Widget) -> list[Any]:
    """A widget and all below it."""
    return [widget, *(inner for child in getattr(widget, "children", ()) for inner in everything(child))]


def field(form: VBox, label: str) -> Text:
    """The field of that label."""
    return next(one for one in everything(form) if isinstance(one, Text | Textarea) and one.description == label)


def beside(form: VBox, label: str) -> str:
    """What is said beside a field."""
    row = next(one for one in everything(form) if getattr(one, "children", ())[:1] == (field(form, label),))
    return str(row.children[1].value)


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("5M", "number", "5,000,000"),
        ("5M (3M..8M)", "number", "5,000,000; 3 M to 8 M"),
        ("99.95 %", "share", "99.95 %"),
        ("3x (2x..5x)", "factor", "3x; 2x to 5x"),
        ("20 %/year", "growth", "+20 % a year"),
        ("90 days", "time", "90 days"),
        ("1500 ms", "time", "1.5 seconds"),
        ("lots", "number", ""),
        ("anything", "words", ""),
    ],
)
def test_a_reading_says_what_was_understood(text: str, kind: str, expected: str) -> None:
    """Beside the field stands the number in full and its range in short."""
    assert reading(text, kind) == expected


def test_a_typed_value_is_in_the_file_and_in_what_is_shown(session: Session) -> None:
    """Form, file, plan and view say the same after one edit; the comment in the file is kept."""
    form = forms.build(session, "scale")
    seen: list[str] = []
    View(session, lambda: [{"text/plain": str(session.beneath.raw["populations"])}] if session.beneath else [])
    session.listen(lambda: seen.append("changed"))
    field(form, "users daily active").value = "5M"
    assert session.path is not None
    assert "daily_active: 5M" in session.path.read_text()
    assert "# ours" in session.path.read_text()
    assert beside(form, "users daily active").count("5,000,000") == 1
    assert session.plan is not None
    assert session.plan.estimate()["populations"]["users"]["daily_active"]["value"] == 5_000_000
    assert seen == ["changed"]


def test_nonsense_is_explained_beside_the_field_and_the_file_stays(session: Session) -> None:
    """What was typed stays to be mended, the brief stays as it was."""
    form = forms.build(session, "scale")
    field(form, "users daily active").value = "5 loads"
    assert "is not a number" in beside(form, "users daily active")
    assert "The brief is unchanged" in beside(form, "users daily active")
    assert session.path is not None
    assert session.path.read_text() == BRIEF
    assert field(form, "users daily active").value == "5 loads"


def test_undo_takes_back_the_last_edit(session: Session) -> None:
    """Byte for byte, and only as often as something was done."""
    form = forms.build(session, "scale")
    undo = next(one for one in everything(form) if getattr(one, "description", "") == "Undo")
    assert undo.disabled
    field(form, "users daily active").value = "5M"
    undo.click()
    assert session.path is not None
    assert session.path.read_text() == BRIEF
    assert undo.disabled
    assert field(form, "users daily active").value == "2k (1k..4k)"


def test_a_newer_file_is_noticed_and_never_overwritten(session: Session) -> None:
    """Somebody else's save wins; this one is refused and shows what is there now."""
    form = forms.build(session, "scale")
    assert session.path is not None
    theirs = BRIEF.replace("boards: 12", "boards: 13")
    session.path.write_text(theirs)
    field(form, "users daily active").value = "5M"
    assert "changed by someone else" in beside(form, "users daily active")
    assert session.path.read_text() == theirs
    assert field(form, "boards in number").value == "13"
    session.path.write_text(BRIEF.replace("boards: 12", "boards: 14 "))
    assert session.refresh()
    assert field(form, "boards in number").value == "14"
    session.path.write_text(theirs)
    with pytest.raises(Conflict):
        session.change({USERS: "6M"})


def test_an_override_is_a_layer_and_the_form_says_that_it_hides(tmp_path: Path) -> None:
    """The form edits the file beneath; the notebook goes on showing the override."""
    (tmp_path / "village.yaml").write_text(BRIEF)
    session = Session(tmp_path / "village.yaml", {USERS: "9M"}, folder=tmp_path)
    form = forms.build(session, "scale")
    assert field(form, "users daily active").value == "2k (1k..4k)"
    assert "Hidden in this notebook by the override" in beside(form, "users daily active")
    field(form, "users daily active").value = "5M"
    assert "daily_active: 5M" in (tmp_path / "village.yaml").read_text()
    assert session.plan is not None
    assert session.plan.estimate()["populations"]["users"]["daily_active"]["value"] == 9_000_000


def test_an_example_is_copied_by_the_first_edit(tmp_path: Path) -> None:
    """The packaged file stays, the copy is named, and other notebooks then open the copy."""
    name = examples()[0]
    original = _files.path(f"assets/briefs/{name}.yaml").read_bytes()
    session = Session(name, folder=tmp_path)
    assert session.is_example
    session.change({"system": "Mine"})
    assert _files.path(f"assets/briefs/{name}.yaml").read_bytes() == original
    assert "system: Mine" in (tmp_path / f"{name}.yaml").read_text()
    assert f"{name}.yaml" in session.notice
    assert not session.is_example
    assert Session(name, folder=tmp_path).beneath.raw["system"] == "Mine"  # type: ignore[union-attr]


def test_a_broken_file_is_explained_and_comes_back_when_mended(session: Session) -> None:
    """A live page never loses its views to a typing error in the file."""
    view = View(session, lambda: [{"text/plain": session.section(0).title}])
    before = view.widget.outputs
    assert session.path is not None
    session.path.write_text("system: [")
    session.refresh()
    assert "The brief can't be read" in view.widget.outputs[0]["data"]["text/html"]
    with pytest.raises(BriefError):
        session.section(0)
    session.path.write_text(BRIEF + "\n")
    session.refresh()
    assert view.widget.outputs == before


def test_a_fault_of_ours_is_shown_in_its_place(session: Session) -> None:
    """One broken block never takes a live page down."""

    def broken() -> list[dict[str, Any]]:
        raise ZeroDivisionError("oh")

    assert "fault of the workbook" in View(session, broken).widget.outputs[0]["data"]["text/html"]


def test_lists_and_removals_can_be_typed(session: Session) -> None:
    """Goals one a line; a rate that is a sum; an empty field takes the value out."""
    form = forms.build(session, "requirements")
    field(form, "Goals").value = "quick\ncheap"
    field(form, "post p99").value = ""
    scale = forms.build(session, "scale")
    assert field(scale, "read").value == "[2 per post, 1 per users per day]"
    field(scale, "read").value = "[3 per post, 1 per users per day]"
    raw = session.beneath.raw if session.beneath else {}
    assert raw["goals"] == ["quick", "cheap"]
    assert "p99" not in raw["operations"]["post"]
    assert raw["operations"]["read"]["rate"] == ["3 per post", "1 per users per day"]


def test_every_field_has_a_label_and_no_button_is_an_icon(session: Session) -> None:
    """What a screen reader says: each field by name, each button by its text."""
    for name in ("requirements", "scale"):
        labels = [one.description for one in everything(forms.build(session, name)) if hasattr(one, "description") and not isinstance(one, HTML)]
        assert all(label.strip() for label in labels)
        assert len(labels) == len(set(labels))


def test_the_chooser_lists_examples_and_own_files(tmp_path: Path) -> None:
    """Choosing opens the brief in the same views."""
    (tmp_path / "village.yaml").write_text(BRIEF)
    (tmp_path / "other.yaml").write_text("a: b\n")
    shutil.copy(_files.path(f"assets/briefs/{examples()[0]}.yaml"), tmp_path)
    session = Session(tmp_path / "village.yaml", folder=tmp_path)
    found = chooser.choices(session)
    assert found["village.yaml"] == str(tmp_path / "village.yaml")
    assert found[f"{examples()[0]}.yaml (your copy)"] == examples()[0]
    assert not any("other" in label for label in found)
    drop = everything(chooser.build(session))[1]
    drop.value = examples()[0]
    assert session.beneath is not None
    assert session.beneath.raw["system"] != "Village noticeboard"
