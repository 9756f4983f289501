"""Writes a report's files beside the report's folder content, hidden until they are all there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from workbook import _temporary
from workbook.run.publishing import NEW, PREFIX, SUMMARY, alone, in_the_way, inside, recover
from workbook.run.tasks import BadRun

_ALWAYS = (SUMMARY, "report.html", "report.md", "artifacts/x", "notebooks/x")
"""Names that every report has, or that stand for folders it has: what is in their way is said before anything runs."""


_BEGUN = "begun"
"""A file in a stage: with it everything is there that was put into it."""


@contextmanager
def staged(output: Path) -> Iterator[Path]:
    """A hidden folder inside the output folder to write into; gone afterwards, whatever happens. Raises BadRun where that can't be."""
    missing = [folder for folder in (output, *output.parents) if not folder.exists()]
    with ExitStack() as stack:
        try:
            output.mkdir(parents=True, exist_ok=True)
            with alone(output):
                recover(output)
            stack.callback(_remove_empty, missing)
            stage = stack.enter_context(_temporary.held(output, PREFIX))
            (stage / NEW).mkdir()
            (stage / _BEGUN).touch()
        except OSError as error:
            _remove_empty(missing)
            raise BadRun(
                f"{output} cannot be written to: {error.strerror or error}. Choose another folder with -o."
            ) from None
        in_the_way(output, _ALWAYS)
        yield stage


def _remove_empty(folders: list[Path]) -> None:
    """Take back the folders made for this run, as far as they are still empty."""
    with suppress(OSError):
        for folder in folders:
            folder.rmdir()


def put(stage: Path, relative: str, text: str) -> None:
    """Write one new file below the stage. Raises BadRun for a name that would leave it."""
    place = stage / NEW / inside(relative)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8", newline="\n")


def lasts(stage: Path) -> bool:
    """Whether nobody has taken the stage away since it was made."""
    return (stage / _BEGUN).exists()


def written(stage: Path) -> list[str]:
    """The new files so far."""
    new = stage / NEW
    return sorted(path.relative_to(new).as_posix() for path in new.rglob("*") if path.is_file())


__all__ = ["SUMMARY", "lasts", "put", "staged", "written"]
