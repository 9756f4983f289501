"""Views that follow the brief: each is drawn again when what it shows has changed."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from ipywidgets import Output

from workbook.brief import BriefError
from workbook.widgets.session import Session

Bundle = dict[str, Any]


class View:
    """An output area that always shows what `make` says of the present brief."""

    def __init__(self, session: Session, make: Callable[[], list[Bundle]]) -> None:
        self.widget = Output()
        self._make = make
        session.listen(self.draw)
        self.draw()

    def draw(self) -> None:
        """Draw again; nothing is sent to the page when nothing has changed."""
        try:
            shown = self._make()
        except BriefError as error:
            shown = [problem_bundle(error)]
        outputs = tuple({"output_type": "display_data", "data": data, "metadata": {}} for data in shown)
        if outputs != self.widget.outputs:
            self.widget.outputs = outputs


def problem_bundle(error: BriefError) -> Bundle:
    """Every problem of a brief, readable: where, what, and what to do."""
    title = "The brief can't be read."
    lines = [(p.place, p.what, p.remedy) for p in error.problems]
    items = "".join(f"<li><code>{escape(place)}</code> {escape(what)}<br><em>{escape(remedy)}</em></li>" for place, what, remedy in lines)
    text = "\n".join(f"- `{place}` {what}. {remedy}" for place, what, remedy in lines)
    return {
        "text/html": f'<div class="wb-block"><div class="wb-callout wb-danger" role="alert"><p class="wb-callout-title">{title}</p><ul>{items}</ul></div></div>',
        "text/markdown": f"**{title}**\n\n{text}",
        "text/plain": str(error),
    }
