"""What several tests share: the report of each example, made once a session and for all workers."""

from __future__ import annotations

import fcntl
import gc
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from workbook.proof.servers import MariaDB, Postgresql


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder that `workbook run BRIEF` writes, for the name of an example. Only to be read."""
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "reports"
    shared.mkdir(exist_ok=True)

    def made(brief: str) -> Path:
        from workbook.run import run

        folder = shared / brief
        with (shared / f"{brief}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "summary.json").exists():
                run(brief, {}, folder, jobs=2, progress=False)
        return folder

    return made


@pytest.fixture(scope="session")
def postgresql_here() -> Iterator[Postgresql | None]:
    """A throw-away PostgreSQL that all tests of a process share, and whatever they call; None where there is none."""
    from workbook.proof.servers import NotHere, one_postgresql

    with ExitStack() as stack:
        try:
            found = stack.enter_context(one_postgresql())
        except NotHere:
            found = None
        yield found


@pytest.fixture(scope="session")
def server(postgresql_here: Postgresql | None) -> Postgresql:
    """The throw-away PostgreSQL."""
    if postgresql_here is None:
        pytest.skip("not run: needs postgresql")
    return postgresql_here


@pytest.fixture(scope="session")
def mariadb_here() -> Iterator[MariaDB]:
    """A throw-away MariaDB in place of MySQL, which all tests of a process share, and whatever they call."""
    from workbook.proof.servers import NotHere, one_mariadb

    with ExitStack() as stack:
        try:
            found = stack.enter_context(one_mariadb())
        except NotHere as missing:
            pytest.skip(f"not run: {missing}")
        yield found


ENGINES = ("artifacts", "batch", "bench", "browser", "code", "injection", "notebooks", "proof", "run", "warm")
"""Folders whose tests start servers, compilers, kernels or browsers: `make quick` leaves them out."""
APART = ("batch", "bench", "browser")
"""Folders whose tests need a machine's attention: one after the other, on one worker, so that none slows down another."""
COPIES = ("test_add_one_more.py", "test_any_brief.py")


def pytest_configure() -> None:
    """A shell lets what it starts in the background ignore Ctrl-C, and so would every program that a test interrupts.

    Thousands of plans are made beside a large heap that stays: looking through it for cycles took a third of the time.
    """
    gc.set_threshold(100_000, 50, 100)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Mark what takes long by where it stands, so that a new test of that kind need not remember to.

    What is done by one worker comes first: drawn late, the other would wait for it at the end.
    """
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here)
        if place.parts[0] in ENGINES or place.name in COPIES:
            item.add_marker(pytest.mark.slow)
        if place.parts[0] in APART:
            item.add_marker(pytest.mark.xdist_group("apart"))
    yield
    items.sort(key=lambda item: item.path.relative_to(here).parts[0] not in APART)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Say in which order the tests were when one failed."""
    seed = getattr(config.option, "randomly_seed", None)
    if exitstatus and seed is not None:
        terminalreporter.write_line(f"The order of the tests was that of --randomly-seed={seed}")
