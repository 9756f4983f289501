"""Structures from what the brief says: each entity is one, its shape follows from its kind; others are said as such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from workbook.brief import structures as said_of
from workbook.brief.fields import FieldType
from workbook.brief.model import Entity
from workbook.brief.shapes import PARAMETERS, SHAPE_OF_KIND, Loss, Shape
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Amount, Line, Path, Value, Verb, lines
from workbook.plan.complete import Complete
from workbook.plan.form.model import Structure, Topic

KEPT_BY_THE_SYSTEM: Mapping[str, tuple[str, Value]] = {
    "id": ("id", Path(("new",))),
    "created_at": ("time", Path(("now",))),
    "updated_at": ("time", Path(("now",))),
    "version": ("int", Amount(quantity("0"))),
}
"""Fields that the language sets aside: their type, and what a new row gets. BRIEF.md, "Entities"."""


def kept(name: str, type_: FieldType) -> bool:
    """Whether the system fills and changes a field: it is called so and of that type."""
    return name in KEPT_BY_THE_SYSTEM and KEPT_BY_THE_SYSTEM[name][0] == type_.kind


def structures(complete: Complete) -> dict[str, Structure]:
    """Every structure that the brief says: the entities, then those of `structures`."""
    made = {name: _of_entity(name, entity, complete) for name, entity in complete.entities.items()}
    for name, said in complete.model.structures.items():
        made[name] = of_said(name, said, made)
    return with_keys(made, made)


def with_keys(said: Mapping[str, Structure], known: Mapping[str, Structure]) -> dict[str, Structure]:
    """Structures whose references are of the type of the key that they refer to: a code, a number, a word."""
    return {n: replace(s, fields={f: as_key(t, known) for f, t in s.fields.items()}) for n, s in said.items()}


def as_key(type_: FieldType, known: Mapping[str, Structure]) -> FieldType:
    """A reference to rows whose key is no identifier is stored as that key."""
    target = known.get(type_.ref)
    if target is None or len(target.key) != 1 or type_.many:
        return type_
    key = target.fields[target.key[0]]
    if key.ref or key.kind == "id":
        return type_
    kept = {"ref": type_.ref, "default": type_.default, "optional": type_.optional, "text": type_.text}
    return replace(key, **kept)  # type: ignore[arg-type]


def topics(complete: Complete) -> dict[str, Topic]:
    """Every topic that the brief says."""
    return {name: of_topic(name, said) for name, said in complete.model.topics.items()}


CARRIED_BYTES = 4_000.0
"""Larger fields are not carried in events that tell of a row (our assumption: a small share of what brokers take)."""


def carried(topic: Topic, known: Mapping[str, Structure]) -> Topic:
    """A topic with the fields of the structure it is like."""
    if topic.like not in known:
        return topic
    rows = known[topic.like].fields.items()
    like = {n: replace(t, default=None) for n, t in rows if not t.counted and t.bytes <= CARRIED_BYTES}
    return replace(topic, fields={**like, **topic.fields})


def of_topic(name: str, said: said_of.Topic, added_by: str = "") -> Topic:
    """A topic as said."""
    return Topic(
        id=name,
        key=said.key,
        fields=said.fields,
        retention=said.retention,
        like=said.like or "",
        added_by=added_by,
    )


def key_of(entity: Entity) -> tuple[str, ...]:
    """The key: said, else `id`, else the first field of that type, else the first field."""
    if entity.key:
        return entity.key
    if "id" in entity.fields:
        return ("id",)
    ids = [n for n, t in entity.fields.items() if t.kind == "id"]
    return tuple((ids or list(entity.fields) or ["id"])[:1])


def fields_of(entity: Entity, key: tuple[str, ...]) -> dict[str, FieldType]:
    """The fields, with the defaults of those that the system keeps. An entity without fields has an id."""
    said = dict(entity.fields) or {"id": FieldType("id", 16, text="id")}
    made = {}
    for name, type_ in said.items():
        fills = kept(name, type_) and type_.default is None and (name != "id" or name in key)
        made[name] = replace(type_, default=KEPT_BY_THE_SYSTEM[name][1]) if fills else type_
    if entity.kind in ("event", "edge", "object") and not any(t.kind == "time" and t.default for t in made.values()):
        first = next((n for n, t in made.items() if t.kind == "time"), "")
        if first:
            made[first] = replace(made[first], default=Path(("now",)))
    return made


def _of_entity(name: str, entity: Entity, complete: Complete) -> Structure:
    key = key_of(entity)
    shape = _shape(name, entity, complete)
    return Structure(
        id=name,
        shape=shape,
        entity=name,
        kind=complete.kind(name),
        context=complete.contexts[name],
        key=key,
        fields=fields_of(entity, key),
        unique=entity.unique,
        count=entity.count,
        retention=entity.retention,
        loss=Loss.ALLOWED if complete.kind(name) == "memory" else Loss.NEVER,
        moves=entity.moves,
        largest={field: spread.largest for field, spread in entity.per.items()},
        sensitive=entity.sensitive or "",
        consistency=complete.consistency(name),
    )


CHANGED = frozenset({Verb.CHANGE, Verb.MOVE, Verb.ADD, Verb.REMOVE, Verb.PUT, Verb.CLAIM, Verb.TAKE, Verb.NEXT})


def _shape(name: str, entity: Entity, complete: Complete) -> Shape:
    """From the kind. What is changed or has a key of one field is kept as rows, whatever its kind says."""
    shape = SHAPE_OF_KIND[complete.kind(name)]
    if shape in (Shape.LOG, Shape.SERIES) and (_changes(name, complete) or len(key_of(entity)) < 2):
        return Shape.ROWS
    return shape


def _changes(name: str, complete: Complete) -> bool:
    """Whether some operation changes or removes what was once written."""
    for operation in complete.operations.values():
        if operation.entity == name and operation.verb in ("update", "delete"):
            return True
        if any(one.verb in CHANGED and _target(one) == name for one in lines(operation.steps or ())):
            return True
    return bool(complete.entities[name].moves)


def _target(line: Line) -> str:
    return line.target.parts[0] if line.target.parts else ""


def of_said(name: str, said: said_of.Structure, known: Mapping[str, Structure], added_by: str = "") -> Structure:
    """A structure as said, in the context of what it is made of, or of what its key refers to."""
    shape = Shape(said.shape)
    settings = {p: getattr(said, p) for p in PARAMETERS[shape] if getattr(said, p) not in (None, ())}
    key = said.key or tuple(said.fields)[:1]
    return Structure(
        id=name,
        shape=shape,
        context=said.context or next(_contexts(said, key, known), ""),
        key=key,
        fields=said.fields,
        unique=said.unique,
        count=said.count,
        ttl=said.ttl,
        retention=said.retention,
        of=said.of,
        rebuild=said.rebuild or "",
        loss=Loss(said.loss) if said.loss else _loss(said),
        moves=said.moves,
        largest={field: spread.largest for field, spread in said.per.items()},
        sensitive=said.sensitive or "",
        consistency=said.consistency or "",
        settings=settings,
        added_by=added_by,
    )


def _contexts(said: said_of.Structure, key: tuple[str, ...], known: Mapping[str, Structure]) -> Iterator[str]:
    for name in said.of:
        if name in known:
            yield known[name].context
    for field in (*key, *said.fields):
        type_ = said.fields.get(field)
        if type_ and type_.ref in known:
            yield known[type_.ref].context


def _loss(said: said_of.Structure) -> Loss:
    """What is made from others and can be made again may be lost; else nothing may."""
    return Loss.REBUILT if said.rebuild else Loss.NEVER


def index_of(entity: Structure, texts: tuple[str, ...], name: str, rebuild: str) -> Structure:
    """The search index of an entity: its key and the texts that are searched."""
    return Structure(
        id=name,
        shape=Shape.SEARCH,
        context=entity.context,
        key=entity.key,
        fields={f: replace(entity.fields[f], default=None) for f in (*entity.key, *texts)},
        of=(entity.id,),
        loss=Loss.REBUILT,
        rebuild=rebuild,
        sensitive=entity.sensitive,
        settings={"text": texts},
        added_by="search",
    )


def began(structure: Structure) -> str:
    """The field that says when a row was written: a time that is set to now, else the first time."""
    times = {n: t for n, t in structure.fields.items() if t.kind == "time"}
    made = [n for n, t in times.items() if t.default == Path(("now",))]
    return (made or list(times) or [""])[0]
