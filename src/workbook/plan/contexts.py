"""Which logical service owns which entity: said in the brief, else found from what is created and kept together."""

from __future__ import annotations

from workbook.brief.model import Entity, Model


def contexts_of(model: Model) -> dict[str, str]:
    """Entity -> context.

    What the brief says stands. Else an entity goes with the one whose key it begins with, the one it is created beside,
    or - for edges, counters and series - the first it refers to; what is left is a context of its own name.
    """
    owner = {name: entity.context for name, entity in model.entities.items() if entity.context}
    attached = {name: _attached_to(name, entity, model) for name, entity in model.entities.items() if name not in owner}

    def root(name: str, seen: tuple[str, ...] = ()) -> str:
        if name in owner:
            return str(owner[name])
        target = attached.get(name)
        if target is None or target in seen or target == name:
            return name
        return root(target, (*seen, name))

    return {name: root(name) for name in model.entities}


def _attached_to(name: str, entity: Entity, model: Model) -> str | None:
    if entity.key:
        first = entity.fields.get(entity.key[0])
        if first is not None and first.ref in model.entities and first.ref != name:
            return first.ref
    for operation in model.operations.values():
        if name in operation.creates and operation.entity != name and not _has_writer(name, model):
            return operation.entity
    if entity.kind in ("edge", "counter", "series", "event", "memory"):
        for field in entity.fields.values():
            if field.ref in model.entities and field.ref != name:
                return field.ref
    return None


def _has_writer(name: str, model: Model) -> bool:
    return any(o.entity == name and not o.reads for o in model.operations.values())
