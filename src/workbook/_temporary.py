"""Temporary folders: gone when they are no longer used, also where who made them was killed."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "workbook-"
_HELD = ".held"
"""A file in a folder once it is locked: without it, the folder was made just now."""


@contextmanager
def folder(kind: str, base: str | Path | None = None) -> Iterator[Path]:
    """A private folder, named after what it is for. First takes away those that nobody holds any more."""
    place = Path(base or tempfile.gettempdir())
    sweep(place, PREFIX)
    with held(place, f"{PREFIX}{kind}-") as made:
        yield made


@contextmanager
def held(place: Path, prefix: str) -> Iterator[Path]:
    """A new folder below `place` that no `sweep` takes away before this ends."""
    made = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
    try:
        lock = _lock(made)
    except OSError:
        made.rmdir()
        raise
    try:
        if lock is not None:
            (made / _HELD).touch()
        yield made
    finally:
        if lock is not None:
            os.close(lock)
        remove(made)


def remove(made: Path) -> None:
    """Take such a folder away. Its mark goes last, so that a later sweep finds what can't be taken away now."""
    with suppress(OSError):
        for path in made.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path, ignore_errors=True)
            elif path.name != _HELD:
                path.unlink()
    with suppress(OSError):
        if not any(path.name != _HELD for path in made.iterdir()):
            (made / _HELD).unlink(missing_ok=True)
    with suppress(OSError):
        made.rmdir()


def sweep(place: Path, prefix: str) -> None:
    """Take away what killed processes of this user left there."""
    for left in forgotten(place, prefix):
        remove(left)


def forgotten(place: Path, prefix: str) -> Iterator[Path]:
    """The folders that somebody held and nobody holds any more; nobody else is given them while one looks."""
    for found in sorted(place.glob(f"{prefix}*")):
        with suppress(OSError):
            if found.is_symlink() or found.stat().st_uid != os.getuid() or (lock := _lock(found)) is None:
                continue
            try:
                if (found / _HELD).exists():
                    yield found
            finally:
                os.close(lock)


def _lock(found: Path) -> int | None:
    """A lock on the folder, if nobody else has one; it ends with this process, however that ends."""
    try:
        import fcntl
    except ImportError:
        return None
    descriptor = os.open(found, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor
