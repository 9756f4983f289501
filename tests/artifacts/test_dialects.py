"""Every dialect has its own artifacts; a missing one says so; nothing of another product is left, and all is deterministic."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from workbook.artifacts import Artifact, build
from workbook.artifacts.base import ROLE_OF_KIND, databases
from workbook.brief import load
from workbook.plan import Plan, derive

BRIEFS = ("chat", "feed", "music", "clinic")


def _plan(brief: str, **choices: str) -> Plan:
    return derive(load(brief, {f"choices.{k}": v for k, v in choices.items()}))


def _of(plan: Plan, *kinds: str) -> list[Artifact]:
    return [a for a in build(plan) if a.kind in kinds]


@pytest.mark.parametrize("brief", BRIEFS)
def test_a_database_without_generator_says_so(brief: str) -> None:
    """A plan on Neo4j says `no generator for Neo4j` for schema and query, and shows nothing else there."""
    found = _of(_plan(brief, database="neo4j"), "schema", "query")
    assert {(a.kind, a.text, a.missing) for a in found} == {
        (k, "", "no generator for Neo4j") for k in ("schema", "query")
    }


@pytest.mark.parametrize("brief", BRIEFS)
def test_every_store_has_a_schema_with_its_tables(brief: str) -> None:
    """Each store's schema file names each of its tables, and what each operation asks of them stands in a query file."""
    plan = _plan(brief, database="postgresql")
    found = _of(plan, "schema", "query")
    assert not [a.missing for a in found if a.missing]
    schemas = {a.subject: a.text for a in found if a.kind == "schema"}
    for store, tables in databases(plan, ("postgresql",)):
        for name in tables:
            assert re.search(rf"\b{name}\b", schemas[store.id]), name
    tables = plan.design.tables
    touching = {n for n, p in plan.world.programs.items() if any(s.target in tables for s, _ in p.steps())}
    assert touching == {a.subject for a in found if a.kind == "query"}


@pytest.mark.parametrize("messaging", ["kafka", "rabbitmq", "sqs", "nats", "redis_streams"])
@pytest.mark.parametrize("brief", BRIEFS)
def test_topics_dead_letters_and_groups_are_created(brief: str, messaging: str, tmp_path: Path) -> None:
    """The broker's file names every topic, dead letter and group; a shell script is one that the shell can read."""
    plan = _plan(brief, messaging=messaging)
    outside = [t for t in plan.design.topics if not t.inside]
    found = _of(plan, "topics")
    assert len(found) == (1 if outside else 0)
    if not found:
        return
    (artifact,) = found
    text = artifact.text.replace("_", "-").lower()
    for topic in outside:
        assert topic.id.replace("_", "-") in text.replace(".", "-")
    if artifact.path.endswith(".sh"):
        file = tmp_path / "topics.sh"
        file.write_text(artifact.text)
        assert subprocess.run(["sh", "-n", str(file)], capture_output=True, text=True, check=False).stderr == ""
    elif artifact.path.endswith(".json"):
        definitions = json.loads(artifact.text)
        queues = {q["name"] for q in definitions["queues"]}
        assert {b["destination"] for b in definitions["bindings"]} == queues


def test_partitions_are_those_of_the_sizing() -> None:
    """Kafka's creation commands take the number of partitions from the plan."""
    plan = _plan("chat", messaging="kafka")
    text = _of(plan, "topics")[0].text
    outside = [t for t in plan.design.topics if not t.inside]
    assert outside
    for topic in outside:
        assert f"--topic {topic.id} \\\n  --partitions {max(1, plan.sizing.partitions[topic.id])} " in text


OTHERS = {
    ("cache", "memcached"): r"(?i)\bredis\b|valkey|sorted set|\bzadd\b|\bhset\b",
    ("cache", "in_process"): r"(?i)\bredis\b|valkey|memcached|sorted set|\bzadd\b",
    ("cache", "redis"): r"(?i)memcached",
    ("messaging", "rabbitmq"): r"(?i)kafka|\bsqs\b|\bnats\b",
    ("messaging", "nats"): r"(?i)kafka|rabbitmq|\bsqs\b",
    ("messaging", "kafka"): r"(?i)rabbitmq|\bsqs\b|\bnats\b",
}


@pytest.mark.parametrize(("decision", "choice"), list(OTHERS))
@pytest.mark.parametrize("brief", BRIEFS)
def test_no_word_of_another_product_is_left(brief: str, decision: str, choice: str) -> None:
    """What is pinned speaks its own language in every artifact."""
    fixed = (
        {"messaging": "sqs"} if decision == "cache" else {"cache": "memcached" if choice != "memcached" else "redis"}
    )
    pattern = OTHERS[decision, choice]
    for artifact in build(_plan(brief, **{**fixed, decision: choice})):
        found = re.search(pattern, f"{artifact.title}\n{artifact.path}\n{artifact.text}")
        assert found is None, f"{artifact.path}: {found and found.group()}"


@pytest.mark.parametrize("brief", BRIEFS)
def test_artifacts_are_the_same_every_time_and_have_their_own_paths(brief: str) -> None:
    """Two derivations give the same bytes, and no two artifacts share a file."""
    first, second = build(_plan(brief)), build(_plan(brief))
    assert first == second
    paths = [a.path for a in first if a.text]
    assert len(set(paths)) == len(paths)
    assert all(a.path and a.text.strip() for a in first if not a.missing)


def test_kinds_with_a_role_are_asked_of_their_technology() -> None:
    """Schemas, queries, caches and topics follow the chosen product."""
    assert {"schema", "query", "cache", "topics"} <= set(ROLE_OF_KIND)
