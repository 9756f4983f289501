"""Which notebooks a run executes, and whether the parameters asked for are theirs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

_NUMBERED = re.compile(r"(\d\d)_(\w+)\.ipynb")
_PLAIN = (str, int, float, bool, type(None))


class BadRun(Exception):
    """The run can't start or can't write: the message is for the user, nothing was written."""


class Interrupted(Exception):
    """The run was stopped by the user, and its kernels have ended; the message says what was written."""


@dataclass(frozen=True)
class Task:
    """One notebook to execute."""

    number: int
    name: str
    path: Path


def in_a_line(error: str) -> str:
    """What an error says first; the cell that it quotes is left out."""
    first = next((line for line in error.splitlines() if line.strip()), "")
    return first.removeprefix("DeadKernelError: ").removesuffix(" The cell is:")


def tasks(folder: Path) -> tuple[Task, ...]:
    """The numbered notebooks of a folder, in order. Raises BadRun where there are none."""
    found = sorted(
        (
            Task(int(match[1]), path.name, path)
            for path in folder.glob("*.ipynb")
            if (match := _NUMBERED.fullmatch(path.name))
        ),
        key=lambda task: task.number,
    )
    if not found:
        raise BadRun(f"{folder} holds no notebooks named as 02_estimation.ipynb.")
    return tuple(found)


def check_parameters(work: tuple[Task, ...], parameters: Mapping[str, object]) -> None:
    """Compare names with those each notebook declares, since papermill lets a misspelt one pass. Raises BadRun with all of them.

    Values have to be plain as well: papermill hands dates, decimals or tuples over as something else without a word.
    """
    from papermill.inspection import inspect_notebook

    wrong = []
    for task in work:
        declared = list(inspect_notebook(str(task.path)))
        for name in parameters:
            if name not in declared:
                near = get_close_matches(name, declared, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"It declares {', '.join(declared) or 'none'}."
                wrong.append(f"{task.name} has no parameter named {name}. {hint}")
    for name, value in parameters.items():
        if not _plain(value):
            wrong.append(
                f"The parameter {name} is a {type(value).__name__}; only plain values reach a notebook unchanged."
            )
    if wrong:
        raise BadRun("\n".join(wrong))


def _plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(_plain(item) for item in value)
    return type(value) in _PLAIN
