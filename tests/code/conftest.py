"""Servers for generated code, started once for these tests; and the plans it is generated from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import pytest

from workbook.brief import load
from workbook.plan import Plan, derive
from workbook.proof.servers import NotHere, Redis, redis


@pytest.fixture(scope="session")
def planned() -> Callable[..., Plan]:
    """The plan of an example brief with technologies chosen by name."""

    @cache
    def made(brief: str, **choices: str) -> Plan:
        return derive(load(brief, {f"choices.{k}": v for k, v in choices.items()}))

    return made


@pytest.fixture(scope="session")
def cache_server() -> Iterator[Redis]:
    """A throw-away Redis."""
    try:
        with redis() as server:
            yield server
    except NotHere as missing:
        pytest.skip(f"not run: {missing}")
