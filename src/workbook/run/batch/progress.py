"""Shows how far a batch is: a bar in a terminal, nothing in a log but what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from workbook import _door
from workbook.run.batch.row import Row, Status


class Progress:
    """What is told of a batch while it goes on."""

    def done(self, row: Row) -> None:
        """One is over."""
        if not row.done and row.status != Status.not_run:
            self.say(f"{row.name} {row.status}: {row.message}")

    def say(self, text: str) -> None:
        """A line that stays."""
        _door.say(text)

    def running(self, names: Sequence[str]) -> None:
        """What is being made."""

    def stopping(self) -> None:
        """The user stopped it."""


class _Bar(Progress):
    """With a bar in a terminal."""

    def __init__(self, bar: Any, line: Any) -> None:
        self.bar = bar
        self.line = line
        self.failures = 0

    def done(self, row: Row) -> None:
        self.failures += not row.done
        self.bar.update(self.line, advance=1, failures=f"{self.failures} failed" if self.failures else "")
        super().done(row)

    def say(self, text: str) -> None:
        self.bar.console.print(text, markup=False, highlight=False, style="red", soft_wrap=True)

    def running(self, names: Sequence[str]) -> None:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        self.bar.update(self.line, description=", ".join(names[:3]) + more)

    def stopping(self) -> None:
        self.bar.update(self.line, description="stopping")


@contextmanager
def shown(before: Sequence[Row], total: int, progress: bool) -> Iterator[Progress]:
    """The display; `before` are the rows that are known already."""
    if not progress:
        display = Progress()
        for row in before:
            display.done(row)
        yield display
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("Briefs"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[failures]}", style="red"), TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )  # fmt: skip
    with Bars(*columns, console=Console(file=_door.patient(sys.stderr)), transient=True) as bar:
        shown_bar = _Bar(bar, bar.add_task("", total=total, failures=""))
        for row in before:
            shown_bar.done(row)
        yield shown_bar
