"""What the descriptions of an interface share: who may call and how often, what statuses mean, and names that never clash."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workbook.artifacts.writing.text import one_line
from workbook.brief.fields import FieldType, parse_field
from workbook.brief.steps.syntax import Amount, Start, Verb
from workbook.plan import Plan
from workbook.plan.fold.endpoints import CURSOR, Endpoint, Part
from workbook.plan.fold.samples import tunable
from workbook.plan.form.model import Structure
from workbook.plan.form.terms import Ref, Root
from workbook.plan.names import words

PAGE = 20
LARGEST_PAGE = 100
STATUSES = {
    101: "switches to the socket",
    200: "done",
    201: "created",
    202: "accepted, done later",
    204: "done, nothing to return",
    400: "the request is malformed",
    401: "no valid token",
    403: "not allowed to see or do it",
    404: "there is no such thing",
    409: "conflicts with the present state",
    410: "nothing is left",
    413: "too large",
    422: "well-formed but not acceptable",
    429: "too many calls; see Retry-After",
    503: "overloaded or a store is away; see Retry-After",
}


class Names:
    """Gives each thing a name of its own: what is taken, or a word of the language, gets a suffix, then a number."""

    def __init__(self, taken: Iterable[str] = (), *, suffix: str = "", same: Callable[[str], str] = str) -> None:
        self._same, self._suffix = same, suffix
        self._taken = {same(t) for t in taken}

    def take(self, wanted: str) -> str:
        """The name itself where it is free."""
        first: tuple[str, ...] = (wanted, f"{wanted}{self._suffix}")
        for name in first:
            if self._same(name) not in self._taken:
                self._taken.add(self._same(name))
                return name
        number = 2
        while self._same(f"{wanted}{number}") in self._taken:
            number += 1
        self._taken.add(self._same(f"{wanted}{number}"))
        return f"{wanted}{number}"


def auth(endpoint: Endpoint, plan: Plan) -> str:
    """Who may call."""
    if plan.world.programs[endpoint.operation].starts is Start.WEBHOOK:
        return f"signature of {words(endpoint.caller) or 'the sender'}"
    return f"bearer token, role {words(endpoint.caller)}" if endpoint.caller else "bearer token, anybody signed in"


def limit(endpoint: Endpoint, plan: Plan) -> str:
    """How often; empty where the brief does not say."""
    tiers = plan.complete.model.tiers
    if endpoint.caller in tiers:
        return " + ".join(r.text for r in tiers[endpoint.caller].limit)
    return ", ".join(f"{words(n)} {' + '.join(r.text for r in t.limit)}" for n, t in tiers.items())


def about(endpoint: Endpoint, plan: Plan) -> str:
    """A line on a way in: who, how often, how fast."""
    often = limit(endpoint, plan)
    target = plan.complete.latency(endpoint.operation).best * 1000
    said = [f"{words(endpoint.operation).capitalize()}: {auth(endpoint, plan)}", often, f"p99 {target:g} ms"]
    return "; ".join(s for s in said if s)


def answered(plan: Plan, styles: Iterable[str]) -> dict[str, Structure]:
    """The structures whose rows some endpoint of these styles answers with."""
    wanted = set(styles)
    found = [p.structure for e in plan.design.endpoints if e.style in wanted for p in e.answers if p.structure]
    return {n: plan.world.form.structures[n] for n in dict.fromkeys(found)}


def shown(structure: Structure) -> dict[str, FieldType]:
    """The fields that travel: files go by a signed address."""
    return {n: t for n, t in structure.fields.items() if t.kind != "blob" or t.bytes <= SMALL}


SMALL = 1_000.0
"""Bytes of a blob up to which it stands in an answer."""
TEXT = parse_field("text")


def sent(endpoint: Endpoint) -> dict[str, FieldType]:
    """What a caller sends besides the path and the page."""
    return {n: t for n, t in endpoint.request.items() if n not in endpoint.in_path and n not in (CURSOR, "request")}


def page_rows(plan: Plan, endpoint: Endpoint) -> int:
    """Rows of a page where the caller does not say how many."""
    for step, _ in plan.world.programs[endpoint.operation].steps():
        if step.verb is Verb.LIST and step.limit is not None:
            said = step.limit
            if isinstance(said, Ref) and said.root is Root.TUNABLE:
                return max(1, int(tunable(plan.world.form.tunables.get(said.name))))
            if isinstance(said, Amount):
                return max(1, int(said.quantity.best))
    return PAGE


def part_type(part: Part) -> FieldType:
    """The type of a part that is no row."""
    return part.type or TEXT


def system(plan: Plan) -> str:
    """The system's name for a comment."""
    return one_line(plan.complete.model.system)
