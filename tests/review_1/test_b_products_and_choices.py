"""REVIEW_1, part B: what is chosen follows from what products are, from what the brief says, and from the load in one direction."""

from __future__ import annotations

import re
from datetime import date
from itertools import groupby, pairwise

import pytest
from reviewed import page, plan

from workbook.brief import load, loads
from workbook.catalog import loader
from workbook.catalog.model import Technology
from workbook.plan import Plan, derive
from workbook.plan.passes.engine import passes
from workbook.plan.passes.model import ability
from workbook.run.contract import contract

NOTES = """system: Notes
entities:
  note: {{fields: {{id: id, text: string 200}}, retention: 30 days}}
operations:
  write: {{does: create note, rate: {rate}}}
  look: {{does: read note, rate: 10/s}}
"""


def notes(rate: str, more: str = "") -> Plan:
    """A system that writes so often."""
    return derive(loads(NOTES.format(rate=rate) + more))


def test_b1_an_ability_that_no_product_has_is_a_mistake() -> None:
    """Asked for by a name that is in no file of the catalog it raises, and does not say no."""
    anything = loader.technologies()["postgresql"]
    assert ability(anything, "transactions") == 1.0
    with pytest.raises(KeyError, match="single_leader"):
        ability(anything, "single_leader")


@pytest.mark.parametrize(
    ("product", "side", "conflicts"),
    [
        ("mongodb", "CP", "none: one leader or a majority orders writes"),
        ("cockroachdb", "CP", "none: one leader or a majority orders writes"),
        ("dynamodb", "CP", "none: one leader or a majority orders writes"),
        ("postgresql", "CP", "none: one leader or a majority orders writes"),
        ("cassandra", "AP", "last write wins by timestamp; keys make repeats harmless"),
        ("scylladb", "AP", "last write wins by timestamp; keys make repeats harmless"),
    ],
)
def test_b1_what_a_product_does_in_a_partition(product: str, side: str, conflicts: str) -> None:
    """Leaders by vote or by name refuse at the side without a majority; only what has no leader goes on at both, and merges by time."""
    said = page("chat", 6, ("choices.database", product))
    name = loader.technologies()[product].name
    rows = [line.split(" | ") for line in said.splitlines() if line.startswith(f"| {name} (messages)")]
    assert any(side in row for row in rows)
    copies = next(line for line in said.splitlines() if line.startswith(f"| messages | {name}") and "N=" in line)
    assert conflicts in copies


def test_b1_a_store_for_analysis_keeps_no_rows_that_change() -> None:
    """ClickHouse is excused wherever rows are changed one by one."""
    for decided in plan("chat").decisions.values():
        if decided.decision == "database":
            assert decided.of("clickhouse").excuses


def test_b2_what_must_be_used_is_used_and_what_is_avoided_is_not() -> None:
    """Both are limits of the one engine: every database is the demanded one; the avoided product is excused by name."""
    demanded = plan("chat", ("constraints.must_use", ("mysql",)))
    assert {d.chosen.id for d in demanded.decisions.values() if d.decision == "database"} == {"mysql"}
    first = plan("chat").decisions["database.messages"].chosen.id
    avoided = plan("chat", ("constraints.avoid", (first,))).decisions["database.messages"]
    assert avoided.chosen.id != first
    assert "the brief avoids it" in {str(e) for e in avoided.of(first).excuses}


def test_b2_an_acceptance_ends_on_its_day() -> None:
    """Until that day the finding is quiet; a day later it stands again, and says so."""
    found = plan("chat").problems[0].id
    accepted = [{"finding": found, "why": "known", "until": "2026-06-30"}]
    made = derive(load("chat", {"accepted": accepted}))
    before, after = (made.problems_on(day) for day in (date(2026, 6, 30), date(2026, 7, 1)))
    assert found not in {p.id for p in before}
    assert any(p.id == found and "accepted until 2026-06-30, which has passed" in p.what for p in after)


@pytest.mark.parametrize(
    "said", ["constraints: {existing: [mysql]}", "constraints: {team: {size: 3, skills: [mysql]}}"]
)
def test_b2_what_the_team_runs_or_knows_comes_before_what_is_new(said: str) -> None:
    """PostgreSQL where nothing is said; MySQL for whoever runs or knows MySQL."""
    assert chosen(notes("50/s")) == "postgresql"
    assert chosen(notes("50/s", said)) == "mysql"


def chosen(made: Plan) -> str:
    """The product of the one database."""
    return next(d.chosen.id for d in made.decisions.values() if d.decision == "database")


def test_b3_up_before_out_and_never_back() -> None:
    """Along rising writes no product comes back once it was left, and a machine is larger before there are more."""
    rates = [10, 30, 100, 300, 1_000, 2_000, 3_000, 5_000, 10_000, 20_000, 50_000]
    made = [notes(f"{rate}/s") for rate in rates]
    products = [product for product, _ in groupby(chosen(one) for one in made)]
    assert len(products) == len(set(products))
    stores = [next(t for t in one.sizing.tiers.values() if t.kind.value == "database") for one in made]
    fleets = [(product, t.nodes, t.fleet.instance) for product, t in zip(map(chosen, made), stores, strict=True)]
    for (before, nodes, machine), (after, more, larger) in pairwise(fleets):
        if before == after and more > nodes:
            assert machine == larger or "x" in larger, (machine, larger)
        assert before != after or more >= nodes


def test_b4_whatever_product_is_used_was_chosen_by_the_engine() -> None:
    """Each product that a tier or component names is the answer to a question, and each question is one of the engine's passes."""
    made = plan("chat")
    answers = {d.chosen.id for d in made.decisions.values()}
    used = {t["technology"] for t in contract(made)["tiers"] if t["technology"]}
    assert used <= answers
    capabilities = {u.binding.capability.id for u in made.world.uses.built}
    assert {d.decision for d in made.decisions.values()} <= {p.id for p in passes()} | capabilities


@pytest.mark.parametrize("brief", ["chat", "clinic", "feed", "music"])
def test_b5_a_weight_is_named_only_where_somebody_might_mean_it(brief: str) -> None:
    """No flip at none or all of the weight: at least half of today's and at most twice it; demand flips lie on their side of one."""
    for decision in plan(brief).decisions:
        said = plan(brief).flip_point(decision)
        for wanted, today in re.findall(r"weighed (\d+)% instead of (\d+)%", said):
            assert int(today) / 2 - 1 <= int(wanted) <= int(today) * 2 + 1, said
        for word, factor in re.findall(r"(from|below) ([\d.]+) times today's demand", said):
            assert (float(factor) > 1) == (word == "from"), said


@pytest.mark.parametrize("cloud", ["azure", "gcp"])
def test_b6_nothing_is_of_another_cloud_and_prices_that_are_say_so(cloud: str) -> None:
    """No product that only another cloud runs; what is priced by another cloud's list stands among what is not known."""
    made = plan("chat", ("constraints.cloud", cloud))
    used = [d.chosen.source for d in made.decisions.values() if isinstance(d.chosen.source, Technology)]
    assert [t.id for t in used if ability(t, "service_only") and cloud not in t.offered and t.kind != "ci"] == []
    lacking = [t.name for t in used if t.node and t.node.hourly_usd.value and t.node.priced_at != cloud]
    assert lacking
    said = " ".join(o.why for o in made.unknown if o.about == f"prices.{cloud}")
    assert all(name in said for name in lacking)


def test_b7_what_nothing_needs_is_neither_there_nor_billed() -> None:
    """A small system of records: no broker, no cache fleet, no search engine, no outbox, and no line of cost for them."""
    made = notes("1/s")
    assert {t.kind.value for t in made.sizing.tiers.values()} <= {"service", "database", "gateway"}
    assert not {"cache", "messaging", "search"} & {c.id.value for c in made.sizing.costs}
    assert not made.world.form.topics
    assert not [name for name in made.world.form.structures if "outbox" in name]


@pytest.mark.parametrize("brief", ["chat", "clinic", "feed", "music"])
def test_b7_every_topic_and_every_copy_has_a_reader(brief: str) -> None:
    """A broker is billed only where something is told, and memory only where something rests in it."""
    made = plan(brief)
    kinds = {t.kind.value for t in made.sizing.tiers.values()}
    homes = {made.world.stores[store].role for store in made.world.homes.values()}
    assert {"cache", "messaging", "search"} & kinds <= homes
    heard = {p.operation.starts.on for p in made.world.programs.values()}
    assert set(made.world.form.topics) <= heard
