"""How a block looks: as HTML, Markdown, text, plot and picture. Everything here draws; nothing here decides."""

from .as_html import html, section_html
from .as_markdown import markdown, section_markdown
from .ascii_diagram import ascii
from .ascii_steps import ascii_steps
from .drawn import Missing, inline_pictures, svg
from .look import COPY_SCRIPT, PLOT_SCRIPT, style
from .mime import bundle, bundles
from .plots import figure

__all__ = [
    "COPY_SCRIPT",
    "PLOT_SCRIPT",
    "Missing",
    "ascii",
    "ascii_steps",
    "bundle",
    "bundles",
    "figure",
    "html",
    "inline_pictures",
    "markdown",
    "section_html",
    "section_markdown",
    "style",
    "svg",
]
