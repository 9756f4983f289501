"""Memory in Memcached: each row under one key as JSON, for it has no structures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts import memory_text as memory
from workbook.artifacts.base import Artifact
from workbook.artifacts.writing import memcached
from workbook.artifacts.writing.files import identifier as file
from workbook.artifacts.writing.text import compact
from workbook.brief.steps.syntax import Verb
from workbook.plan import Plan
from workbook.plan.fold import samples
from workbook.plan.form.model import Program, Step, Structure

KIND = "cache"
DIALECTS = ("memcached",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a structure."""
    ttl = memory.lifetimes(plan)
    for structure in memory.structures(plan):
        lines = []
        for program, step in memory.steps(plan, structure.id):
            lines.append(memcached.comment(f"{program.id.replace('_', ' ')}: {step.text}"))
            lines += _commands(plan, structure, program, step, ttl[structure.id])
        yield Artifact(
            kind=KIND,
            subject=structure.id,
            title=f"Commands of `{':'.join([structure.id, *(f'{{{k}}}' for k in structure.key)])}`",
            path=f"cache/{file(structure.id)}.memcached",
            language="text",
            text="\n".join(lines) + "\n",
            dialect="memcached",
        )


def _commands(plan: Plan, structure: Structure, program: Program, step: Step, ttl: float | None) -> Iterator[str]:
    form = plan.world.form
    known = {g.field: samples.of_value(g.value, form, program) for g in (*step.by, *step.sets)}
    known = {n: v[0] if isinstance(v, list) and v else v for n, v in known.items()}
    row = samples.row(structure)
    key = memcached.identifier(":".join([structure.id, *(str(row.get(k, known.get(k, k))) for k in structure.key)]))
    value = compact({n: known.get(n, v) for n, v in row.items() if n not in structure.key})
    lasts = max(1, round(ttl)) if ttl else 0
    whole = set(structure.key) <= {g.field for g in (*step.by, *step.sets)}
    if not whole:
        yield memcached.comment(f"not here: Memcached finds {structure.id} by its whole key only")
    elif step.verb in (Verb.PUT, Verb.APPEND):
        yield from (f"set {key} 0 {lasts} {len(value.encode())}", value)
    elif step.verb is Verb.CLAIM:
        yield from (f"add {key} 0 {lasts or 60} {len(value.encode())}", value)
    elif step.verb is Verb.GET:
        yield f"get {key}"
    elif step.verb is Verb.REMOVE and step.only_if:
        yield memcached.comment(
            "the number that `gets` answers goes into `cas`: a row that somebody else put meanwhile stays"
        )
        yield from (f"gets {key}", f"cas {key} 0 -1 {len(value.encode())} 1", value)
    elif step.verb is Verb.REMOVE:
        yield f"delete {key}"
    elif step.verb in (Verb.ADD, Verb.NEXT):
        said = samples.of_value(step.plus[0].value, form, program) if step.plus else 1
        amount = round(said) if isinstance(said, int | float) else 1
        yield memcached.comment("a number begins at nothing; `add` leaves one that is there")
        yield from (f"add {key} 0 {lasts} 1", "0", f"{'decr' if amount < 0 else 'incr'} {key} {abs(amount)}")
    else:
        yield memcached.comment(f"not here: Memcached has no {step.verb.value}")
