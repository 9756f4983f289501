"""Names that a brief takes from the catalog: unknown ones are told with their line, known ones are brought to their id.

What a user may rightly name although the catalog lacks it (a skill, a system that runs already, something to avoid, a scan)
is a remark that nothing follows from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from workbook.brief.frame import Constraints
from workbook.brief.load import Brief
from workbook.brief.model import Model
from workbook.brief.problems import Problem, nearest
from workbook.brief.quantities import shown
from workbook.brief.values import identifier
from workbook.catalog import loader
from workbook.catalog.model import Pattern, Price, Technology

_STEP = re.compile(r"_\d+(tb|pb|k)$")
SURE = 0.75
"""How like a name of a long vocabulary has to be to be proposed: among two hundred countries something is always near."""
MOST_SHOWN = 40
"""Names of a vocabulary that a message lists."""


def plain(name: str) -> str:
    """A name without capitals, blanks and signs: `PCI-DSS` and `pci_dss` are one."""
    return re.sub(r"[^a-z0-9]+", "", name.lower())


@cache
def products() -> Mapping[str, str]:
    """Products and patterns by their plain id and name -> id."""
    things: list[Technology | Pattern] = [*loader.technologies().values(), *loader.patterns().values()]
    return {plain(word): thing.id for thing in things for word in (thing.name, thing.id)}


@cache
def clouds() -> Mapping[str, str]:
    """Clouds by their plain id, name and the words of those who know them -> id."""
    found = [t for t in loader.technologies().values() if t.kind == "cloud"]
    return {plain(word): t.id for t in found for word in (*t.skills, t.name, t.id)}


@cache
def laws() -> Mapping[str, str]:
    """Laws and standards by their plain id and name -> id."""
    return {plain(word): law.id for law in loader.compliance().values() for word in (law.name, law.id)}


@cache
def regions() -> Mapping[str, str]:
    """Regions by their plain name -> the name: parts of the world, countries, and what clouds call theirs."""
    names = [n for r in loader.regions().values() for n in (*r.also, *r.countries, r.id)]
    codes = [str(c) for t in loader.technologies().values() for c in t.details.get("regions", {}).values()]
    return {plain(name): name for name in (*(c.replace("-", "_") for c in codes), *names)}


@cache
def known_skills() -> frozenset[str]:
    """Words by which a team says that it knows a product, or that it runs it."""
    return frozenset(
        word.lower() for t in loader.technologies().values() for word in (t.id, t.name, t.dialect, *t.skills) if word
    )


@cache
def prices() -> Mapping[str, Price]:
    """Prices that a brief may say, without the cloud and the step of the catalog's names."""
    found: dict[str, Price] = {}
    for name, price in loader.prices().items():
        base = _STEP.sub("", name)
        base = base.removesuffix(f"_{price.cloud}") if price.cloud else base
        if price.price.unit != "share":
            found.setdefault(base, price)
    return found


def offers(kind: str, avoid: Iterable[str]) -> list[Technology]:
    """The products of a kind without those to avoid; all of them where none would be left."""
    found = [t for t in loader.technologies().values() if t.kind == kind]
    return [t for t in found if t.id not in avoid] or found


def settled(model: Model) -> Model:
    """The model with names of the catalog as the catalog writes them; what is not known stays as written."""
    said = model.constraints
    constraints = said.model_copy(
        update={
            "cloud": None if said.cloud is None else clouds().get(plain(said.cloud), said.cloud),
            "must_use": _settled(said.must_use, products()),
            "avoid": _settled(said.avoid, products()),
            "existing": _settled(said.existing, products()),
            "regions": {regions().get(plain(n), n): share for n, share in said.regions.items()},
        }
    )
    quality = model.quality.model_copy(update={"compliance": _settled(model.quality.compliance, laws())})
    return model.model_copy(update={"constraints": constraints, "quality": quality})


def _settled(names: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(known.get(plain(name), name) for name in names))


def problems(model: Model, brief: Brief) -> Iterator[Problem]:
    """Names that have to be known and are not, each with its line and the nearest that is. The model is settled."""
    yield from _constraint_problems(model.constraints, brief)
    for at, name in enumerate(model.quality.compliance):
        if plain(name) not in laws():
            what = f'"{shown(name)}" is not a law or standard of the catalog'
            yield Problem(brief.place(("quality", "compliance", at)), what, _remedy(name, loader.compliance()))
    yield from _price_problems(model, brief)
    yield from _persona_problems(model, brief)


def _constraint_problems(said: Constraints, brief: Brief) -> Iterator[Problem]:
    if said.cloud is not None and plain(said.cloud) not in clouds():
        what = f'"{shown(said.cloud)}" is not a cloud of the catalog'
        yield Problem(brief.place(("constraints", "cloud")), what, _remedy(said.cloud, sorted(set(clouds().values()))))
    for name in said.regions:
        if plain(name) not in regions():
            what = f'"{shown(name)}" is not a region of the catalog'
            parts = ", ".join(loader.regions())
            remedy = nearest(name, regions().values(), SURE) or f"Write a part of the world ({parts}) or a country."
            yield Problem(brief.place(("constraints", "regions", name)), what, remedy)
    for at, name in enumerate(said.must_use):
        if plain(name) not in products():
            what = f'"{shown(name)}" is not in the catalog, so the design cannot use it'
            remedy = nearest(name, products().values()) or "Take it out, or add it as a technology (CONTRIBUTING.md)."
            yield Problem(brief.place(("constraints", "must_use", at)), what, remedy)
    both = sorted(set(said.must_use) & set(said.avoid))
    if both:
        what = f"must_use and avoid both name {', '.join(both)}"
        yield Problem(brief.place(("constraints",)), what, "Take it out of one of them.")


def _price_problems(model: Model, brief: Brief) -> Iterator[Problem]:
    for name, said in model.prices.items():
        place = brief.place(("prices", name))
        known = prices().get(name)
        if known is None:
            yield Problem(place, f'"{shown(name)}" is not a price of the catalog', _remedy(name, sorted(prices())))
            continue
        wanted = known.price.unit.split("/")[1:]
        found = [plain(part).removesuffix("s") for part in re.split(r"[/\s]+", said.text)[1:]]
        found = [part for part in found if part != "usd"]
        if [plain(part) for part in wanted] != found[: len(wanted)]:
            what = f'"{shown(said.text)}" is not a price in {known.price.unit}'
            yield Problem(place, what, f"Write it as the catalog does, as in {known.price.value:g} {known.price.unit}.")


def _persona_problems(model: Model, brief: Brief) -> Iterator[Problem]:
    """Personas have to be declared, once one is; without any, those who call declare themselves."""
    for name, operation in model.operations.items():
        if operation.by is not None:
            yield from _persona(operation.by, model, brief.place(("operations", name, "by")))
    for name, feature in model.features.items():
        for at, persona in enumerate(feature.personas):
            yield from _persona(persona, model, brief.place(("features", name, "personas", at)))


def _persona(name: str, model: Model, place: str) -> Iterator[Problem]:
    if model.personas and name not in model.personas:
        remedy = nearest(name, model.personas) or f"Add it to personas, or write one of {', '.join(model.personas)}."
        yield Problem(place, f'"{shown(name)}" is not a persona', remedy)
        return
    try:
        identifier(name)
    except ValueError as error:
        what, _, remedy = str(error).partition(". ")
        yield Problem(place, what, remedy)


def _remedy(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = nearest(name, names) or nearest(name.lower(), names)
    return near or f"Known are {', '.join(names[:MOST_SHOWN])}."


def remarks(model: Model) -> Iterator[Problem]:
    """Names from which nothing follows, because the catalog does not have them."""
    said = model.constraints
    unknown = [("avoid", n) for n in said.avoid if plain(n) not in products()]
    unknown += [
        ("existing", n) for n in said.existing if plain(n) not in products() and n.lower() not in known_skills()
    ]
    unknown += [("team.skills", n) for n in said.team.skills if n.lower() not in known_skills()]
    for field, name in unknown:
        yield Problem(
            f"constraints.{field}",
            f"{name} is not in the catalog, so nothing follows from it",
            _near(name) or "Add it as a technology (CONTRIBUTING.md), or use a name of the catalog.",
            "info",
            f"unknown:{name}",
        )
    for name in model.quality.scanning:
        if scan_of(name) is None:
            known = ", ".join(scan.name.lower() for scan in loader.scans().values())
            yield Problem(
                "quality.scanning",
                f"{name} is no scan of the catalog: it is listed, and nothing else follows from it",
                f"Known are {known}.",
                "info",
                f"unknown:{name}",
            )


def _near(name: str) -> str:
    found = nearest(name.lower(), sorted({*known_skills(), *products().values()}))
    return f"{found} Else add it as a technology (CONTRIBUTING.md)." if found else ""


def scan_of(text: str) -> str | None:
    """When a scan is done, `pipeline` or `content`, by the words in which the brief asks for it; None for an unknown one."""
    words = f" {re.sub(r'[^a-z0-9]+', ' ', text.lower()).strip()} "
    best = ""
    found = None
    for scan in loader.scans().values():
        for word in (*scan.words, scan.name.lower()):
            if f" {word} " in words and len(word) > len(best):
                best, found = word, scan.when
    return found
