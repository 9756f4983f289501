"""Changes a brief's file by hand of a form: comments and order stay, the save is atomic, a newer file is never overwritten."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Callable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from workbook.brief.load import Brief, loads, read
from workbook.brief.problems import BriefError, Problem


class Conflict(Exception):
    """Somebody saved the file since it was read. Carries both revisions and the text that is there now."""

    def __init__(self, path: Path, expected: str, found: str, text: str) -> None:
        self.path, self.expected, self.found, self.text = path, expected, found, text
        super().__init__(
            f"{path.name} was changed by someone else (revision {found}, you read {expected}). Read it again and repeat your change."
        )


def revision(text: str) -> str:
    """What names this version of the file."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _yaml() -> YAML:
    made = YAML()
    made.preserve_quotes = True
    made.width = 4096
    made.indent(mapping=2, sequence=4, offset=2)
    return made


def _tree(text: str) -> Any:
    try:
        return _yaml().load(text)
    except (YAMLError, ValueError) as error:
        loads(text)
        raise BriefError(
            [
                Problem(
                    "brief",
                    f"cannot be changed by a form: {str(error).partition(chr(10))[0]}",
                    "Change it in an editor.",
                )
            ]
        ) from None


def _split(dotted: str) -> list[str]:
    parts = dotted.split(".")
    return (
        ["choices", ".".join(parts[1:])] if parts[0] == "choices" and parts[-1] != "use" and len(parts) > 2 else parts
    )


def get_text(path: Path, dotted: str) -> str | None:
    """The value at a path as the user wrote it, or None where the user wrote nothing."""
    here: Any = _tree(read(path))
    for part in _split(dotted):
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif not isinstance(here, Mapping) and dotted.endswith((".daily_active", ".count")):
            return None if here is None else str(here)
        else:
            return None
    return None if here is None or isinstance(here, Mapping) else str(here)


def _put(root: CommentedMap, parts: list[str], value: Any) -> None:
    here = root
    for depth, part in enumerate(parts[:-1]):
        child = here.get(part)
        if not isinstance(child, Mapping):
            said = "daily_active" if part == "users" else "count"
            child = CommentedMap({said: child} if child is not None and depth == 1 else {})
            child.fa.set_flow_style()
            here[part] = child
        here = child
    if value is None:
        here.pop(parts[-1], None)
    else:
        here[parts[-1]] = value


def changed(text: str, changes: Mapping[str, Any]) -> str:
    """The text of the brief with values set (None removes); comments, order and quotes are kept."""
    yaml = _yaml()
    root = _tree(text)
    if root is None:
        root = CommentedMap()
    if not isinstance(root, CommentedMap):
        loads(text)
    for dotted, value in changes.items():
        _put(root, _split(dotted), value)
    out = StringIO()
    yaml.dump(root, out)
    return out.getvalue()


def save(path: Path, text: str, expected_revision: str | None = None) -> str:
    """Write the file whole or not at all; returns the new revision. Raises Conflict, or BriefError where it cannot be written."""
    if expected_revision is not None and path.exists():
        there = read(path)
        if revision(there) != expected_revision:
            raise Conflict(path, expected_revision, revision(there), there)
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", text=True)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, path.stat().st_mode & 0o777 if path.exists() else 0o644)
        os.replace(temporary, path)
    except OSError as error:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise BriefError(
            [Problem(str(path), f"cannot be written: {error.strerror}", "Choose a folder you may write to.")]
        ) from None
    return revision(text)


def set_value(
    path: Path,
    changes: Mapping[str, Any],
    expected_revision: str | None = None,
    check: Callable[[Brief], object] | None = None,
) -> str:
    """Set values by dotted path (None removes) and save; returns the new revision.

    `check` is called with the changed brief before anything is written (pass `plan.complete` for the full check). Raises
    BriefError where the result is not valid, Conflict where the file is newer; the file is then as it was.
    """
    text = read(path)
    if expected_revision is not None and revision(text) != expected_revision:
        raise Conflict(path, expected_revision, revision(text), text)
    new = changed(text, changes)
    brief = loads(new, name=path.name, path=path)
    if check is not None:
        check(brief)
    return save(path, new, revision(text))
