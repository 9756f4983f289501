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
        except Exception as error:  # noqa: BLE001 (a page that follows an edit has nobody to raise to; the rest of it goes on)
            shown = [fault_bundle(error)]
        outputs = tuple({"output_type": "display_data", "data": data, "metadata": {}} for data in shown)
        if outputs != self.widget.outputs:
            self.widget.outputs = outputs


def problem_bundle(error: BriefError) -> Bundle:
    """Every problem of a brief, readable: where, what, and what to do."""
    lines = [(p.place, p.what, p.remedy) for p in error.problems]
    items = "".join(
        f"<li><code>{escape(place)}</code> {escape(what)}<br><em>{escape(remedy)}</em></li>"
        for place, what, remedy in lines
    )
    text = "\n".join(f"- `{place}` {what}. {remedy}" for place, what, remedy in lines)
    return _alert("The brief can't be read.", f"<ul>{items}</ul>", text)


def fault_bundle(error: Exception) -> Bundle:
    """A fault of ours, in the place of what it kept from being shown."""
    said = f"{type(error).__name__}: {error}"
    return _alert("This part could not be made. It is a fault of the workbook.", f"<pre>{escape(said)}</pre>", said)


def _alert(title: str, html: str, text: str) -> Bundle:
    box = f'<div class="wb-callout wb-danger" role="alert"><p class="wb-callout-title">{title}</p>{html}</div>'
    return {
        "text/html": f'<div class="wb-block">{box}</div>',
        "text/markdown": f"**{title}**\n\n{text}",
        "text/plain": f"{title}\n{text}",
    }
