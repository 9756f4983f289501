"""GitHub Actions: texts in a workflow, where `${{` would begin an expression, and remarks inside a step's script."""

from __future__ import annotations

from workbook.artifacts.writing import shell
from workbook.artifacts.writing.text import one_line


def string(text: str) -> str:
    """A text on one line that no runner evaluates. A sign between the two keeps them apart: there is no escape for them."""
    return one_line(text).replace("${{", "$ {{")


def comment(text: str) -> str:
    """A line of a script that the shell skips and the runner does not evaluate."""
    return shell.comment(string(text))
