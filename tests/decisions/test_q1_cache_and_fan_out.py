"""Q1: what a cache in each server is worth, and what fan-out on write adds to the database, worked by hand."""

from __future__ import annotations

import pytest
from workbook.plan.decisions.cache import Cache

from workbook.brief import loads
from workbook.plan import Plan, derive

READS = """system: Notes
load: {{peak: 1x}}
entities: {{note: {{size: 1 KB, count: 1M, consistency: eventual}}}}
operations: {{look: {{does: read note, rate: {reads}/s}}}}
"""
FANNED = """system: Posts
load: {peak: 2x}
entities:
  post: {fields: {id: id, author: id, text: string 200, written_at: time}, retention: 1 year}
operations:
  publish: {does: create post, rate: 10/s, fan_out: 100, mode: async}
  load_feed: {does: list post, rate: 50/s}
choices: {fan_out: %s}
"""


def worth(reads: float) -> dict[str, float]:
    """What each cache takes off the reads, by its id."""
    world = derive(loads(READS.format(reads=reads))).world
    decision = Cache()
    return {o.id: decision.scores(world, "", o)["reads taken off"].value for o in decision.options(world, "")}


@pytest.mark.parametrize(
    ("reads", "share"),
    [
        (100, 1.0),  # up to 300/s what each server keeps for itself is enough
        (300, 1.0),
        (2449.5, 0.5),  # the middle by ratio: sqrt(300 x 20,000) = 2,449.5
        (20_000, 0.0),  # from 20,000/s it takes nothing off
        (90_000, 0.0),
    ],
)
def test_q1_a_cache_in_each_server_is_worth_less_the_more_is_read(reads: float, share: float) -> None:
    """In-process memory is worth all below 300 reads a second and nothing from 20,000; a shared cache always all."""
    found = worth(reads)
    assert found["in_process"] == pytest.approx(share, abs=1e-3)
    assert {value for name, value in found.items() if name != "in_process"} == {1.0}


def test_q1_the_choice_follows_the_reads() -> None:
    """Little is read: no further system to run. Much is read: a shared cache."""
    chosen = {reads: derive(loads(READS.format(reads=reads))).design.cache.id for reads in (5, 100_000)}
    assert chosen[5] == "in_process"
    assert chosen[100_000] != "in_process"


def planned(how: str) -> Plan:
    """The plan of ten posts a second to a hundred followers each."""
    return derive(loads(FANNED % how))


def test_q1_fan_out_on_write_is_load_of_the_database() -> None:
    """At a peak of 2 x 10 posts a second: 20 rows of posts + 20 x 100 = 2,000 inbox rows, 2,020 writes a second.

    On average 10 + 10 x 100 = 1,010. Rows kept: 10/s x 86,400 x 365 = 315.36M posts + 1,000/s x 86,400 x 30 days = 2,592M of inboxes.
    """
    load = planned("fan_out_on_write").world.contexts["post"]
    assert load.writes == pytest.approx(2020)
    assert load.average_writes == pytest.approx(1010)
    assert load.rows == pytest.approx(315.36e6 + 2592e6)


def test_q1_fan_out_on_read_writes_each_post_once() -> None:
    """Nothing is copied: 20 writes a second at peak, 10 on average; the inbox's 2,592M x 60 B = 155.52 GB are not stored."""
    read, write = (planned(how).world.contexts["post"] for how in ("fan_out_on_read", "fan_out_on_write"))
    assert (read.writes, read.average_writes) == (pytest.approx(20), pytest.approx(10))
    assert write.bytes_year - read.bytes_year == pytest.approx(155.52e9)
