"""What engineering knows as briefs and building blocks: archetypes, capabilities, and the passages that can be cited."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import workbook.catalog
from workbook.brief import loads
from workbook.catalog import loader
from workbook.catalog.model import Capability
from workbook.plan import derive
from workbook.plan.complete import complete
from workbook.plan.demand import demand

CATALOG = Path(workbook.catalog.__file__).parent
RAG = CATALOG.parents[2] / "rag" / "design-development" / "system-design-guide"
CAPABILITIES = list(loader.capabilities().values())
BUILT = [c for c in CAPABILITIES if c.built]
ARCHETYPES = list(loader.archetypes())
PLACE = re.compile(r"\bread (\d{4}|in \d{4})|\d{4}|\.(org|com|io|net|edu|dev)\b")


def identifier(capability: Capability) -> str:
    return capability.id


@pytest.mark.parametrize("folder", ["archetypes", "capabilities"])
def test_every_file_is_loaded(folder: str) -> None:
    """Each file of the folder becomes one thing with the file's name as id."""
    assert set(getattr(loader, folder)()) == {path.stem for path in (CATALOG / folder).glob("*.yaml")} != set()


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_an_archetype_is_complete_by_itself(archetype: str) -> None:
    """With nothing but its name an archetype loads, leaves no rate open and derives finite numbers."""
    made = complete(loads(f"system: X\narchetypes: [{archetype}]\n"))
    needed = demand(made)
    assert not made.problems
    assert not needed.open
    assert all(np.isfinite(value.samples).all() for value in needed.values.values())
    assert needed.values["totals.average_qps"].best > 0
    assert needed.values["totals.storage_bytes_retained"].best > 0


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_an_archetype_answers_what_a_design_asks(archetype: str) -> None:
    """It says who uses it, what matters most and how good it has to be, and every operation that callers see belongs to a feature."""
    found = loader.archetypes()[archetype]
    model = complete(loads(f"system: X\narchetypes: [{archetype}]\n")).model
    in_features = {o for f in model.features.values() for o in f.operations}
    assert found.source
    assert len(found.words) >= 5
    assert any(f.priority == "P0" for f in model.features.values())
    assert not set(model.operations) - in_features
    assert all(persona in model.personas for f in model.features.values() for persona in f.personas)
    assert all((model.personas, model.tunables, model.future, model.integrations, model.tiers, model.goals))
    assert all((model.quality.availability, model.quality.rpo, model.quality.rto))


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_lists_say_by_what(archetype: str) -> None:
    """A list names the column it is given or the order it comes in, so that an index can serve it."""
    model = complete(loads(f"system: X\narchetypes: [{archetype}]\n")).model
    assert not [n for n, o in model.operations.items() if o.verb == "list" and not o.where and not o.order]


def test_the_example_of_the_language_loads() -> None:
    """The hotel brief of the language's own page merges with the archetype and the capability that it names."""
    text = """
    system: Chain of hotels
    archetypes: [hotel_booking]
    capabilities: [waiting_room]
    populations:
      users: {daily_active: 200k (100k..400k), monthly_active: 3M, concurrent: 5 %, growth: 20 %/year}
      hotels: 5000
      rooms: {count: 1M, growth: 2 %/year}
    entities:
      reservation:
        fields: {id: id, guest: ref guest, hotel: ref hotel, from: date, to: date, status: "enum pending confirmed cancelled", card: string 20}
        size: 400 B
    operations:
      reserve: {does: create reservation, rate: 0.7 per rooms per 3 days, priority: P0, p99: 1 s, idempotent: true}
    """
    made = complete(loads(text.replace("\n    ", "\n")))
    values = demand(made).values
    assert values["operations.reserve.per_day"].best == pytest.approx(0.7 * 1e6 / 3)
    assert {"hotel", "room_type", "guest", "queue_ticket"} <= set(made.entities)


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_a_waiting_room_fits_any_archetype(archetype: str) -> None:
    """The partial brief of a capability needs no population and clashes with no name."""
    made = complete(loads(f"system: X\narchetypes: [{archetype}]\ncapabilities: [waiting_room]\n"))
    assert demand(made).values["operations.join_queue.per_day"].best == 1000


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_a_capability_is_built_or_only_known_by_name(capability: Capability) -> None:
    """Who has approaches says its problem, who takes part, how published systems do it and where that was read; who has none says nothing of them."""
    assert capability.title
    assert len(capability.words) >= 4
    told = (capability.about, capability.roles, capability.systems, capability.source)
    assert all(told) if capability.built else not any(told[1:3])


@pytest.mark.parametrize("capability", BUILT, ids=identifier)
def test_an_approach_argues(capability: Capability) -> None:
    """Each says how it works, why it is taken, what speaks for it and against it."""
    for name, said in capability.built.items():
        approach = {**capability.built.get(said.get("of", ""), {}), **said}
        assert all(approach.get(key) for key in ("name", "how", "because", "pros", "cons")), name


@pytest.mark.parametrize("capability", BUILT, ids=identifier)
def test_systems_name_where_they_are_described(capability: Capability) -> None:
    """A published system comes with a place or a year, so that a reader can look it up."""
    assert all(PLACE.search(said) for said in (*capability.systems, capability.source))


def test_what_is_known_by_name_only_is_said_to_be_missing() -> None:
    """A feature that asks for a capability without approaches gets none, and the plan says so by its name."""
    missing = next(c for c in CAPABILITIES if not c.built and not c.brief)
    brief = "system: X\nentities: {note: {fields: {id: id, text: text}}}\noperations: {write_note: {does: create note, rate: 100/day}}\n"
    made = derive(loads(f"{brief}features: {{notes: {{operations: [write_note], capabilities: [{missing.id}]}}}}\n"))
    assert any(missing.id in str(said) or missing.title in str(said) for said in made.unknown)


@pytest.mark.parametrize("name", ["frameworks.md", "examples.md", "methodologies.md"])
def test_passages_can_be_cited(name: str) -> None:
    """Headings are unique within a file, so that a citation by anchor means one passage, and none is empty."""
    text = (RAG / name).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings)) >= 8
    assert "Source" in text
