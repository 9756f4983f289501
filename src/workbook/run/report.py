"""One report from what the notebooks put out: a page that opens offline, and the same as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from workbook import _files
from workbook.artifacts.writing import markdown as md
from workbook.document.show import COPY_SCRIPT, PLOT_SCRIPT, style
from workbook.document.show.escaping import prose
from workbook.run.outputs import Chapter


@dataclass(frozen=True)
class Cover:
    """What stands above the first section."""

    system: str
    statement: str
    brief: str
    revision: str
    overrides: tuple[tuple[str, str], ...]
    version: str
    findings: tuple[tuple[str, str], ...]
    """Severity and message of what the review found."""


def html(cover: Cover, chapters: Sequence[Chapter]) -> str:
    """The whole report as one page: style, plotly.js and figures inside, nothing loaded from elsewhere."""
    drawn = any('class="wb-plot"' in piece.html for chapter in chapters for piece in chapter.pieces)
    return template("report.html.j2").render(
        cover=cover,
        chapters=chapters,
        body={
            chapter.number: Markup("\n").join(Markup(piece.html) for piece in chapter.pieces) for chapter in chapters
        },
        style=Markup(style()),
        plotly=Markup(plotly_script() if drawn else ""),
        plot_script=Markup(PLOT_SCRIPT),
        copy_script=Markup(COPY_SCRIPT),
    )


@cache
def template(name: str) -> Template:
    """A page of assets/templates, compiled."""
    environment = SandboxedEnvironment(
        loader=FileSystemLoader(_files.path("assets/templates")),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["address"] = quote
    return environment.get_template(name)


def plotly_script() -> str:
    """plotly.js as installed. Read as a file, since importing plotly for it takes half a second."""
    spec = find_spec("plotly")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("plotly is not installed")
    source = Path(spec.submodule_search_locations[0]) / "package_data" / "plotly.min.js"
    return re.sub(r"\n//# sourceMappingURL=\S+\s*$", "\n", source.read_text(encoding="utf-8"))


def markdown(cover: Cover, chapters: Sequence[Chapter]) -> str:
    """The whole report as Markdown that any forge renders: tables, ASCII diagrams, no images."""
    lines = [md.heading(1, cover.system), ""]
    if cover.statement:
        lines += [md.paragraphs(cover.statement), ""]
    made = f"Brief {md.code(cover.brief)}, revision {md.code(cover.revision)}, workbook {md.string(cover.version)}."
    lines += [made, ""]
    if cover.overrides:
        lines += [
            "Set for this run, over what the brief says:",
            "",
            *(f"- {md.code(name)}: {md.code(value)}" for name, value in cover.overrides),
            "",
        ]
    if cover.findings:
        lines += ["## Findings", "", *(f"- **{severity}**: {prose(text)}" for severity, text in cover.findings), ""]
    lines += ["## Contents", ""]
    lines += [f"- [{_title(chapter)}](#{_anchor(f'{chapter.number} {chapter.title}')})" for chapter in chapters]
    for chapter in chapters:
        lines += ["", f"## {_title(chapter)}", ""]
        lines += ["\n\n".join(piece.markdown.strip() for piece in chapter.pieces if piece.markdown.strip())]
        if chapter.error:
            lines += ["", f"> **This section could not be made.** {md.string(chapter.error)}"]
    return re.sub(r"[ \t]+\n", "\n", "\n".join(lines)).rstrip() + "\n"


def _title(chapter: Chapter) -> str:
    return md.heading(2, f"{chapter.number} {chapter.title}").removeprefix("## ")


def _anchor(heading: str) -> str:
    """What forges make of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
