"""The choice of a brief on the first page. A page of the app hands it on to the sections (see the template); a notebook is told how."""

from __future__ import annotations

import os
import re
from html import escape
from pathlib import Path
from typing import Any

from ipywidgets import HTML, Dropdown, Layout, VBox

from workbook.brief import examples
from workbook.widgets.session import Session


def build(session: Session) -> VBox:
    """A list of the examples and the user's own briefs; choosing one opens it in this notebook."""
    names = choices(session)
    current = str(session.source) if str(session.source) in names.values() else None
    choose = Dropdown(
        description="Brief",
        options=[("", None), *names.items()] if current is None else list(names.items()),
        value=current,
        style={"description_width": "4em"},
        layout=Layout(width="32em", max_width="100%"),
    )
    way = HTML()

    def chosen(change: dict[str, Any]) -> None:
        if change["new"]:
            session.switch(change["new"])

    def draw() -> None:
        way.value = _way(session)

    choose.observe(chosen, "value")
    session.listen(draw)
    draw()
    return VBox([choose, way])


def choices(session: Session) -> dict[str, str]:
    """Label -> what to open: the examples, then the files of the user's folder."""
    found = {f"{name} (example)": name for name in examples()}
    for path in sorted(session.folder.glob("*.yaml")) if session.folder else []:
        if path.stem in examples():
            found = {
                (f"{path.name} (your copy)" if source == path.stem else label): source
                for label, source in found.items()
            }
        elif re.search(r"(?m)^system\s*:", path.read_text(encoding="utf-8", errors="replace")):
            found[path.name] = str(path)
    return found


def _way(session: Session) -> str:
    name = Path(str(session.source)).name
    if os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return f'<p data-brief="{escape(name)}">The sections below open for <strong>{escape(name)}</strong>.</p>'
    return f"<p>In a section's notebook, write <code>brief = {escape(repr(str(session.source)))}</code> in the cell with the parameters.</p>"
