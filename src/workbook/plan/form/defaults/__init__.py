"""Steps where the brief says only a verb: what `create appointment` comes to. BRIEF.md, "Steps by default"."""

from __future__ import annotations

from workbook.brief.model import Operation as Said
from workbook.brief.steps.syntax import Node, Starts
from workbook.plan.form.defaults.held import subscribe
from workbook.plan.form.defaults.inside import compute, notify
from workbook.plan.form.defaults.logical import Logical, default_start
from workbook.plan.form.defaults.reads import aggregate, fetch, list_rows, read, search
from workbook.plan.form.defaults.writes import create, delete, update, upload
from workbook.plan.form.model import Operation


def into_form(name: str, said: Said, into: Logical) -> None:
    """The operation of the form for one of the brief, and what else its verb needs."""
    context = into.complete.contexts.get(said.entity, "")
    starts, nodes = _starts_and_steps(name, said, into)
    lasts = said.lasts
    into.operations[name] = Operation(
        id=name,
        starts=starts,
        nodes=nodes,
        context=context,
        caller=said.by or "",
        over=said.over or "",
        share=said.share,
        lasts=lasts,
    )


def _starts_and_steps(name: str, said: Said, into: Logical) -> tuple[Starts, tuple[Node, ...]]:
    if said.steps is not None:
        return said.starts or Starts(), said.steps
    starts = said.starts or default_start(name, said, into)
    make = _MAKERS[said.verb]
    nodes = tuple(make(name, said, into.structures[said.entity], starts, into))
    return starts, nodes


_MAKERS = {
    "create": create,
    "upload": upload,
    "update": update,
    "delete": delete,
    "read": read,
    "list": list_rows,
    "search": search,
    "download": fetch,
    "stream": fetch,
    "subscribe": subscribe,
    "aggregate": aggregate,
    "compute": compute,
    "notify": notify,
}
