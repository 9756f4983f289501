"""What an executed notebook put out, as pieces of a report; and the notebook itself, without times, paths and random ids."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from workbook import _files
from workbook.artifacts.writing.markdown import fenced
from workbook.run.execute import Executed

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_TITLE = re.compile(r"^#\s+(?:\d+\.?\s+)?(.+)$", re.MULTILINE)
_OURS = "workbook"


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents: a subsection shown in a piece."""

    id: str
    title: str


@dataclass(frozen=True)
class Piece:
    """One output in both languages of the report."""

    html: str
    markdown: str
    entry: Entry | None = None


@dataclass(frozen=True)
class Chapter:
    """One section of the report, from one executed notebook."""

    number: int
    title: str
    notebook: str
    seconds: float
    error: str
    pieces: tuple[Piece, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The subsections in it, in reading order."""
        return tuple(piece.entry for piece in self.pieces if piece.entry)


def chapter(executed: Executed) -> Chapter:
    """The section that this notebook makes."""
    title = _heading(executed)
    pieces = tuple(
        piece
        for cell in executed.notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        for piece in _piece(output)
    )
    return Chapter(
        executed.task.number, title, executed.task.name, executed.seconds, without_paths(executed.error), pieces
    )


def _heading(executed: Executed) -> str:
    for cell in executed.notebook.cells:
        if cell.cell_type == "markdown" and (found := _TITLE.search(cell.source)):
            return found[1].strip()
    return executed.task.path.stem


def _piece(output: Mapping[str, Any]) -> Iterator[Piece]:
    if output["output_type"] == "stream":
        text = _ANSI.sub("", output["text"])
        yield Piece(f"<pre>{escape(text)}</pre>", fenced(text, "text"))
        return
    data = output.get("data", {})
    mark = output.get("metadata", {}).get(_OURS, {})
    if mark.get("part") == "header":
        return
    found = _html(data)
    if found:
        entry = Entry(mark["block"], mark["title"]) if mark.get("title") else None
        yield Piece(found, _markdown(data), entry)


def _html(data: Mapping[str, Any]) -> str:
    if "text/html" in data:
        return str(data["text/html"])
    if "image/svg+xml" in data:
        return str(data["image/svg+xml"])
    if "image/png" in data:
        return f'<img alt="" src="data:image/png;base64,{data["image/png"].strip()}">'
    for kind in ("text/markdown", "text/plain"):
        if kind in data:
            return f"<pre>{escape(str(data[kind]))}</pre>"
    return ""


def _markdown(data: Mapping[str, Any]) -> str:
    if "text/markdown" in data:
        return str(data["text/markdown"])
    return fenced(str(data["text/plain"]), "text") if "text/plain" in data else ""


def without_paths(text: str) -> str:
    """The text without the host's folders in it, and without colours."""
    text = _ANSI.sub("", text)
    for place, name in (
        (str(_files.root()), "workbook"),
        (sys.prefix, "python"),
        (sys.base_prefix, "python"),
        (str(Path.home()), "~"),
    ):
        if len(place) > 1:
            text = text.replace(place, name)
    return re.sub(r"/\S*?/workbook-(?:[a-z]+-)?[a-z0-9_]{8}/\w+", "", text)


def clean(executed: Executed) -> Any:
    """The executed notebook as it is kept: what differs from run to run is taken out, papermill's marks stay where an error was."""
    import nbformat

    notebook = nbformat.from_dict(executed.notebook)
    notebook.metadata.pop("papermill", None)
    for index, cell in enumerate(notebook.cells):
        tags = cell.metadata.get("tags", [])
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if "injected-parameters" in tags:
            cell["id"] = "injected-parameters"
        elif "papermill-error-cell-tag" in tags:
            cell["id"] = f"papermill-error-{index}"
        if cell.cell_type == "code":
            for output in cell.outputs:
                if output.output_type == "error":
                    output["evalue"] = without_paths(output["evalue"])
                    output["traceback"] = [without_paths(line) for line in output["traceback"]]
                elif output.output_type == "stream":
                    output["text"] = without_paths(output["text"])
    return notebook
