"""What a notebook holds in hand: one brief, shown section by section, the same in JupyterLab, Voila and papermill."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from workbook.artifacts.writing import markdown
from workbook.brief import BriefError, examples
from workbook.document import show as drawing
from workbook.document.blocks import Block, Section, Subsection
from workbook.widgets.session import Session

if TYPE_CHECKING:
    import pandas as pd

    from workbook.brief import Brief
    from workbook.plan import Plan

_PAPERMILL = re.compile(r"^# Parameters(\s|$)")
_ONCE = "if (!window.workbookCopies) {{ window.workbookCopies = true;\n{}\n}}"


def open(brief: str | Path = "chat", overrides: Mapping[str, str] | None = None) -> Book:
    """Open a brief: a file, or the name of an example. `overrides` are laid over it for this notebook only, the file stays.

    In a live notebook a brief that can't be read is explained on the page, and everything appears once the file is mended; when
    headless it raises BriefError.
    """
    return Book(brief, overrides, live=is_live())


def is_live() -> bool:
    """Whether somebody can answer: a notebook in a front end, not one run by papermill or by `workbook run`."""
    shell = _shell()
    if shell is None or os.environ.get("WORKBOOK_HEADLESS"):
        return False
    if not hasattr(shell, "kernel"):
        return False
    return not any(_PAPERMILL.match(cell) for cell in shell.user_ns.get("In", ()))


def _shell() -> Any:
    import sys

    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython else None


class Demand:
    """The numbers as plain DataFrames to go on with."""

    def __init__(self, plan: Plan) -> None:
        self._tables = plan.tables()

    def __getattr__(self, name: str) -> pd.DataFrame:
        import pandas as pd

        if name.startswith("_") or name not in self._tables:
            raise AttributeError(f"there is no table {name}; there are {', '.join(self._tables)}")
        return pd.DataFrame(self._tables[name])

    def __dir__(self) -> list[str]:
        return sorted(self._tables)


class Book:
    """A brief and everything derived from it, ready to be shown."""

    def __init__(self, brief: str | Path, overrides: Mapping[str, str] | None = None, *, live: bool = False) -> None:
        self.live = live
        if not live:
            self._session = Session(brief, overrides)
            if self._session.problem is not None:
                raise _plain(self._session.problem)
            _display(self._header(), {"part": "header"})
            return
        folder = Path(os.environ.get("WORKBOOK_FOLDER") or Path.cwd())
        folder.mkdir(parents=True, exist_ok=True)
        self._session = Session(_asked_for(folder) or brief, overrides, folder=folder)
        # Voila describes the request in CGI's variables; graphviz sees SERVER_NAME and then refuses to load any icon.
        os.environ.pop("SERVER_NAME", None)
        self._view(lambda: [self._header()])
        self._session.watch()

    @property
    def brief(self) -> Brief:
        """The brief as read, with the overrides applied."""
        return self.plan.brief

    @property
    def plan(self) -> Plan:
        """Everything derived from the brief. Raises BriefError while it can't be read."""
        if self._session.plan is None or self._session.problem is not None:
            raise _plain(self._session.problem or BriefError([]))
        return self._session.plan

    @property
    def demand(self) -> Demand:
        """Tables of numbers: `book.demand.operations`, `book.demand.entities`."""
        return Demand(self.plan)

    def show(self, part: str) -> None:
        """Show a section (`2`), a subsection (`2.2`) or a block (`6.2.messages`). In a live notebook it follows every change."""
        if self.live:
            self._session.refresh()
            self._view(lambda: [data for block in self._find(part) for data in drawing.bundles(block)])
            return
        for block in self._find(part):
            mark = {"block": block.id, "title": block.title if isinstance(block, Subsection) else ""}
            for data in drawing.bundles(block):
                _display(data, mark)
                mark = {"block": block.id}

    def ask(self, form: str) -> None:
        """Show the form of that name; nothing when nobody is there to answer."""
        if not self.live:
            return
        from IPython.display import display

        from workbook.widgets import chooser, forms

        self._session.refresh()
        display(chooser.build(self._session) if form == "brief" else forms.build(self._session, form))

    def _find(self, part: str) -> list[Block]:
        number = part.partition(".")[0]
        if not number.isdigit() or not 0 <= int(number) <= 13:
            raise LookupError(
                f'"{part}" is not the number of a section, subsection or block, as in 2, 2.2 or 6.2.messages'
            )
        section: Section = self._session.section(int(number))
        if part == number:
            return list(section.subsections)
        found = [block for block in section.walk() if block.id == part]
        if not found:
            known = ", ".join(subsection.id for subsection in section.subsections)
            missing = f'There is no "{part}" in this design; section {number} has {known}.'
            if not self.live:
                raise LookupError(missing)
            from workbook.document.blocks import Note

            return [Note(id=part, text=missing, tone="warning")]
        return found[:1]

    def _view(self, make: Any) -> None:
        from IPython.display import display

        from workbook.widgets.views import View

        display(View(self._session, make).widget)

    def _header(self) -> dict[str, Any]:
        brief = self.plan.brief
        name = brief.path.name if brief.path else brief.name
        said = f"{name}, revision {brief.revision}"
        if self._session.is_example:
            said += " (an example: read-only, the first edit makes a copy)"
        over = "".join(
            f"<li><code>{escape(key)}</code> is <code>{escape(str(value))}</code> here</li>"
            for key, value in brief.overrides.items()
        )
        problems = [problem for problem in self.plan.problems if problem.severity == "error"]
        found = "".join(f"<li>{escape(problem.what)}</li>" for problem in problems)
        html = f'<style>{drawing.style()}</style><div class="wb-block wb-book">'
        html += f'<p><strong>{escape(brief.system)}</strong> <span class="wb-remark">{escape(said)}</span></p>'
        if over:
            html += f'<p class="wb-remark">Laid over the file in this notebook:</p><ul>{over}</ul>'
        if found:
            html += f'<div class="wb-callout wb-danger" role="note"><p class="wb-callout-title">Not met</p><ul>{found}</ul></div>'
        if self.live:
            html += f"<script>{_ONCE.format(drawing.COPY_SCRIPT)}</script>"
        return {
            "text/html": html + "</div>",
            "text/markdown": f"{markdown.strong(brief.system)} ({markdown.inline(said)})",
            "text/plain": f"{brief.system} ({said})",
        }


def _asked_for(folder: Path) -> str | Path | None:
    """The brief named in the address of a Voila page (`?brief=feed`): an example, or a file of the user's own folder. Never a path."""
    if not os.environ.get("SERVER_SOFTWARE", "").startswith("voila"):
        return None
    name = parse_qs(os.environ.get("QUERY_STRING", "")).get("brief", [""])[0]
    if name in examples():
        return name
    if re.fullmatch(r"[\w-]+\.yaml", name) and (folder / name).is_file():
        return folder / name
    return None


def _display(data: dict[str, Any], mark: Mapping[str, str]) -> None:
    shell = _shell()
    if shell is None:
        if mark.get("part") != "header":
            print(data.get("text/markdown", ""))
        return
    from IPython.display import display

    display(data, raw=True, metadata={"workbook": {key: value for key, value in mark.items() if value}})


def _plain(error: BriefError) -> BriefError:
    """The same error, shown by IPython as its message alone: the reader's file is at fault, not a line of ours."""
    error._render_traceback_ = lambda *_: [f"{type(error).__name__}: {error}"]  # type: ignore[attr-defined]
    return error
