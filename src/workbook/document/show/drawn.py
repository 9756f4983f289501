"""A diagram as a picture."""

from __future__ import annotations

from workbook.document.blocks import Diagram


class Missing(Exception):
    """Something outside Python that the picture needs is not installed."""


def svg(diagram: Diagram) -> str:
    """The picture as SVG."""
    raise Missing("graphviz: the program `dot` is not installed")
