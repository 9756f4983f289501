"""Cache commands of Redis and of everything that speaks its protocol, ready for `redis-cli`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.cache_text import EVENT, LOCK_MS, TOKEN, Entry, critical, entries, member, score
from workbook.artifacts.writing import redis
from workbook.artifacts.writing.files import identifier as file
from workbook.artifacts.writing.text import compact
from workbook.plan import Plan

KIND = "cache"
DIALECTS = ("redis",)
COUNT = "if redis.call('EXISTS', KEYS[1]) == 1 then return redis.call('HINCRBYFLOAT', KEYS[1], ARGV[1], ARGV[2]) end return false"
RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a kind of key."""
    found = entries(plan)
    guarded = critical(plan, found)
    for one in found:
        lines = [redis.comment(one.entry.holds), *_commands(one)]
        if one is guarded and one.entry.pattern == "cache_aside":
            lines += _guard(one)
        lines += _invalidate(plan, one)
        yield Artifact(
            kind=KIND,
            subject=one.entry.id,
            title=f"Cache commands: `{one.entry.key}`",
            path=f"cache/{file(one.entry.id)}.redis",
            language="redis",
            text="\n".join(lines) + "\n",
            dialect="redis",
        )


def _commands(one: Entry) -> Iterator[str]:
    key, ttl = one.key, one.entry.ttl_seconds
    shape = one.entry.shape
    if shape == "sorted_set":
        yield from _ranking(one)
    elif shape == "hash":
        fields = " ".join(f"{k} {redis.string(v if isinstance(v, str) else compact(v))}" for k, v in one.shown.items())
        yield "# write"
        yield f"HSET {key} {fields}"
        yield f"EXPIRE {key} {ttl}"
        yield "# read"
        yield f"HGETALL {key}"
    elif shape == "counter":
        yield "# read; on a miss the database counts, and the answer is kept"
        yield f"HGETALL {key}"
        yield f"HSET {key} " + " ".join(f"{c} 1" for c in one.counts)
        yield f"EXPIRE {key} {ttl}"
        yield "# each event counts once: go on only where this answers OK"
        yield f"SET {key}:event:{EVENT} 1 NX EX 86400"
        yield "# and only where the count is there: the next read would find a wrong one otherwise"
        for counter in one.counts:
            value = 1 if counter == "rows" else one.row.get(counter.removesuffix("_sum"), 1)
            yield f'EVAL "{COUNT}" 1 {key} {counter} {value}'
    else:
        yield "# write"
        yield f"SET {key} {redis.string(one.body)} EX {ttl}"
        yield "# read"
        yield f"GET {key}"


def _ranking(one: Entry) -> Iterator[str]:
    assert one.table is not None
    assert one.query is not None
    key, ttl, length, page = one.key, one.entry.ttl_seconds, one.entry.length, one.page
    first, own = one.query.order[0], member(one)
    value = score(one.row.get(first), one.table.column(first).kind)
    down = one.query.descending
    trim = f"ZREMRANGEBYRANK {key} 0 -{length + 1}" if down else f"ZREMRANGEBYRANK {key} {length} -1"
    if value is None:
        plain = f"{one.row.get(first)}:{own}".replace(" ", "_")
        own = redis.string(plain)
        yield f"# build on a miss, with the rows of the database: every score is 0, so that members lie in the order of `{first}`"
        yield from (
            f"ZADD {key} 0 {own}",
            f"EXPIRE {key} {ttl}",
            *_append(key, ttl, "0", own, trim, length),
            f"# page one, {page} rows",
        )
        low, high, rev = ("+", "-", " REV") if down else ("-", "+", "")
        yield f"ZRANGE {key} {low} {high} BYLEX{rev} LIMIT 0 {page}"
        yield "# page two: after the cursor's member, which holds the value and the id, so that no two are alike"
        yield f"ZRANGE {key} {redis.string('(' + plain)} {high} BYLEX{rev} LIMIT 0 {page}"
        return
    meaning = "milliseconds of " if one.table.column(first).kind in ("time", "date", "timestamp") else ""
    yield f"# build on a miss, with the rows of the database: score = {meaning}`{first}`, member = the row's key"
    yield from (f"ZADD {key} {value} {own}", f"EXPIRE {key} {ttl}", *_append(key, ttl, str(value), own, trim, length))
    start, stop, rev = ("+inf", "-inf", " REV") if down else ("-inf", "+inf", "")
    yield f"# page one, {page} rows"
    yield f"ZRANGE {key} {start} {stop} BYSCORE{rev} LIMIT 0 {page} WITHSCORES"
    yield "# page two: after the cursor's score, which is enough where no two rows share one"
    yield f"ZRANGE {key} ({value} {stop} BYSCORE{rev} LIMIT 0 {page} WITHSCORES"
    yield "# page two where scores may tie: the place after all better scores and after those of the same score up to the cursor's member"
    yield f'EVAL "{page_after(down)}" 1 {key} {value} {own} {page}'


def _append(key: str, ttl: int, value: str, own: str, trim: str, length: int) -> tuple[str, ...]:
    return (
        "# a new row, only where EXPIRE answers 1: a list that is not there is built by the next read, whole",
        f"EXPIRE {key} {ttl}",
        f"ZADD {key} {value} {own}",
        f"# {length} stay; what lies beyond is asked of the database",
        trim,
    )


def page_after(descending: bool) -> str:
    """A script that returns the page after (score, member), also where the member has gone since."""
    better, sign, rev = (
        ("'(' .. ARGV[1], '+inf'", ">=", ", 'REV'") if descending else ("'-inf', '(' .. ARGV[1]", "<=", "")
    )
    return (
        f"local at = redis.call('ZCOUNT', KEYS[1], {better}) "
        f"for _, m in ipairs(redis.call('ZRANGE', KEYS[1], ARGV[1], ARGV[1], 'BYSCORE')) do if m {sign} ARGV[2] then at = at + 1 end end "
        f"return redis.call('ZRANGE', KEYS[1], at, at + ARGV[3] - 1{rev}, 'WITHSCORES')"
    )


def _guard(one: Entry) -> list[str]:
    lock = f"lock:{one.key}"
    return [
        "# on a miss one caller rebuilds: whoever gets OK; the others wait 50 ms and read again",
        f"SET {lock} {TOKEN} NX PX {LOCK_MS}",
        "# release: only one's own lock",
        f'EVAL "{RELEASE}" 1 {lock} {TOKEN}',
    ]


def _invalidate(plan: Plan, one: Entry) -> list[str]:
    by = one.entry.invalidated_by
    if not by or one.entry.pattern == "write_through" or one.entry.shape == "counter":
        return []
    verbs = {plan.complete.operations[n].verb for n in by}
    listed = ", ".join(n.replace("_", " ") for n in by)
    if one.entry.shape == "sorted_set" and verbs <= {"create", "upload"}:
        return ["# rebuilt from the database where it is gone or in doubt", f"DEL {one.key}"]
    return [f"# after {listed}", f"DEL {one.key}"]
