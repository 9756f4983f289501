"""A change of one line of the brief changes everything that follows from it."""

from __future__ import annotations

import re
from functools import cache

import pytest

from workbook.artifacts import build as artifacts
from workbook.brief import load
from workbook.brief.load import loads
from workbook.document import build
from workbook.document.blocks import Block, Code, Matrix, Subsection
from workbook.document.show import markdown
from workbook.plan import Plan, derive

BRIEFS = ("chat", "feed", "music", "clinic")
DRIVER = {"chat": "users", "feed": "users", "music": "users", "clinic": "users"}


@cache
def _plan(name: str, *changes: tuple[str, str]) -> Plan:
    return derive(load(name, dict(changes)))


def _scaled(name: str, factor: float) -> Plan:
    base = _plan(name)
    sizes = base.demand.inputs.populations[DRIVER[name]]
    changes = {
        f"populations.users.{a}": repr(float(sizes[a][0]) * factor)
        for a in ("daily_active", "monthly_active")
        if a in sizes
    }
    return derive(load(name, changes))


@pytest.mark.parametrize("brief", BRIEFS)
def test_doubling_users(brief: str) -> None:
    """Twice the users make twice the calls of what follows users, and no cost is lower."""
    one, two = _plan(brief), _scaled(brief, 2)
    driven = [
        n
        for n, o in one.complete.operations.items()
        if o.rate and any(r.kind == "members" and r.of == "users" for r in o.rate) and len(o.rate) == 1
    ]
    assert driven
    for name in driven:
        assert two.demand.of_operation("average_qps", name) == pytest.approx(
            2 * one.demand.of_operation("average_qps", name)
        )
    assert two.sizing.monthly_usd >= one.sizing.monthly_usd


@pytest.mark.parametrize("brief", BRIEFS)
def test_a_hundredfold_changes_nodes(brief: str) -> None:
    """A hundred times the users need more machines."""
    assert _scaled(brief, 100).sizing.servers > _plan(brief).sizing.servers


COMPARISONS = (Matrix,)


def _said(plan: Plan) -> str:
    """Everything outside comparisons and records of decisions, artifacts included."""
    skipped = {
        "7.2.compared",
        "12.1.decisions",
        "4.5.styles",
        "11.2.aspects",
        "6.1.uses",
        "12.1.language",
        "11.1.levers",
    }
    parts: list[str] = []
    for section in build(plan):
        for block in section.walk():
            if isinstance(block, Subsection | Matrix) or block.id in skipped:
                continue
            parts.append(block.text if isinstance(block, Code) else _text(block))
    parts += [a.text for a in artifacts(plan)]
    return "\n".join(parts)


def _text(block: Block) -> str:
    return markdown(block)


def _without_reasons(text: str) -> str:
    """Sentences that compare with the runner-up are records of a decision, and a source has the title that it has."""
    text = text.replace("Database Caching Strategies Using Redis", "")
    return re.sub(r"(It gives up|ahead of|They score alike|wins over|is out:|out \()[^|\n]*", "", text)


@pytest.mark.parametrize("brief", BRIEFS)
@pytest.mark.parametrize(
    ("choice", "value", "old"),
    [
        ("cache", "memcached", r"redis|sorted set|ZADD|valkey"),
        ("messaging", "rabbitmq", r"kafka|redpanda"),
        ("language", "go", r"\bpython\b|\bjava\b|typescript|fastapi|spring|fastify"),
    ],
)
def test_a_choice_leaves_no_word_of_the_old(brief: str, choice: str, value: str, old: str) -> None:
    """Pinning another product changes commands, topics and code, and outside comparisons the old one is not named."""
    plan = _plan(brief, (f"choices.{choice}", value))
    assert plan.decisions[choice].chosen.id == value
    before, after = _plan(brief), plan
    if choice in before.decisions and before.decisions[choice].chosen.id != value:
        assert {a.text for a in artifacts(before)} != {a.text for a in artifacts(after)}
    from workbook import _files

    own = _files.path(f"assets/briefs/{brief}.yaml").read_text(encoding="utf-8").lower()
    said = _without_reasons(_said(plan))
    words = {m.group(0).lower() for m in re.finditer(old, said, re.IGNORECASE)}
    lines = [line for line in said.splitlines() if re.search(old, line, re.IGNORECASE)]
    assert not words, (words, lines[:5], "own" if any(w in own for w in words) else "")


REMOVED = {"chat": "large_chats", "feed": "follow_graph", "music": "playlists", "clinic": "day_plan"}


@pytest.mark.parametrize("brief", BRIEFS)
def test_removing_a_feature(brief: str) -> None:
    """A P0 feature taken away takes its endpoints, tables and topics with it."""
    feature = REMOVED[brief]
    before = _plan(brief)
    after = derive(load(brief, {f"features.{feature}": None}))
    others = {o for f, v in before.complete.model.features.items() if f != feature for o in v.operations}
    gone = [o for o in before.complete.model.features[feature].operations if o not in others]
    assert gone
    assert not set(gone) & set(after.complete.operations)
    assert not [e for e in after.design.endpoints if e.operation in gone]
    assert not [t for t in after.design.topics if {*t.tellers, *t.hearers} & set(gone)]
    entities = set(before.complete.entities) - set(after.complete.entities)
    assert not entities & set(after.world.form.structures)


def test_the_example_of_the_command_line() -> None:
    """`--set populations.users.daily_active=5M` is read as a person means it."""
    plan = derive(load("chat", {"populations.users.daily_active": "5M"}))
    assert plan.values["populations.users.daily_active"].best == 5e6


def test_same_brief_same_numbers() -> None:
    """Two derivations of one text are equal, number by number."""
    text = "system: S\npopulations: {users: 5k}\nentities: {thing: {fields: {id: id, body: string 100}}}\noperations: {write: {does: create thing, rate: 3 per users per day}}\n"
    one, two = derive(loads(text)), derive(loads(text))
    assert one.estimate() == two.estimate()
