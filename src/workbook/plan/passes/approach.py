"""Which approach builds each capability that the brief names?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from weakref import WeakKeyDictionary

from workbook.brief.frame import Choice
from workbook.brief.promises import PromiseKind
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.catalog.model import Pattern
from workbook.plan.form.added import of_model
from workbook.plan.form.keeping import KeptBy
from workbook.plan.form.model import Form
from workbook.plan.mechanisms.approach import additions
from workbook.plan.mechanisms.reader import Additions
from workbook.plan.mechanisms.splice import splice
from workbook.plan.mechanisms.uses import Use
from workbook.plan.mechanisms.written import BadApproach, avoids, parts, wants
from workbook.plan.naming import same
from workbook.plan.passes.fit import carried
from workbook.plan.passes.model import Limit, Option, Pass, Phase, Score, bound, lacks
from workbook.plan.passes.world import World, remembered
from workbook.plan.texts import brief_number
from workbook.prose import say

USD_PER_WRITE = 20e-9
"""A row written and kept on copies: 730 h of a database node of about 0.9 USD/h at some 5,000 a second (our assumption)."""
USD_PER_READ = 4e-9
"""A row read: a fifth of a write (our assumption)."""
USD_PER_EVENT = 2e-9
"""An event through a broker and one consumer (our assumption)."""
UNHEEDED_USD = 100.0
"""What makes no difference a month: about an hour of an engineer (our assumption)."""
LOWERED = frozenset({PromiseKind.REPEATABLE})
"""Promises that a lowering keeps later, whatever the approach."""
SECONDS = 730 * 3600
ADDITIONS_TO_A_ROW = 1_000.0
"""Additions a second to one row: each holds its lock until its commit is on disk, about a millisecond (our assumption)."""


class Approach(Pass):
    """Weighs what each approach costs at this load against what it takes to run and how late it is."""

    id = "approach"
    phase = Phase.APPROACH
    several = True
    title = "Approach"
    trial = True

    def subjects(self, world: World) -> Iterable[str]:
        return [use.id for use in world.uses.built]

    def name(self, subject: str) -> str:
        return subject

    def asked(self, world: World, subject: str) -> str:
        return f"How is {_use(world, subject).binding.capability.title.lower()} built?"

    def pinned(self, world: World, subject: str) -> tuple[Choice, str] | None:
        choices = world.complete.model.choices
        for name in (subject, subject.split(".")[0]):
            if name in choices:
                return choices[name], f"choices.{name}"
        return None

    def options(self, world: World, subject: str) -> Iterable[Option]:
        use = _use(world, subject)
        return [_option(use, name) for name in use.binding.capability.built]

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        return world if option is None else _built(world, subject, option.id)

    def limits(self, world: World, subject: str, option: Option) -> Iterable[Limit]:
        use = _use(world, subject)
        missing = wants(use.binding.capability, option.id) & set(use.binding.unbound)
        yield lacks(f"nobody plays {', '.join(sorted(missing))}", not missing)
        hindered = avoids(use.binding.capability, option.id) & set(use.binding.players)
        yield lacks(f"it cannot be built with {', '.join(sorted(hindered))}", not hindered)
        touched = {o for o in world.form.operations if world.form.operations[o].added_by == use.binding.capability.id}
        touched |= {p.id for n, p in use.binding.players.items() if "operation" in use.binding.capability.roles[n]}
        problems = [q for o in touched if o in world.programs for q in world.programs[o].problems]
        yield lacks(problems[0] if problems else "it cannot be built here", not problems)
        if len(use.binding.capability.built) == 1:
            return
        broken = _kept_elsewhere(before(world), subject) - _kept(world, before(world))
        yield lacks(f"{', '.join(sorted(broken))} would not be kept", not broken)
        hottest = _hottest(world, touched)
        if hottest:
            yield bound("additions a second to the row that most want", ADDITIONS_TO_A_ROW, hottest, "/s")

    def weights(self, world: World, subject: str) -> Mapping[str, float]:
        return {"cost": 0.45, "parts to run": 0.25, "how late": 0.3}

    def scores(self, world: World, subject: str, option: Option) -> Mapping[str, Score]:
        use = _use(world, subject)
        said = parts(use.binding.capability, option.id)
        added = [s for s in world.form.structures.values() if s.added_by == use.binding.capability.id]
        late = float(said.get("late", 0.5))
        return {
            "cost": _cost(before(world), use, option.id),
            "parts to run": Score(
                max(0.0, 1 - option.complexity / 5),
                say(f"{len(added)} further structures; {carried(option.complexity)}"),
            ),
            "how late": Score(1 - late, say(str(said.get("lateness", "")))),
        }


def _cost(world: World, use: Use, option: str) -> Score:
    """What it costs beside the others. The only one is beside none."""
    if len(use.binding.capability.built) == 1:
        return Score(1.0, say("nothing to compare with"), moves=True)
    costs = _costs(world, use.id)
    mean = sum(costs.values()) / len(costs) + UNHEEDED_USD
    cost = costs[option]
    return Score(1 - cost / mean / 3, say(f"{brief_number(cost)} USD/month of reads, writes and events"), moves=True)


def _hottest(world: World, operations: set[str]) -> float:
    """Additions a second at peak to the row that most want; 0 where the brief says of no operation how uneven its calls are."""
    said = [world.complete.operations[o].skew for o in operations if o in world.complete.operations]
    share = max((skew.best for skew in said if skew is not None), default=0.0)
    load = world.load
    additions = [
        float(load.peak["keys"][i, 0])
        for i, run in enumerate(load.steps)
        if run.step.verb is Verb.ADD and run.program.id in operations
    ]
    return share * max(additions, default=0.0)


@remembered
def _built(world: World, subject: str, approach: str) -> World:
    """The world as an approach leaves it: once for judging it, for comparing costs, and for taking it."""
    known = _SPLICED.setdefault(world.form, {})
    if (subject, approach) not in known:
        known[subject, approach] = _spliced(world, _use(world, subject), approach)
    return world.with_form(known[subject, approach] or world.form)


_SPLICED: WeakKeyDictionary[Form, dict[tuple[str, str], Form | None]] = WeakKeyDictionary()
"""Forms know no numbers: at every load the same approach leaves the very same form."""


def _spliced(world: World, use: Use, approach: str) -> Form | None:
    """The form as an approach leaves it, or None where that cannot be built."""
    if wants(use.binding.capability, approach) & set(use.binding.unbound):
        return None
    if avoids(use.binding.capability, approach) & set(use.binding.players):
        return None
    try:
        made = additions(use.binding, approach, use.prefix)
        if _taken(made, world):
            made = additions(use.binding, approach, use.prefix or use.binding.capability.id)
        return splice(world.form, made)
    except BadApproach:
        return None


def _taken(made: Additions, world: World) -> bool:
    """Whether the brief itself calls something by a name of what would be added."""
    said = {same(name) for name in of_model(world.complete.model)}
    return any(same(n) in said for names in (made.structures, made.topics, made.operations) for n in names)


@remembered
def _costs(world: World, subject: str) -> Mapping[str, float]:
    """What each approach would cost: worked out once for all options."""
    asked = Approach()
    return {o.id: work_usd(asked.rewrite(world, subject, o)) for o in asked.options(world, subject)}


def _kept(world: World, said: World) -> frozenset[str]:
    """Of the promises that stood there before, those that a world keeps."""
    known = {p.id for p in said.form.promises if p.kind not in LOWERED}
    return frozenset(
        k.pledge.id for k in world.keepings if k.pledge.id in known and k.by is not KeptBy.NOTHING and not k.lacks
    )


@remembered
def _kept_elsewhere(world: World, subject: str) -> frozenset[str]:
    """Promises that were made before, and that one approach or another keeps."""
    asked = Approach()
    options = asked.options(world, subject)
    return frozenset().union(*(_kept(asked.rewrite(world, subject, o), world) for o in options))


def before(world: World) -> World:
    """The world without the approach that is on trial: all options are compared from there."""
    return world.base if world.base is not None else world


def _use(world: World, subject: str) -> Use:
    return next(u for u in world.uses.built if u.id == subject)


@lru_cache(maxsize=256)
def _pattern(capability: str, approach: str) -> Pattern:
    from workbook.catalog import loader

    said = loader.capabilities()[capability].built[approach]
    return Pattern(
        id=approach,
        name=str(said.get("name", approach)),
        family=capability,
        summary=str(said.get("how", "")),
        use_when=str(said.get("because", "")),
        pros=tuple(said.get("pros", ())),
        cons=tuple(said.get("cons", ())),
        complexity=float(said.get("runs", 1.0)),
    )


def _option(use: Use, approach: str) -> Option:
    pattern = _pattern(use.binding.capability.id, approach)
    return Option(approach, pattern.name, pattern.complexity, pattern)


def work_usd(world: World) -> float:
    """What the reads, writes and events of a form cost a month at planning prices: for comparing approaches."""
    load = world.load
    if not load.steps:
        return 0.0
    rows, keys = load.average["rows"][:, 0], load.average["keys"][:, 0]
    total = 0.0
    for i, run in enumerate(load.steps):
        if run.step.verb is Verb.PUBLISH:
            total += keys[i] * USD_PER_EVENT * (1 + len(_consumers(world, run.step.target)))
        elif run.step.shape is not None and run.step.shape is not Shape.TOPIC:
            price = USD_PER_READ if run.step.verb in _READS else USD_PER_WRITE
            total += max(rows[i], keys[i]) * price
    return float(total * SECONDS)


_READS = frozenset({Verb.GET, Verb.LIST, Verb.SEARCH, Verb.COUNT, Verb.RANK, Verb.SCAN, Verb.SUMMARISE, Verb.NEAR})


def _consumers(world: World, topic: str) -> list[str]:
    return [n for n, o in world.form.operations.items() if o.starts.kind is Start.EVENT and o.starts.on == topic]
