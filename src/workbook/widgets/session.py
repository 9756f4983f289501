"""An open brief: its file, what is laid over it, the plan that follows, and who wants to hear of a change."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook import _files
from workbook.brief import Brief, BriefError, examples, load, loads
from workbook.brief.edits import Conflict, changed, revision, save
from workbook.plan import derive

if TYPE_CHECKING:
    from workbook.document.blocks import Section
    from workbook.plan import Plan
    from workbook.proof.record import Record

POLL_SECONDS = 2.0
PROOFS = "WORKBOOK_PROOFS"
"""The variable that names the file of what the engines said in this run."""
RECORD = "proofs.json"
"""That file, beside the notebooks that a run has executed: run again, they say the same."""


def proofs() -> Record:
    """What engines and attacks found, where this run asked them, or the run that left these notebooks."""
    from workbook.proof import record

    named = os.environ.get(PROOFS) or (RECORD if Path(RECORD).is_file() else "")
    return record.read(Path(named).read_text(encoding="utf-8")) if named else record.Record()


class Session:
    """One brief as a notebook holds it open. The file is the only state: everything here is read from it again after each change."""

    def __init__(
        self, source: str | Path, overrides: Mapping[str, Any] | None = None, folder: Path | None = None
    ) -> None:
        self.folder = folder.absolute() if folder else None
        """Where the user's own briefs are; without one an example is opened as it is, and can't be changed."""
        self.source = source
        self.overrides = dict(overrides or {})
        self.path: Path | None = None
        self.beneath: Brief | None = None
        """What the file says, without the overrides."""
        self.plan: Plan | None = None
        self.problem: BriefError | None = None
        self.notice = ""
        """What a reader should know about the last change, e.g. that an example was copied."""
        self._earlier: list[str] = []
        self._listeners: list[Callable[[], None]] = []
        self._sections: dict[int, Section] = {}
        self._seen: tuple[int, int] | None = None
        self._watch: asyncio.Task[None] | None = None
        self.read()

    @property
    def is_example(self) -> bool:
        """Whether the file came with the package and is left as it is."""
        return self.path is not None and self.path.resolve().parent == _files.path("assets/briefs").resolve()

    def own_copy(self) -> Path | None:
        """The user's copy of the example that is meant, where there is one."""
        if self.folder is None or self.source not in examples():
            return None
        copy = self.folder / f"{self.source}.yaml"
        return copy if copy.is_file() else None

    def read(self) -> None:
        """Read the file again, derive the plan, and tell everyone. A brief that can't be read becomes `problem`."""
        self._sections = {}
        try:
            found = load(self.own_copy() or self.source, self.overrides)
            self.path = found.path
            self._seen = self._stamp()
            self.beneath = load(found.path, {}) if found.path and self.overrides else found
            self.plan, self.problem = derive(found), None
        except BriefError as error:
            self.problem = error
            self.path = self.path or (Path(self.source) if Path(self.source).is_file() else None)
            self._seen = self._stamp()
        for listener in list(self._listeners):
            listener()

    def switch(self, source: str | Path) -> None:
        """Open another brief in this one's place."""
        self.source, self.path, self.notice, self._earlier = source, None, "", []
        self.read()

    def section(self, number: int) -> Section:
        """One of the fourteen sections of the present plan, built once per plan. Raises BriefError while there is none."""
        from workbook import document
        from workbook.document.page import Page

        if self.plan is None or self.problem is not None:
            raise self.problem or BriefError([])
        if number not in self._sections:
            found = None if self.folder else proofs()
            said, verdicts = (found.artifacts, found.promises) if found is not None else ({}, {})
            page = Page(self.plan, said, self.folder is None, verdicts)
            self._sections[number] = document.section(self.plan, number, page=page)
        return self._sections[number]

    def change(self, changes: Mapping[str, Any]) -> None:
        """Save new values (None takes one out) and derive again.

        An example is copied to the user's folder first. Raises BriefError where the result is not valid, and Conflict where somebody
        saved a newer file; the file is then as it was.
        """
        if self.path is None or self.beneath is None:
            raise self.problem or BriefError([])
        text = self.path.read_text(encoding="utf-8")
        if revision(text) != self.beneath.revision:
            expected = self.beneath.revision
            self.read()
            raise Conflict(self.path, expected, revision(text), text)
        new = changed(text, changes)
        derive(loads(new, name=self.path.name, path=self.path))
        self.notice = ""
        if self.is_example:
            copy = (self.folder or Path.cwd()) / self.path.name
            save(copy, new)
            where = os.path.relpath(copy)
            self.notice = f"The example {self.path.stem} is read-only. Your copy is {where}: this and every further change goes there."
            if self.source not in examples():
                self.source = copy
        else:
            save(self.path, new, revision(text))
        self._earlier.append(text)
        self.read()

    @property
    def can_undo(self) -> bool:
        """Whether there is a change of this session to take back."""
        return bool(self._earlier) and not self.is_example

    def undo(self) -> None:
        """Take back the last change made here. Raises Conflict where somebody saved a newer file since."""
        if not self.can_undo or self.path is None or self.beneath is None:
            return
        save(self.path, self._earlier[-1], self.beneath.revision)
        self._earlier.pop()
        self.notice = "The last change was taken back."
        self.read()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this after every change of the brief, whoever made it."""
        self._listeners.append(listener)

    def refresh(self) -> bool:
        """Read again if the file is not the one last read; says whether it was."""
        if self._stamp() == self._seen:
            return False
        known = self.beneath.revision if self.beneath else ""
        self.read()
        if self.problem is None and self.beneath and self.beneath.revision != known:
            self._earlier.clear()
        return True

    def _stamp(self) -> tuple[int, int] | None:
        place = self.own_copy() or self.path
        try:
            found = place.stat() if place else None
        except OSError:
            return None
        return (found.st_mtime_ns, found.st_size) if found else None

    def watch(self) -> None:
        """Look for a newer file every two seconds, as long as this kernel runs and somebody holds the session."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._watch is None:
            self._watch = loop.create_task(_look(weakref.ref(self)))


async def _look(reference: weakref.ref[Session]) -> None:
    while True:
        await asyncio.sleep(POLL_SECONDS)
        session = reference()
        if session is None:
            return
        session.refresh()
        del session
