"""Calls of a bounded map with expiry inside the service: every instance has its own, and learns of changes by lifetime or event."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbook.artifacts.base import Artifact
from workbook.artifacts.cache_text import VERSION, Entry, entries
from workbook.artifacts.writing import python
from workbook.artifacts.writing.files import identifier as file
from workbook.artifacts.writing.text import compact
from workbook.plan import Plan

KIND = "cache"
DIALECTS = ("in_process",)


def make(plan: Plan) -> Iterable[Artifact]:
    """One file a kind of key."""
    for one in entries(plan):
        lines = [python.comment(one.entry.holds), *_calls(one)]
        yield Artifact(
            kind=KIND,
            subject=one.entry.id,
            title=f"Cache calls: `{one.entry.key}`",
            path=f"cache/{file(one.entry.id)}.txt",
            language="text",
            text="\n".join(lines) + "\n",
            dialect="in_process",
        )


def _calls(one: Entry) -> Iterator[str]:
    key, ttl = one.key, one.entry.ttl_seconds
    after = f"# after {', '.join(n.replace('_', ' ') for n in one.entry.invalidated_by)}, in the instance that made the change; the others see it within {ttl} s"
    yield "# the map is bounded: the entry not used for longest goes first"
    if one.entry.shape == "list_page":
        yield f'version = cache.get("{one.version_key}", default={VERSION})'
        yield f"# page one, {one.page} rows with the cursor of the next; callers of the same key wait for one load"
        yield f'cache.get_or_load("{key}", ttl={ttl}, load=first_page)'
        yield "# page two: the cursor that came with page one is its key"
        yield f'cache.get_or_load("{one.page_key(one.cursor)}", ttl={ttl}, load=page_after_cursor)'
        if one.entry.invalidated_by:
            yield after
            yield f'cache.increment("{one.version_key}")'
    elif one.entry.shape == "counter":
        for counter in one.counts:
            yield f'cache.increment("{key}:{counter}", by={1 if counter == "rows" else compact(one.row.get(counter.removesuffix("_sum"), 1))})'
        yield f'cache.get("{key}:rows")'
    else:
        yield f'cache.put("{key}", {python.string(one.body)}, ttl={ttl})'
        yield f'cache.get("{key}")'
        if one.entry.invalidated_by and one.entry.pattern != "write_through":
            yield after
            yield f'cache.remove("{key}")'
