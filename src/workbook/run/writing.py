"""Writes a report's folder whole or not at all, and leaves what the user keeps there alone."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from workbook.run.tasks import BadRun

SUMMARY = "summary.json"


@contextmanager
def staged(output: Path) -> Iterator[Path]:
    """A hidden folder inside the output folder to write into; gone afterwards, whatever happens. Raises BadRun where that can't be."""
    missing = [folder for folder in (output, *output.parents) if not folder.exists()]
    try:
        output.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=".partial-", dir=output))
    except OSError as error:
        _remove_empty(missing)
        raise BadRun(
            f"{output} cannot be written to: {error.strerror or error}. Choose another folder with -o."
        ) from None
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        _remove_empty(missing)


def _remove_empty(folders: list[Path]) -> None:
    """Take back the folders made for this run, as far as they are still empty."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def put(stage: Path, relative: str, text: str) -> None:
    """Write one file below the stage. Raises BadRun for a name that would leave it."""
    place = stage / _inside(relative)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8", newline="\n")


def _inside(relative: str) -> PurePosixPath:
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise BadRun(f"{relative!r} is not a name inside the report's folder.")
    return path


def publish(stage: Path, output: Path) -> tuple[str, ...]:
    """Move every staged file to its place, the summary last, and take away what an earlier run left and this one no longer makes."""
    files = sorted(path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file())
    before = _files_of_earlier_run(output)
    try:
        for name in sorted(files, key=lambda name: name == SUMMARY):
            place = output / name
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(stage / name, place)
    except OSError as error:
        raise BadRun(
            f"{error.filename2 or error.filename or output} cannot be replaced: {error.strerror or error}."
        ) from None
    for name in before - set(files):
        with suppress(OSError):
            (output / name).unlink()
            (output / name).parent.rmdir()
    return tuple(files)


def _files_of_earlier_run(output: Path) -> set[str]:
    try:
        listed = json.loads((output / SUMMARY).read_text(encoding="utf-8"))["files"]
        return {str(_inside(str(name))) for name in listed}
    except (OSError, ValueError, KeyError, TypeError, BadRun):
        return set()
