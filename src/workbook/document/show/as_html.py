"""A block as an HTML fragment. The shapes are in `templates/`, one file per kind of block; all text is escaped there."""

from __future__ import annotations

import json
import re
from functools import singledispatch
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from workbook.document.blocks import Block, Cell, Diagram, Plot, Section, Steps, Subsection

from .ascii_diagram import ascii
from .ascii_steps import sequence
from .cells import cell_text
from .drawn import Missing, data_uri, svg
from .inline import to_html, words
from .plots import figure
from .sampling import numbers


def html(block: Block) -> str:
    """One block, or a subsection with its blocks, as an HTML fragment."""
    kind = type(block).__name__.lower()
    return str(_render("block", block=block, kind=kind, body=_body(block)))


def section_html(section: Section) -> str:
    """A whole section: its heading and its subsections."""
    body = Markup("\n").join(Markup(html(subsection)) for subsection in section.subsections)
    return str(_render("section", section=section, body=body))


def heading_html(part: Section | Subsection) -> str:
    """Only the heading, with its anchor: for a page or a notebook that shows the parts one by one."""
    empty = (
        Section(number=part.number, title=part.title)
        if isinstance(part, Section)
        else Subsection(id=part.id, title=part.title)
    )
    return section_html(empty) if isinstance(empty, Section) else html(empty)


@singledispatch
def _body(block: Block) -> Markup:
    kind = type(block).__name__.lower()
    if type(block).__module__ != Block.__module__:
        raise TypeError(
            f"{type(block).__name__} is not one of the blocks in document/blocks.py, so there is no way to draw it"
        )
    return _render(kind, block=block)


@_body.register
def _(block: Subsection) -> Markup:
    return _render("subsection", block=block, body=Markup("\n").join(Markup(html(part)) for part in block.blocks))


@_body.register
def _(block: Plot) -> Markup:
    return _render("plot", block=block, figure=_untitled(block), data=_render("table", block=numbers(block)))


@_body.register
def _(block: Steps) -> Markup:
    return _render("steps", block=block, picture=sequence(block))


@_body.register
def _(block: Diagram) -> Markup:
    text = ascii(block)
    try:
        return _render("diagram", block=block, picture=data_uri(svg(block)), text=text, missing="")
    except Missing as missing:
        return _render("diagram", block=block, picture="", text=text, missing=str(missing))


def _untitled(plot: Plot) -> dict[str, Any]:
    """The page shows the title above the chart, as for every block."""
    drawn = figure(plot)
    if drawn["layout"].pop("title", None):
        drawn["layout"]["margin"]["t"] = 40 if drawn["layout"]["showlegend"] else 24
    return drawn


def _render(template: str, **values: object) -> Markup:
    return Markup(_templates.get_template(f"{template}.html").render(**values).strip())


def _cell(value: Cell) -> Markup:
    return to_html(cell_text(value))


def _aligned(align: str, column: int) -> Markup:
    mark = align[column : column + 1]
    return Markup({">": ' class="wb-right"', "^": ' class="wb-centre"'}.get(mark, ""))


def _script_json(value: object) -> Markup:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e"))


def _linked(text: str, target: str) -> Markup:
    target = target.removeprefix("#")
    if not re.fullmatch(r"[A-Za-z0-9][\w.\-]*", target):
        return to_html(text)
    return Markup('<a href="#b-{}">{}</a>').format(target, words(text))


def _identifier(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "text"


_templates = SandboxedEnvironment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.filters |= {
    "aligned": _aligned,
    "cell": _cell,
    "identifier": _identifier,
    "linked": _linked,
    "marks": to_html,
    "percent": lambda weight: f"{weight * 100:.3g} %",
    "score": lambda score: f"{score:.2f}",
    "script_json": _script_json,
    "share": lambda score: f"{max(0.0, min(1.0, score)):.2f}",
    "words": words,
}


def compile_templates() -> None:
    """All templates, for a process that others are forked from."""
    for name in _templates.list_templates():
        _templates.get_template(name)
