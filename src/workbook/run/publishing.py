"""Puts a written report in its place: all its files, or none of them, also where the process is killed in the middle."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from workbook import _temporary
from workbook.run.tasks import BadRun

SUMMARY = "summary.json"
UNFINISHED = "unfinished"
"""The folder inside a report's for what a later run made, where it has fewer sections than the report."""

PREFIX = ".partial-"
NEW, BEFORE, MOVED = "new", "before", "moved.json"
"""In a stage: the new files, those that they replace, and the names of the new ones once they are being moved."""


def place_for(output: Path, done: int, whole: bool) -> Path:
    """Where a report with so many sections done belongs: fewer sections never replace more."""
    return output if whole or done >= sections_done(output) else output / UNFINISHED


def sections_done(output: Path) -> int:
    """How many sections the report there has; 0 where there is none."""
    try:
        sections = json.loads((output / SUMMARY).read_text(encoding="utf-8"))["sections"]
        return sum(section["status"] == "done" for section in sections)
    except (OSError, ValueError, KeyError, TypeError):
        return 0


@contextmanager
def alone(output: Path) -> Iterator[None]:
    """Wait until no other run moves its files into this folder, and keep others waiting."""
    try:
        import fcntl

        descriptor = os.open(output, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def publish(stage: Path, output: Path) -> tuple[str, ...]:
    """Move every new file to its place, and take away what an earlier run left and this one no longer makes. Raises BadRun."""
    new = stage / NEW
    names = sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())
    in_the_way(output, names)
    try:
        (stage / MOVED).write_text(json.dumps({"output": str(output), "names": names}), encoding="utf-8")
        for name in sorted(files_of_earlier_run(output) | set(names)):
            follows = (new / name).is_file()
            _aside(output / name, stage / BEFORE / name, follows)
            if follows:
                (output / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(new / name, output / name)
    except OSError as error:
        undo(stage)
        raise BadRun(
            f"{error.filename2 or error.filename or output} cannot be replaced: {error.strerror or error}. "
            "The report is as it was."
        ) from None
    except BaseException:
        undo(stage)
        raise
    (stage / MOVED).unlink()
    remove_empty(output, names_of(stage / BEFORE))
    return tuple(names)


def _aside(place: Path, before: Path, follows: bool) -> None:
    """Keep what stands there. Where a new file follows, a reader never finds none."""
    if not place.is_file() and not place.is_symlink():
        return
    before.parent.mkdir(parents=True, exist_ok=True)
    if follows:
        with suppress(OSError):
            os.link(place, before, follow_symlinks=False)
            return
    os.replace(place, before)


def undo(stage: Path) -> None:
    """Bring back what was there before the files of this stage were moved."""
    try:
        said = json.loads((stage / MOVED).read_text(encoding="utf-8"))
        output, moved = Path(said["output"]), {str(inside(name)) for name in said["names"]}
    except (OSError, ValueError, KeyError, TypeError, BadRun):
        return
    before = set(names_of(stage / BEFORE))
    for name in sorted(before):
        with suppress(OSError):
            (output / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(stage / BEFORE / name, output / name)
    added = [name for name in moved - before if not (stage / NEW / name).exists()]
    for name in added:
        with suppress(OSError):
            (output / name).unlink()
    remove_empty(output, added)
    (stage / MOVED).unlink(missing_ok=True)


def recover(output: Path) -> None:
    """Undo and take away what killed runs left in the folder."""
    for left in _temporary.forgotten(output, PREFIX):
        undo(left)
        _temporary.remove(left)


def in_the_way(output: Path, names: Sequence[str]) -> None:
    """Raises BadRun where a folder stands in the place of a file, or a file in that of a folder."""
    for name in names:
        place = output / name
        if place.is_dir() and not place.is_symlink():
            raise BadRun(
                f"{place} is a folder; the report needs a file there. Move it, or choose another folder with -o."
            )
        for parent in place.relative_to(output).parents:
            if (output / parent).exists() and not (output / parent).is_dir():
                raise BadRun(
                    f"{output / parent} is a file; the report needs a folder there. Move it, or choose another folder with -o."
                )


def names_of(folder: Path) -> list[str]:
    """The files below a folder, by their names relative to it."""
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()]


def remove_empty(output: Path, names: Sequence[str]) -> None:
    """Take away the folders of these files that are empty now."""
    folders = {parent for name in names for parent in (output / name).relative_to(output).parents if parent != Path()}
    for folder in sorted(folders, reverse=True):
        with suppress(OSError):
            (output / folder).rmdir()


def forget(output: Path) -> None:
    """Take away what a run wrote there, and nothing of the user's."""
    names = files_of_earlier_run(output)
    for name in names:
        with suppress(OSError):
            (output / name).unlink()
    remove_empty(output, sorted(names))
    with suppress(OSError):
        output.rmdir()


def files_of_earlier_run(output: Path) -> set[str]:
    """The files that the last run wrote there."""
    try:
        listed = json.loads((output / SUMMARY).read_text(encoding="utf-8"))["files"]
        return {str(inside(str(name))) for name in listed}
    except (OSError, ValueError, KeyError, TypeError, BadRun):
        return set()


def inside(relative: str) -> Path:
    """The name of a file below the report's folder. Raises BadRun for one that would leave it."""
    path = Path(relative)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BadRun(f"{relative!r} is not a name inside the report's folder.")
    return path
