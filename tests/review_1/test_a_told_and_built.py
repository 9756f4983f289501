"""REVIEW_1, part A: what a report tells is in its tables, statements, steps and code."""

from __future__ import annotations

import re

import pytest
import yaml
from reviewed import artifacts, page, plan, steps, under

from workbook.brief.promises import PromiseKind
from workbook.plan.form.keeping import KeptBy
from workbook.run.contract import contract


def promised(brief: str, kind: PromiseKind) -> set[str]:
    """What is promised and kept of a kind."""
    return {
        k.pledge.promise.about for k in plan(brief).world.kept if k.pledge.kind is kind and k.by is not KeptBy.NOTHING
    }


def test_a1_a_prekey_is_taken_by_its_device_and_gone() -> None:
    """Whoever begins a session names a person, not a key; the key is deleted by the statement that gives it; the stock stays a stock."""
    said = under("chat", "queries/identity_database/fetch_prekeys")
    assert "DELETE FROM one_time_prekey" in said
    assert "FOR UPDATE SKIP LOCKED" in said
    assert not [
        p for p in yaml.safe_load(artifacts("chat")["api/openapi.yaml"])["paths"] if re.search(r"prekeys/\{.*\}/\{", p)
    ]
    stock = next(s for s in contract(plan("chat"))["structures"] if s["id"] == "one_time_prekey")
    assert 5e11 < stock["bytes"] < 5e12
    assert "one_time_prekey" in promised("chat", PromiseKind.TAKEN_ONCE)


def test_a2_a_message_finds_its_receivers() -> None:
    """The worker reads the members, looks each up among the connections, and pushes or wakes; connections are kept somewhere."""
    heard = " ".join(steps("chat", "deliver"))
    assert "list conversation_member by conversation = event.conversation" in heard
    assert "get connection by person = receiver.participant" in heard
    assert "push event to connection" in heard
    assert "connection:" in under("chat", "cache/connection")
    assert ".push(" in under("chat", "service/deliver.py")


def test_a3_the_server_numbers_messages() -> None:
    """The number comes from the conversation in the transaction of the message; who catches up reads on behind the number it has."""
    asked = yaml.safe_load(artifacts("chat")["api/openapi.yaml"])["paths"]["/v1/chat-messages"]["post"]["requestBody"]
    sent = asked["content"]["application/json"]["schema"]["properties"]
    assert not {"number", "sender", "at", "sent_at"} & set(sent)
    assert any("after each conversation_member.delivered" in s for s in steps("chat", "sync_messages"))
    assert "PRIMARY KEY (conversation, number)" in under("chat", "schema/")
    assert "chat_message" in promised("chat", PromiseKind.ORDERED)


def test_a4_the_inbox_rests_on_nothing_that_no_step_writes() -> None:
    """Members of the caller are read, some tens of rows; receipts are a mark for each member that only goes forward."""
    assert not [c for s in plan("chat").world.form.structures.values() for c in s.fields if c == "last_message_at"]
    confirmed = " ".join(steps("chat", "confirm_delivery"))
    assert "change conversation_member" in confirmed
    assert "if delivered <= body.delivered" in confirmed
    assert any(t["name"] == "progressed" and t["consumers"] for t in contract(plan("chat"))["topics"])


@pytest.mark.parametrize("brief", ["chat", "feed", "music", "clinic"])
def test_a5_a_partitioning_that_is_chosen_is_one_that_is_built(brief: str) -> None:
    """No salt, time bucket or part by time is told where the tables have none."""
    chosen = {d.chosen.id for name, d in plan(brief).decisions.items() if name.startswith("partition_key.")}
    schema = under(brief, "schema/")
    assert "PARTITION BY" in schema or "range_time" not in chosen
    assert "bucket" in schema or "compound" not in chosen
    assert "salt" not in page(brief, 6).lower()


def test_a6_a_look_leaves_a_trace_in_its_transaction() -> None:
    """Reading a chart appends to the trail before it answers; nobody may change the trail; each entry has a key of its own."""
    read = steps("clinic", "open_chart")
    assert [s.split()[0] for s in read] == ["list", "append", "answer"]
    schema = under("clinic", "schema/")
    assert "access_trail is append-only" in schema
    assert "PRIMARY KEY (patient, at, id)" in schema
    assert {"visit_note", "lab_document", "appointment"} <= promised("clinic", PromiseKind.TRACED)


def test_a7_a_time_is_given_once_and_comes_back() -> None:
    """Overlaps are excluded but for cancelled ones; booking takes what is on offer, cancelling returns it; past times are not listed."""
    schema = under("clinic", "schema/")
    assert re.search(
        r"EXCLUDE USING gist \(doctor WITH =, tstzrange\(starts_at, ends\) WITH &&\) WHERE \(\"status\" <> 'cancelled'\)",
        schema,
    )
    assert any(
        s.startswith("move bookable_slot") and s.endswith("to booked") for s in steps("clinic", "book_appointment")
    )
    assert any(
        s.startswith("move bookable_slot") and s.endswith("to free") for s in steps("clinic", "cancel_appointment")
    )
    assert "where status = free and starts_at > now" in steps("clinic", "find_slots")[0]
    assert "where starts_at >= body.day" in steps("clinic", "day_schedule")[0]


def test_a8_a_fan_out_lists_followers_by_an_index_and_tunables_act() -> None:
    """Followers are found by an index on whom they follow; the length of a timeline is what the brief says; no tunable is dead."""
    assert "list follow_edge by followee = event.author as part" in steps("feed", "fan_out")
    assert "follow_edge_followee_idx ON follow_edge (followee)" in under("feed", "schema/")
    assert "-801" in under("feed", "cache/timeline")
    assert "-301" in under("feed", "cache/timeline", ("tunables.LENGTH", 300))
    assert plan("feed").sizing.partitions["posted"] > 1


def test_a9_one_key_holds_one_row() -> None:
    """No command asks several keys at once, which lie in different slots of a cluster."""
    said = under("feed", "cache/") + under("chat", "cache/")
    assert "MGET" not in said
    assert "MSET" not in said


def test_a10_what_is_recommended_is_what_is_built() -> None:
    """The approach of section 5 is the structure of 6 and 7: a sorted set is a sorted set in the commands, too."""
    deep = page("feed", 5)
    assert "Written to every follower" in deep
    assert "ZADD timeline:" in under("feed", "cache/timeline")
    gathered = ("choices.fan_out_feed", "on_read")
    assert "timeline" not in {s.id for s in plan("feed", gathered).world.form.structures.values()}
    assert "ZADD" not in under("feed", "cache/", gathered)


@pytest.mark.parametrize(
    ("brief", "persona", "table"),
    [("clinic", "doctor_user", "visit_note"), ("feed", "reader", "status_post"), ("chat", "sender", "one_time_prekey")],
)
def test_a11_whoever_is_meant_to_read_may(brief: str, persona: str, table: str) -> None:
    """The access rules give rows to those whose operations need them, along a path of references or by the operation's own condition."""
    rules = [r for r in plan(brief).design.rules if r.persona == persona and r.structure == table]
    assert rules


def test_a12_verbs_give_steps() -> None:
    """What is uploaded reaches the object store; a list of persons' rows without a scope is a question, never everybody's."""
    assert any(s.startswith("put media_file") and s.endswith("direct") for s in steps("chat", "upload_media"))
    asked = plan("feed", ("capabilities", "[]"), ("personas.reader", "{is: none}")).unknown
    assert "operations.load_feed.where" in {o.about for o in asked}
    paths = yaml.safe_load(artifacts("music")["api/openapi.yaml"])["paths"]
    assert not [
        p
        for p, methods in paths.items()
        for m in methods.values()
        if isinstance(m, dict) and m.get("operationId") == "count_royalties"
    ]


def test_a13_a_reminder_waits_for_its_time_and_asks_again() -> None:
    """It starts by the time of the visit, less what the tunable says, only while the visit stands; another tunable, another time."""
    starts = plan("clinic").world.form.operations["remind_visitor"].starts
    assert starts.text == "due appointment.starts_at - BEFORE while status = booked"
    assert "remind_visitor" in promised("clinic", PromiseKind.ON_TIME)
    assert under("clinic", "queries/") != under("clinic", "queries/", ("tunables.BEFORE", "2 hours"))
