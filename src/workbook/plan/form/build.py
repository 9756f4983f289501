"""The logical form of a completed brief: its structures, and its operations as steps, said or by default."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from workbook.brief.model import Integration
from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Start, lines
from workbook.brief.structures import Call
from workbook.plan.complete import Complete
from workbook.plan.form import structures
from workbook.plan.form.defaults import into_form
from workbook.plan.form.defaults.logical import DEFAULT_CALL, Logical, followers
from workbook.plan.form.model import Form, Open, Operation, Persona, Promise, Structure


def build(complete: Complete) -> Form:
    """Everything that the brief says, as structures and steps. Names are resolved later."""
    personas = {
        n: Persona(id=n, entity=_entity(p.is_), token=p.token, said=p.is_ is not None)
        for n, p in complete.model.personas.items()
    }
    into = Logical(complete, structures.structures(complete), structures.topics(complete), personas)
    into.told.update(n for n, o in complete.model.operations.items() if followers(n, complete) or o.fan_out is not None)
    _push_first(into)
    for name, said in complete.model.operations.items():
        into_form(name, said, into)
    placed = _placed(into)
    return Form(
        structures=placed,
        topics={n: structures.carried(t, placed) for n, t in into.topics.items()},
        operations=into.operations,
        promises=tuple(_promises(complete, into.operations)),
        personas=personas,
        integrations={n: _callable(i) for n, i in complete.model.integrations.items()},
        processors={**into.processors, **complete.model.processors},
        tunables=dict(complete.model.tunables),
        tenant=complete.model.tenant or "",
        open=(*into.open, *_unknown_personas(complete, personas)),
    )


def _push_first(into: Logical) -> None:
    """Who subscribes decides who must tell: those are read before the others."""
    for name, said in into.complete.model.operations.items():
        if said.verb == "subscribe" and said.steps is None:
            into_form(name, said, into)
    into.open.clear()


def _entity(said: str | None) -> str:
    return "" if said in (None, "none") else str(said)


def _callable(integration: Integration) -> Integration:
    """An integration that names no call has one."""
    if integration.calls:
        return integration
    return integration.model_copy(update={"calls": {DEFAULT_CALL: Call(p99=integration.p99)}})


def _placed(into: Logical) -> dict[str, Structure]:
    """Structures that name no context belong to that of the operation which writes them."""
    made = {}
    for name, structure in into.structures.items():
        made[name] = structure if structure.context else replace(structure, context=_writer_context(name, into))
    return made


def _writer_context(structure: str, into: Logical) -> str:
    for operation in into.operations.values():
        if any(one.target.parts[:1] == (structure,) for one in lines(operation.nodes)):
            return operation.context
    return next(iter(into.complete.contexts.values()), "")


def _promises(complete: Complete, operations: Mapping[str, Operation]) -> Iterator[Promise]:
    """Said promises, those inside goals, and those that older words of the language stand for.

    What starts by itself has no caller who repeats it: there `idempotent` means that it is handled once (passes/handled.py).
    """
    for said in complete.model.promises:
        yield _promise(said.kind, said.about, said.said, said.goals, "brief")
    for goal in complete.model.goals:
        if goal.promise is not None:
            kept = goal.promise
            yield _promise(kept.kind, kept.about, kept.said, (goal.text, *kept.goals), "goals")
    for entity, about in complete.entities.items():
        for columns in about.unique:
            yield _promise(PromiseKind.UNIQUE, entity, {"by": columns}, (), f"entities.{entity}.unique")
        for moved in about.moves:
            yield _promise(PromiseKind.FOLLOWS, f"{entity}.{moved}", {}, (), f"entities.{entity}.moves")
    for name, operation in complete.model.operations.items():
        if operation.idempotent and not operation.reads and operations[name].starts.kind is Start.CALLER:
            said_of: dict[str, Any] = {"by": ("body.request",)}
            yield _promise(PromiseKind.REPEATABLE, name, said_of, (), f"operations.{name}.idempotent")


def _promise(kind: PromiseKind, about: str, said: Mapping[str, Any], goals: tuple[str, ...], origin: str) -> Promise:
    told = said.get("by", ())
    tail = ".".join(str(t) for t in told) if isinstance(told, tuple) else ""
    identifier = ".".join(p for p in (kind.value, about, tail) if p)
    return Promise(id=identifier, kind=kind, about=about, said=said, goals=goals, origin=origin)


def _unknown_personas(complete: Complete, personas: Mapping[str, Persona]) -> Iterator[Open]:
    for name in dict.fromkeys(o.by for o in complete.operations.values() if o.by):
        if name not in personas or not personas[name].said:
            yield Open(
                f"personas.{name}",
                f"nobody says which entity {name} is a row of. Write personas.{name}.is: ENTITY, or none.",
            )
