"""Names of what a design adds: never those that a brief gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count

from workbook.brief.model import Model
from workbook.plan.form.model import Form
from workbook.plan.naming import same


def free(wanted: str, known: Iterable[str]) -> str:
    """The name itself where nothing is called like it in any spelling, else with a number behind it."""
    taken = {same(name) for name in known}
    return next(name for name in _tries(wanted) if same(name) not in taken)


def _tries(wanted: str) -> Iterator[str]:
    yield wanted
    yield from (f"{wanted}_{number}" for number in count(2))


def of_form(form: Form) -> Iterator[str]:
    """Everything that a form calls by a name."""
    for names in (form.structures, form.topics, form.operations, form.integrations, form.processors):
        yield from names


def of_model(model: Model) -> Iterator[str]:
    """Everything that a brief calls by a name."""
    parts = (model.populations, model.entities, model.structures, model.topics, model.operations)
    for names in (*parts, model.integrations, model.processors):
        yield from names
