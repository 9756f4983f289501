"""A thousandth of the load is one application and one database; a thousand times is more of everything, and nothing comes back."""

from __future__ import annotations

from functools import cache
from itertools import groupby, pairwise

import pytest
from published import brief_of

from workbook.brief.load import examples
from workbook.catalog import loader
from workbook.document.wording import choices
from workbook.plan import Plan
from workbook.plan.complete import complete
from workbook.plan.passes.engine import passes
from workbook.plan.passes.model import Phase
from workbook.plan.plan import _derived

pytestmark = pytest.mark.slow
SYSTEMS = (*examples(), *loader.archetypes())
FACTORS = tuple(10.0**step for step in range(-3, 4))
PINNED = {"chat", "feed"}
"""Examples whose brief pins a broker and a cache: those stay at any load."""
HOMES = {p.id for p in passes() if p.phase is Phase.HOME}


@cache
def grown(system: str) -> tuple[Plan, ...]:
    """The plans at a thousandth to a thousand times the load."""
    brief = brief_of(system)
    completed = complete(brief)
    return tuple(_derived(brief, completed, factor) for factor in FACTORS)


@pytest.mark.parametrize("system", sorted(set(SYSTEMS) - PINNED))
def test_a_thousandth_is_one_application_and_one_database(system: str) -> None:
    """No broker, no cache fleet, no search engine and no second service where few call."""
    kinds = [t.kind.value for t in grown(system)[0].sizing.tiers.values()]
    assert kinds.count("service") == 1
    assert kinds.count("database") == 1
    assert not {"memory", "broker", "search"} & set(kinds)


def fits(plan: Plan) -> bool:
    """Whether some product fits every question of where things rest."""
    homes = [d for d in plan.decisions.values() if d.decision in HOMES and not d.pinned]
    return not any(d.of(d.chosen.id).excuses for d in homes)


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_product_comes_back_once_it_was_left(system: str) -> None:
    """Along rising load each answer holds in one stretch, as long as anything fits."""
    made = [plan for plan in grown(system) if fits(plan)]
    for decision in {name for plan in made for name in plan.decisions}:
        chosen = [plan.decisions[decision].chosen.id for plan in made if decision in plan.decisions]
        stretches = [product for product, _ in groupby(chosen)]
        assert len(stretches) == len(set(stretches)), (decision, chosen)


@pytest.mark.parametrize("system", SYSTEMS)
def test_more_load_is_never_fewer_machines(system: str) -> None:
    """As long as everything rests where it did: nodes of one machine, processors, bytes and dollars of a tier never fall."""
    for less, more in pairwise(grown(system)):
        if less.world.homes != more.world.homes or less.sizing.tiers.keys() != more.sizing.tiers.keys():
            continue
        for name, before in less.sizing.tiers.items():
            after = more.sizing.tiers[name]
            if product(less, name) != product(more, name):
                continue
            assert before.fleet.instance != after.fleet.instance or after.nodes >= before.nodes, name
            assert after.fleet.vcpu * after.nodes >= before.fleet.vcpu * before.nodes, name
            assert after.fleet.storage_gb >= before.fleet.storage_gb * 0.999, name
            assert after.monthly_usd >= before.monthly_usd * 0.999, name


def product(plan: Plan, tier: str) -> str:
    """What a tier runs, where it is a store."""
    store = plan.world.stores.get(tier)
    return store.technology.id if store is not None else ""


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_product_that_was_dearer_says_what_it_bought(system: str) -> None:
    """Where a tier costs less at a higher load since its product is another, the reason of the first says where it was ahead."""
    for less, more in pairwise(grown(system)):
        for name in less.sizing.tiers.keys() & more.sizing.tiers.keys():
            cheaper = more.sizing.tiers[name].monthly_usd < less.sizing.tiers[name].monthly_usd
            if product(less, name) == product(more, name) or not cheaper:
                continue
            asked = [d for d in less.decisions.values() if d.decision in HOMES and d.chosen.id == product(less, name)]
            for decided in asked:
                mine = decided.of(decided.chosen.id)
                other = decided.of(product(more, name))
                ahead = [
                    c
                    for c in decided.weights
                    if mine.scores[c].value > other.scores[c].value and not mine.scores[c].moves
                ]
                assert ahead or other.excuses, (name, choices.reason(decided))
