"""Changes by hand of a form: comments stay, the save is whole or not at all, a newer file is never overwritten."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.brief import BriefError, load
from workbook.brief.edits import Conflict, changed, get_text, revision, save, set_value
from workbook.plan.complete import complete

TEXT = """\
# the head
system: Notes   # its name
populations:
  # who comes
  users: {daily_active: 1M, growth: 20 %/year}
load: {peak: "3x"}
entities:
  note: {size: 1 KB}    # a page

operations:
  write: {does: create note, rate: 3 per users per day}
choices: {messaging: kafka}
# the end
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A brief in a folder of its own."""
    made = tmp_path / "notes.yaml"
    made.write_text(TEXT, encoding="utf-8")
    return made


def test_a_changed_value_leaves_all_else(path: Path) -> None:
    """Comments, order, quotes and blank lines stay as they were; one line differs."""
    set_value(path, {"entities.note.size": "2 KB"})
    before, after = TEXT.splitlines(), path.read_text(encoding="utf-8").splitlines()
    assert [a for b, a in zip(before, after, strict=True) if a != b] == ["  note: {size: 2 KB}    # a page"]


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("populations.users.daily_active", "5M"),
        ("load.peak", "4x (2x..6x)"),
        ("quality.p99", "300 ms"),
        ("choices.messaging", "rabbitmq"),
        ("choices.database.notes", "postgresql"),
    ],
)
def test_what_is_set_is_what_is_read(path: Path, at: str, value: str) -> None:
    """A value set by its path is the value of that path, and the brief stays valid."""
    set_value(path, {at: value}, check=complete)
    assert get_text(path, at) == value
    assert all(line in path.read_text(encoding="utf-8") for line in ("# the head", "# who comes", "# the end"))


def test_none_takes_a_value_out(path: Path) -> None:
    """Removing what was said leaves the default."""
    set_value(path, {"load.peak": None})
    assert get_text(path, "load.peak") is None
    assert load(path).raw["load"] == {}


def test_a_value_that_makes_no_brief_leaves_the_file(path: Path) -> None:
    """Neither a nonsense value nor a dangling reference is written."""
    for changes in (
        {"load.peak": "lots"},
        {"populations.users.daily_active": "lots"},
        {"operations.write.rate": "1 per ghosts per day"},
    ):
        with pytest.raises(BriefError):
            set_value(path, changes, check=complete)
    assert path.read_text(encoding="utf-8") == TEXT
    assert os.listdir(path.parent) == ["notes.yaml"]


def test_a_newer_file_is_not_overwritten(path: Path) -> None:
    """Who read an older revision gets a Conflict with the text that is there now."""
    read = revision(TEXT)
    new = set_value(path, {"load.peak": "4x"}, read)
    assert new == revision(path.read_text(encoding="utf-8")) != read
    with pytest.raises(Conflict) as caught:
        set_value(path, {"load.peak": "5x"}, read)
    assert (caught.value.expected, caught.value.found) == (read, new)
    assert caught.value.text == path.read_text(encoding="utf-8")
    assert get_text(path, "load.peak") == "4x"


def test_writing_the_old_text_undoes(path: Path) -> None:
    """The text from before, saved over the new revision, is the file from before."""
    new = set_value(path, {"load.peak": "4x", "system": "Other"})
    assert save(path, TEXT, new) == revision(TEXT)
    assert path.read_text(encoding="utf-8") == TEXT


def test_a_folder_that_takes_no_files_is_told(tmp_path: Path) -> None:
    """A place that cannot be written to is a BriefError, and nothing half-written is left."""
    with pytest.raises(BriefError, match="cannot be written"):
        save(tmp_path / "nosuch" / "notes.yaml", TEXT)
    assert os.listdir(tmp_path) == []


def test_a_broken_file_is_told_not_traced(path: Path) -> None:
    """A file that is no YAML raises BriefError from reading and from changing, and stays."""
    path.write_text("system: [a\n", encoding="utf-8")
    with pytest.raises(BriefError, match="is not YAML"):
        set_value(path, {"load.peak": "3x"})
    with pytest.raises(BriefError, match="is not YAML"):
        get_text(path, "load.peak")
    assert path.read_text(encoding="utf-8") == "system: [a\n"


def test_the_mode_of_the_file_stays(path: Path) -> None:
    """Saving replaces the file and keeps who may read it."""
    path.chmod(0o640)
    set_value(path, {"load.peak": "4x"})
    assert path.stat().st_mode & 0o777 == 0o640


@given(value=st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Zl", "Zp"]), max_size=30))
@settings(max_examples=60, deadline=None)
def test_any_text_set_is_read_back(value: str) -> None:
    """Whatever is typed as a statement comes back as typed, or is refused in words."""
    from workbook.brief import loads

    try:
        found = loads(changed(TEXT, {"statement": value}))
    except BriefError:
        return
    said = found.raw["statement"]
    assert said is None or isinstance(said, bool | int | float) or said == value
