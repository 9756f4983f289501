"""A file in the output folder that says a batch is going on: who works for it stops when the mark changes."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbook.run.tasks import BadRun

if TYPE_CHECKING:
    from workbook.run.batch.jobs import Job

_NAME = ".batch"


class Mark:
    """The mark of a batch that goes on."""

    def __init__(self, path: Path, token: str) -> None:
        self.path = path
        self.token = token

    def stop(self) -> None:
        """Let everybody who works for this batch end."""
        with suppress(OSError):
            self.path.write_text("", encoding="utf-8")


@contextmanager
def going_on(output: Path) -> Iterator[Mark]:
    """Set the mark; it is gone afterwards. Raises BadRun where the folder can't be written to, or another batch writes to it."""
    path = output / _NAME
    try:
        output.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise BadRun(
            f"{output} cannot be written to: {error.strerror or error}. Choose another folder with -o."
        ) from None
    try:
        _alone(descriptor, output)
        mark = Mark(path, secrets.token_hex(8))
        path.write_text(mark.token, encoding="utf-8")
        try:
            yield mark
        finally:
            mark.stop()
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _alone(descriptor: int, output: Path) -> None:
    with suppress(ImportError, OSError):
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadRun(
                f"Another batch is writing to {output}. Let it finish, or choose another folder with -o."
            ) from None


def seen(job: Job) -> str | None:
    """What the mark says from here; None where the folder is not to be seen."""
    try:
        return Path(job["output"], _NAME).read_text(encoding="utf-8")
    except OSError:
        return None


def goes_on(job: Job) -> bool:
    """Whether somebody still waits for this job."""
    return seen(job) == job["token"]
