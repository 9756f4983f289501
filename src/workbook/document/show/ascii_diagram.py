"""A diagram as text."""

from __future__ import annotations

from workbook.document.blocks import Diagram


def ascii(diagram: Diagram) -> str:
    """The picture as text, at most 110 columns wide."""
    names = {node.id: node.label for node in diagram.nodes}
    return "\n".join(f"{names[e.source]} {'..>' if e.dashed else '-->'} {names[e.target]} : {e.label}" for e in diagram.edges)
