"""Which rows are copied into memory, so that look-ups of them need not reach the database?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from workbook.brief.promises import PromiseKind
from workbook.brief.quantities import Quantity
from workbook.brief.shapes import Loss, Shape
from workbook.brief.steps import parse as steps
from workbook.brief.steps.reader import quantity
from workbook.brief.steps.syntax import Each, Line, Node, Together, Verb, When, lines
from workbook.catalog import loader
from workbook.catalog.model import Pattern
from workbook.plan.form.added import free, of_form
from workbook.plan.form.model import GroupKind, Operation, Structure
from workbook.plan.form.terms import Every
from workbook.plan.form.verbs import WRITES
from workbook.plan.load.walk import Run
from workbook.plan.mechanisms.compose import add
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, bound, lacks
from workbook.plan.passes.world import DATABASE, MEMORY, World
from workbook.plan.texts import brief_number
from workbook.prose import say

NONE = Pattern(
    id="no_copy",
    name="No copy",
    family="copies",
    summary="The database answers every look-up.",
    use_when="It has the rows in memory and the look-ups are few.",
    pros=("Always fresh", "Nothing to invalidate"),
    cons=("Every look-up costs the database",),
    complexity=0.0,
)
WORTH = 1_000.0
"""Look-ups a second of one kind of row from which a copy is worth its invalidation (our assumption: a twentieth of one database node)."""
LIFETIME = "1 hour"
"""A write removes the copy; one whose removal was lost on the way goes by itself after that (our assumption)."""
PER_WRITE = 3.0
"""Look-ups for each write from which a copy is read more than it is thrown away (our assumption)."""


class Copies(Pass):
    """Asked for each structure that is looked up by key."""

    id = "copies"
    phase = Phase.COPIES
    several = True
    title = "Copies in memory"
    question = "Are rows copied into memory?"

    def subjects(self, world: World) -> Iterable[str]:
        if MEMORY not in world.stores:
            return ()
        return [n for n, s in world.form.structures.items() if _copied(s, world) and _lookups(world, n) > 0]

    def asked(self, world: World, subject: str) -> str:
        return f"Are rows of {subject.replace('_', ' ')} copied into memory?"

    def options(self, world: World, subject: str) -> Iterable[Option]:
        aside = loader.patterns()["cache_aside"]
        return [Option(NONE.id, NONE.name, 0.0, NONE), Option(aside.id, aside.name, aside.complexity, aside)]

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        if option.id == NONE.id:
            return
        strict = [
            p for p in world.pledges if p.kind is PromiseKind.FRESH and p.structure == subject and _at_once(p.said)
        ]
        yield lacks("what is read must be the last that was written", not strict)
        strong = world.form.structures[subject].consistency == "strong"
        yield lacks("its reads are strongly consistent", not strong)
        said = world.complete.model.quality.staleness
        yield lacks("no read may be old", said is None or said.best > 0)
        writes = world.load.of_structure("rows_written", subject)
        yield bound("look-ups for each write", _lookups(world, subject) / max(writes, 1e-9), PER_WRITE)

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"look-ups taken off": 0.6, "simplicity": 0.4}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        busy = _lookups(world, subject)
        worth = min(1.0, busy / WORTH / 2)
        taken = Score(
            1 - worth if option.id == NONE.id else 1.0, say(f"{brief_number(busy)} look-ups/s at peak"), moves=True
        )
        simple = 1.0 if option.id == NONE.id else 0.55
        return {
            "look-ups taken off": taken,
            "simplicity": Score(simple, say("" if simple == 1.0 else "entries go with each write")),
        }

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        if option is None or option.id == NONE.id:
            return world
        copy = _copy(world.form.structures[subject], world)
        form = replace(world.form, structures={**world.form.structures, copy.id: copy})
        operations = {
            n: _with_copy(o, world.form.structures[subject], copy, hit(world, subject))
            for n, o in form.operations.items()
        }
        return world.with_form(replace(form, operations=operations)).with_store(world.stores[MEMORY], copy.id)


BUSY = 600.0
"""Look-ups a second of one kind of row from which the scores of this choice speak for a copy."""


def wanted(world: World) -> bool:
    """Whether rows of some structure are looked up often enough that a copy of them will be chosen."""
    return any(_worth(s, world) for s in world.form.structures.values() if _copied(s, world))


def _worth(structure: Structure, world: World) -> bool:
    busy, writes = _lookups(world, structure.id), world.load.of_structure("rows_written", structure.id)
    return structure.consistency != "strong" and busy >= BUSY and busy >= PER_WRITE * writes


def _copied(structure: Structure, world: World) -> bool:
    home = world.home(structure.id)
    shaped = structure.shape in (Shape.ROWS, Shape.OBJECT) and structure.sensitive != "secret"
    return (
        bool(structure.entity)
        and shaped
        and home is not None
        and home.role == DATABASE
        and Verb.TAKE not in world.touched.get(structure.id, ())
    )


def _at_once(said: Mapping[str, object]) -> bool:
    within = said.get("within")
    return isinstance(within, Quantity) and within.best == 0


def _lookups(world: World, structure: str) -> float:
    """Look-ups a second that a copy could answer: those that are read through it."""
    load, key = world.load, set(world.form.structures[structure].key)
    total = 0.0
    for i, run in enumerate(load.steps):
        if run.step.target == structure and _through(run, key):
            total += float(load.peak["keys"][i, 0])
    return total


def _through(run: Run, key: set[str]) -> bool:
    """Whether a step looks up one row by its key, outside of transactions and loops."""
    step = run.step
    plain = not step.alone and not step.where and not step.direct and step.found is None
    single = not any(isinstance(g.value, Every) for g in step.by)
    outside = all(g.kind in (GroupKind.WHEN, GroupKind.ELSE) for g in run.groups)
    return step.verb is Verb.GET and plain and single and outside and {g.field for g in step.by} == key


def hit(world: World, structure: str) -> float:
    """The share of look-ups that memory answers: said by an operation, else the default for a working set."""
    said = [
        o.hit_ratio.best
        for o in world.complete.operations.values()
        if o.entity == structure and o.reads and o.hit_ratio is not None
    ]
    return max(said) if said else world.complete.default("sizing.hit_ratio", "share").best


def _copy(structure: Structure, world: World) -> Structure:
    """The same fields under the same key, until a write removes it."""
    fields = {n: replace(t, default=None) for n, t in structure.fields.items() if t.kind != "blob" or t.bytes < 1_000}
    return Structure(
        id=free(f"{structure.id}_copy", of_form(world.form)),
        shape=Shape.REGISTRY,
        context=structure.context,
        key=structure.key,
        fields=fields,
        ttl=quantity(LIFETIME),
        of=(structure.id,),
        loss=Loss.ALLOWED,
        sensitive=structure.sensitive,
        settings={"hot": world.demand.of_entity("hot", structure.entity)},
        added_by=Copies.id,
    )


def _with_copy(operation: Operation, of: Structure, copy: Structure, share: float) -> Operation:
    nodes = _read_through(operation.nodes, of, copy, share)
    writes = [one for one in lines(nodes) if one.verb in WRITES and one.target.parts[:1] == (of.id,)]
    told = tuple(_removed(one, of, copy) for one in writes if one.verb is not Verb.APPEND)
    if told:
        nodes = add(nodes, {"tell": told}, {})
    return operation if nodes == operation.nodes else replace(operation, nodes=nodes)


def _removed(write: Line, of: Structure, copy: Structure) -> Node:
    """After a write the copy goes: whoever looks next fills it anew."""
    name = write.name or of.id
    many = any(isinstance(p.value, Each) for p in write.by)
    word = "each " if many else ""
    given = {p.field: p.value for p in write.by}
    pairs = [f"{k} = {given[k]}" if k in given and given[k] is not None else f"{k} = {word}{name}.{k}" for k in of.key]
    return steps.line(f"remove {copy.id} by {' and '.join(pairs)}")


def _read_through(nodes: tuple[Node, ...], of: Structure, copy: Structure, share: float) -> tuple[Node, ...]:
    made: list[Node] = []
    for node in nodes:
        if isinstance(node, Line) and _plain_get(node, of):
            made += _looked_up(node, of, copy, share)
        elif isinstance(node, When):
            then = replace(node.then, steps=_read_through(node.then.steps, of, copy, share))
            otherwise = replace(node.otherwise, steps=_read_through(node.otherwise.steps, of, copy, share))
            made.append(replace(node, then=then, otherwise=otherwise))
        elif isinstance(node, Together):
            made.append(node)
        else:
            made.append(node)
    return tuple(made)


def _plain_get(line: Line, of: Structure) -> bool:
    keyed = {p.field for p in line.by} == set(of.key)
    single = not any(isinstance(p.value, Each) for p in line.by)
    plain = not line.alone and not line.where and not line.direct and line.found is None
    return line.verb is Verb.GET and line.target.parts == (of.id,) and keyed and single and plain


def _looked_up(line: Line, of: Structure, copy: Structure, share: float) -> list[Node]:
    """Ask memory; what is not there is read, and put there unless a newer one is."""
    name = line.name or of.id
    by = " and ".join(str(p) for p in line.by)
    sets = " and ".join(f"{f} = {name}.{f}" for f in copy.fields if f not in of.key)
    fill = f"put {copy.id} by {by}{f' set {sets}' if sets else ''}"
    return list(
        steps.nodes(
            [
                f"get {copy.id} by {by} found {share * 100:g} % as {name}",
                {"when": f"{name} is absent", "steps": [f"get {of.id} by {by} as {name}", fill]},
            ]
        )
    )
