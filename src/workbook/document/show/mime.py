"""What a notebook cell shows: MIME bundles, of which the front end takes the richest it can draw."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup

from workbook.document.blocks import Block, Plot, Section, Subsection

from .as_html import heading_html, html
from .as_markdown import heading_markdown, markdown
from .plots import figure

PLOTLY = "application/vnd.plotly.v1+json"


def bundle(block: Block) -> dict[str, Any]:
    """HTML and Markdown of one block; for a plot the plotly figure too."""
    shown: dict[str, Any] = {"text/html": html(block), "text/markdown": markdown(block)}
    if isinstance(block, Plot):
        shown[PLOTLY] = figure(block)
    return shown


def bundles(block: Block | Section) -> list[dict[str, Any]]:
    """The same as a sequence: one bundle per plot and one per run of other blocks, in reading order.

    A notebook draws a plotly figure only from a bundle of its own, so a subsection with plots is shown in pieces.
    """
    shown: list[dict[str, Any]] = []
    run: list[tuple[str, str]] = []
    for part in _parts(block):
        if isinstance(part, Plot):
            shown += _joined(run)
            run = []
            shown.append(bundle(part))
        else:
            run.append(part if isinstance(part, tuple) else (html(part), markdown(part)))
    return shown + _joined(run)


def _parts(block: Block | Section) -> Iterator[Block | tuple[str, str]]:
    if isinstance(block, Section):
        yield heading_html(block), heading_markdown(block)
        for subsection in block.subsections:
            yield from _parts(subsection)
    elif isinstance(block, Subsection):
        yield heading_html(block), heading_markdown(block)
        for part in block.blocks:
            yield from _parts(part)
    else:
        yield block


def _joined(run: list[tuple[str, str]]) -> list[dict[str, Any]]:
    if not run:
        return []
    return [
        {
            "text/html": str(Markup("\n").join(Markup(h) for h, _ in run)),
            "text/markdown": "\n\n".join(m for _, m in run),
        }
    ]
