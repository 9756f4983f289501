"""Which capabilities a brief names, to what they are bound, and what stays open: the input of the choice of approaches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbook.brief.structures import CapabilityUse
from workbook.catalog import loader
from workbook.catalog.model import Capability
from workbook.plan.complete import Complete
from workbook.plan.form.model import Form, Open
from workbook.plan.mechanisms.bind import Binding, Unbound, bind
from workbook.plan.mechanisms.roles import Facts


@dataclass(frozen=True)
class Use:
    """A capability that is built: where it is named, and to what it is bound."""

    id: str
    """The capability, and its subject where it is used twice."""
    binding: Binding
    prefix: str = ""
    feature: str = ""


@dataclass(frozen=True)
class Uses:
    """Every capability that the brief names: built ones, and why the others are not."""

    built: tuple[Use, ...]
    open: tuple[Open, ...]


def uses(complete: Complete, form: Form) -> Uses:
    """Bind what is named. What finds nobody, or is described and not built, stands in `open`."""
    facts = Facts(form, complete.operations)
    bound: list[tuple[Binding, str]] = []
    open_: list[Open] = []
    for use, feature, operations in _named(complete):
        capability = loader.capabilities()[use.name]
        if not capability.built:
            why = _not_built(capability, complete, operations)
            open_.extend([Open(f"capabilities.{use.name}", why)] if why else [])
            continue
        found = bind(capability, use, facts, operations)
        if isinstance(found, Unbound):
            open_.append(Open(f"capabilities.{use.name}", found.why))
        elif not any(_same(found, other) for other, _ in bound):
            bound.append((found, feature))
    return Uses(tuple(_identified(bound)), tuple(open_))


def _not_built(capability: Capability, complete: Complete, operations: tuple[str, ...]) -> str:
    """Why a capability without approaches is not there; empty where an operation has it by default."""
    plain = capability.by_default
    if plain is None:
        return f"{capability.title} is described in the catalog and not built yet."
    said = [complete.operations[n] for n in operations or complete.operations if n in complete.operations]
    if any(o.verb in plain.verbs or (plain.idempotent and o.idempotent) for o in said):
        return ""
    wanted = "idempotent: true" if plain.idempotent else f"does: {plain.verbs[0]} ENTITY"
    return f"{capability.title} is what operations with `{wanted}` come to, and none of these is one."


def _named(complete: Complete) -> Iterator[tuple[CapabilityUse, str, tuple[str, ...]]]:
    """Capabilities as named: those of the brief, then those of its features with their operations."""
    seen = set()
    for use in complete.model.capabilities:
        seen.add((use.name, tuple(sorted(use.roles.items()))))
        yield use, "", ()
    for feature, said in complete.model.features.items():
        for use in said.capabilities:
            if (use.name, tuple(sorted(use.roles.items()))) not in seen:
                yield use, feature, said.operations


def _same(one: Binding, other: Binding) -> bool:
    return one.capability.id == other.capability.id and {n: p.id for n, p in one.players.items()} == {
        n: p.id for n, p in other.players.items()
    }


def _identified(bound: list[tuple[Binding, str]]) -> Iterator[Use]:
    """A capability that is used twice takes its subject into its name and into the names of what it adds."""
    names = [b.capability.id for b, _ in bound]
    for binding, feature in bound:
        name = binding.capability.id
        twice = names.count(name) > 1
        yield Use(f"{name}.{binding.subject}", binding, binding.subject if twice else "", feature)
