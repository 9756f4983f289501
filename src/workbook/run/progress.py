"""Shows how far a run is: a bar in a terminal, nothing in a log but what went wrong."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from workbook import _door
from workbook.run.execute import Executed
from workbook.run.tasks import in_a_line


@contextmanager
def shown(total: int, progress: bool) -> Iterator[Callable[[Executed], None]]:
    """A callback for each notebook that is done."""
    if not progress:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(file=_door.patient(sys.stderr))
    columns = (
        TextColumn("Notebooks"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        line = bar.add_task("", total=total)

        def done(one: Executed) -> None:
            bar.update(line, advance=1, description=one.task.path.stem)
            if one.error:
                console.print(f"{one.task.name} failed: {in_a_line(one.error)}", markup=False, style="red")

        yield done
