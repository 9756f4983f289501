"""A folder for the temporary files of one brief: gone afterwards, also where who made it was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "workbook-batch-"
_HELD = "held"
"""A file in it once it is locked: without it, it was made just now."""


@contextmanager
def private() -> Iterator[Path]:
    """The folder; first takes away those that nobody holds any more."""
    _take_away_forgotten()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    held = _held(folder)
    try:
        if held is not None:
            (folder / _HELD).touch()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if held is not None:
            os.close(held)


def _held(folder: Path) -> int | None:
    """A lock on it, if nobody else has one; it ends with this process, however that ends."""
    try:
        import fcntl
    except ImportError:
        return None
    descriptor = None
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        if descriptor is not None:
            os.close(descriptor)
        return None
    return descriptor


def _take_away_forgotten() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError):
            if folder.stat().st_uid != os.getuid() or (held := _held(folder)) is None:
                continue
            if (folder / _HELD).exists():
                shutil.rmtree(folder, ignore_errors=True)
            os.close(held)
