"""Where the files that travel with the package are: beside `src/` in a checkout, inside the package when installed."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def root() -> Path:
    """The folder that holds `assets/`, `notebooks/` and `rag/`."""
    inside = _PACKAGE / "_files"
    return inside if inside.is_dir() else _PACKAGE.parent.parent


def path(relative: str) -> Path:
    """The place of a packaged file, e.g. `assets/briefs/chat.yaml`. Raises FileNotFoundError where it is not there."""
    found = root() / relative
    if not found.exists():
        raise FileNotFoundError(f"{relative} is not part of this installation ({root()})")
    return found
