"""Every dialect has its own artifacts; a missing one says so; nothing of another product is left, and all is deterministic."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from workbook.artifacts import Artifact, build
from workbook.artifacts.base import ROLE_OF_KIND
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


@pytest.mark.parametrize("database", ["postgresql", "mysql", "mongodb", "dynamodb", "cassandra"])
@pytest.mark.parametrize("brief", BRIEFS)
def test_every_store_has_a_schema_with_its_tables(brief: str, database: str) -> None:
    """Each store's schema file names each of its tables, and each table is read or written by some query file."""
    plan = _plan(brief, database=database)
    found = _of(plan, "schema", "query")
    assert not [a.missing for a in found if a.missing]
    schemas = {a.subject: a.text for a in found if a.kind == "schema"}
    for table in plan.design.tables:
        assert re.search(rf"\b{table.name}\b", schemas[table.store]), table.name
    asked = {a.subject.split(".")[0] for a in found if a.kind == "query"}
    assert {
        t.name
        for t in plan.design.tables
        if not t.queries or any(q.access not in ("search", "near") for q in t.queries)
    } <= asked


@pytest.mark.parametrize("messaging", ["kafka", "rabbitmq", "sqs", "nats", "redis_streams"])
@pytest.mark.parametrize("brief", BRIEFS)
def test_topics_dead_letters_and_groups_are_created(brief: str, messaging: str, tmp_path: Path) -> None:
    """The broker's file names every topic, dead letter and group; a shell script is one that the shell can read."""
    plan = _plan(brief, messaging=messaging)
    (artifact,) = _of(plan, "topics")
    text = artifact.text.replace("_", "-").lower()
    for topic in plan.design.topics:
        assert topic.name.replace(".", "-") in text.replace(".", "-")
        assert "dead" in text
        assert all(group in text for group, _ in topic.groups)
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
    for topic in plan.design.topics:
        assert f"--topic {topic.name} \\\n  --partitions {max(1, plan.sizing.partitions[topic.name])} " in text


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


@pytest.mark.parametrize("brief", BRIEFS)
def test_cql_asks_by_whole_partition_keys(brief: str) -> None:
    """Every SELECT, UPDATE and DELETE in CQL gives the whole partition key, and INSERT names each column once."""
    plan = _plan(brief, database="cassandra")
    schema = "\n".join(a.text for a in _of(plan, "schema"))
    keys: dict[str, list[str]] = {}
    for table, body in re.findall(r"CREATE TABLE ([\w.\"]+) \((.*?)\n\)", schema, re.S):
        key = re.search(r"PRIMARY KEY \((?:\(([^)]*)\)|([\w\"]+))", body)
        assert key, table
        keys[table] = [c.strip() for c in (key.group(1) or key.group(2)).split(",")]
    assert keys
    for artifact in _of(plan, "query"):
        for statement in artifact.text.split(";"):
            where = re.search(r"(?:FROM|UPDATE) ([\w.\"]+)\n(?:SET [^\n]*\n)?WHERE (.*)", statement, re.S)
            if where:
                given = re.findall(r"([\w\"]+) = ", where.group(2))
                assert set(keys[where.group(1)]) <= set(given), statement
            put = re.search(r"INSERT INTO ([\w.\"]+) \(([^)]*)\)", statement)
            if put:
                columns = put.group(2).split(", ")
                assert len(set(columns)) == len(columns)
                assert set(keys[put.group(1)]) <= set(columns)


@pytest.mark.parametrize("brief", BRIEFS)
def test_dynamodb_calls_are_json_that_names_what_it_uses(brief: str) -> None:
    """Each call's JSON reads, its keys are the table's, and every placeholder is defined and used."""
    plan = _plan(brief, database="dynamodb")
    pattern = re.compile(r"aws dynamodb ([\w-]+) --cli-input-json '(.*?)'(?=\n|$)", re.S)
    keys: dict[str, set[str]] = {}
    for artifact in _of(plan, "schema"):
        for verb, text in pattern.findall(artifact.text):
            call = json.loads(text)
            assert verb == "create-table"
            keys[call["TableName"]] = {k["AttributeName"] for k in call["KeySchema"]}
            assert keys[call["TableName"]] == {d["AttributeName"] for d in call["AttributeDefinitions"]}
    for artifact in _of(plan, "query"):
        calls = pattern.findall(artifact.text)
        assert calls
        for _, text in calls:
            call = json.loads(text.replace("'\\''", "'"))
            own = keys[call["TableName"]]
            assert set(call.get("Key", dict.fromkeys(own))) == own
            assert set(call.get("ExclusiveStartKey", dict.fromkeys(own))) == own
            assert own <= set(call.get("Item", dict.fromkeys(own)))
            said = " ".join(str(v) for k, v in call.items() if k.endswith("Expression"))
            assert set(re.findall(r"#\w+", said)) == set(call.get("ExpressionAttributeNames", {}))
            assert set(re.findall(r":\w+", said)) == set(call.get("ExpressionAttributeValues", {}))


@pytest.mark.parametrize("brief", BRIEFS)
def test_mongodb_scripts_are_javascript(brief: str, tmp_path: Path) -> None:
    """Every script of MongoDB's shell is one that a JavaScript engine can read."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("not run: needs node")
    scripts = [a.text for a in _of(_plan(brief, database="mongodb"), "schema", "query")]
    file = tmp_path / "all.js"
    file.write_text("\n".join(f"{{ {s} }}" for s in scripts))
    assert subprocess.run([node, "--check", str(file)], capture_output=True, text=True, check=False).stderr == ""


def test_kinds_with_a_role_are_asked_of_their_technology() -> None:
    """Schemas, queries, caches and topics follow the chosen product."""
    assert {"schema", "query", "cache", "topics"} <= set(ROLE_OF_KIND)
