"""Makes the systems of this folder importable by its tests, and starts each server once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbook.proof.servers import NotHere, Redis, redis

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def cache_server() -> Iterator[Redis]:
    """A throw-away Redis."""
    try:
        with redis() as server:
            yield server
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")
