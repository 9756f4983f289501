"""Tables, keys and copies in words."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.fields import FieldType
from workbook.brief.shapes import Loss
from workbook.brief.steps.syntax import Start, Verb
from workbook.document import words as w
from workbook.document.page import Page
from workbook.document.wording.values import tests, value
from workbook.plan.fold.layout import Check, Column, Exclusion, Index, Table, Unique, served_by
from workbook.plan.form.accesses import Access
from workbook.plan.operate.copies import Copies
from workbook.plan.operate.hot_spots import HotSpot
from workbook.plan.passes.partition_key import group_bytes
from workbook.plan.sizing.model import Tier

_TYPES = {
    "id": "identifier",
    "ref": "identifier",
    "time": "timestamp",
    "string": "text",
    "text": "text",
    "code": "text",
    "enum": "enumeration",
}
_ACCESS = {
    Verb.GET: "row",
    Verb.LIST: "range",
    Verb.SCAN: "all rows",
    Verb.SEARCH: "search",
    Verb.NEAR: "near",
    Verb.COUNT: "count",
    Verb.SUMMARISE: "aggregate",
    Verb.RANK: "rank",
    Verb.APPEND: "insert",
    Verb.PUT: "upsert",
    Verb.CHANGE: "update",
    Verb.MOVE: "update",
    Verb.ADD: "update",
    Verb.NEXT: "update",
    Verb.CLAIM: "upsert",
    Verb.RELEASE: "update",
    Verb.REMOVE: "delete",
    Verb.TAKE: "delete, returning",
}


def type_name(said: FieldType) -> str:
    """A type: `text(200), null`."""
    length = f"({said.length})" if said.kind in ("string", "code") and said.length else ""
    many = " list" if said.many else ""
    return f"{_TYPES.get(said.kind, said.kind)}{length}{many}{', null' if said.optional else ''}"


def column_note(column: Column, table: Table) -> str:
    """What a column is for, refers to, holds."""
    said = [column.purpose]
    if column.type.values:
        said.append(f"one of {', '.join(column.type.values)}")
    if column.type.ref:
        held = "references" if column.name in table.references else "names a row of"
        said.append(f"{held} {w.words(column.type.ref)}")
    if column.name in table.key:
        said.append("key")
    return "; ".join(s for s in said if s) or "–"


def access(one: Access) -> str:
    """What kind of access it is."""
    return _ACCESS.get(one.verb, one.verb.value)


def given(one: Access) -> str:
    """What a query is asked by."""
    parts = [*one.equals, *(f"{b} within bounds" for b in one.bounds)]
    return ", ".join(parts) or ("the row" if one.verb in (Verb.APPEND, Verb.PUT) else "–")


def order(one: Access) -> str:
    """In which order rows come."""
    return ", ".join(f"{f} desc" if down else f for f, down in one.order) or "–"


def by_index(table: Table, one: Access) -> str:
    """The index it goes by."""
    if one.verb is Verb.APPEND:
        return "–"
    columns = served_by(table, one)
    if tuple(c for c, _ in columns) == table.key:
        return "primary key"
    return _columns(columns) or "all rows"


def _columns(columns: tuple[tuple[str, bool], ...]) -> str:
    return ", ".join(f"{c} desc" if down else c for c, down in columns)


def index(one: Index) -> str:
    """An index with what it is for."""
    kind = "" if one.kind == "btree" else f"{one.kind}: "
    return f"{kind}({_columns(one.columns)})"


def constraints(table: Table) -> Iterator[str]:
    """What the table itself keeps."""
    for unique in table.uniques:
        yield _unique(unique)
    for exclusion in table.exclusions:
        yield _exclusion(exclusion)
    for check in table.checks:
        yield _check(check)
    if table.append_only:
        yield "rows are never changed or removed"


def _unique(one: Unique) -> str:
    return f"unique ({', '.join(one.columns)}){f' while {tests(one.tests)}' if one.tests else ''}"


def _exclusion(one: Exclusion) -> str:
    return f"no overlap of {one.begin} to {one.end} by ({', '.join(one.by)}){f' while {tests(one.tests)}' if one.tests else ''}"


def _check(one: Check) -> str:
    low = f"{value(one.least)} <= " if one.least is not None else ""
    high = f" <= {value(one.most)}" if one.most is not None else ""
    return f"check {low}{one.column}{high}"


def retention(page: Page, table: Table) -> str:
    """How long rows stay, and how they go."""
    structure = table.structure
    kept = structure.retention or structure.ttl
    if kept is None:
        return "for ever" if structure.loss is Loss.NEVER else "until it is lost or made again"
    said = kept if isinstance(kept, str) else kept.text
    ending = next((n for n in page.programs if _ends(page, n, structure.id)), "")
    return f"{said}; then {w.code(ending)} removes them" if ending else str(said)


def _ends(page: Page, operation: str, structure: str) -> bool:
    """Whether an operation that a clock starts removes rows."""
    program = page.programs[operation]
    removes = any(s.target == structure and s.verb is Verb.REMOVE for s, _ in program.steps())
    return removes and program.starts in (Start.EVERY, Start.DUE)


def purpose(table: Table) -> str:
    """Why there is such a table."""
    structure = table.structure
    if structure.of:
        return f"copy of {w.listed(structure.of)}"
    if structure.added_by:
        return f"{w.words(structure.shape.value)} that {w.words(structure.added_by)} adds"
    return f"{structure.kind or w.words(structure.shape.value)} of {w.words(structure.context)}"


# Partitions and hot spots ----------------------------------------------------------------------------------------------


def parts(tier: Tier | None) -> str:
    """Into how many parts the rows are split."""
    if tier is None or not tier.fleet.nodes:
        return "split by the provider"
    if tier.fleet.ring:
        return f"{tier.fleet.nodes} nodes in a ring"
    return f"{tier.fleet.shards} shards" if tier.fleet.shards > 1 else "one leader, not split"


def split(tier: Tier | None) -> bool:
    """Whether rows lie on several nodes."""
    return tier is None or not tier.fleet.nodes or tier.fleet.ring or tier.fleet.shards > 1


def hot(page: Page, table: Table) -> str:
    """What gathers under the hottest key."""
    structure, world = table.structure, page.plan.world
    peak = world.load.of_structure("lookups", structure.id) + world.load.of_structure("rows_written", structure.id)
    gathered = group_bytes(world, structure)
    key = w.words(table.key[0])
    if gathered > 0:
        return f"the hottest {key} gathers {w.size(gathered)}; {w.rate(peak)} in all"
    return f"{w.rate(peak)} spread over {key}"


def across(table: Table, accesses: tuple[Access, ...], tier: Tier | None) -> str:
    """Queries that need more than one part."""
    if not split(tier):
        return "none: one node has all rows"
    by = table.key[0]
    foreign = [a.operation for a in accesses if a.equals and by not in a.equals and a.verb is not Verb.APPEND]
    if foreign:
        return f"{w.listed(dict.fromkeys(foreign), 3)}: scatter to the parts, gather within the p99"
    return f"none: every query names {w.words(by)}"


def hot_spot(said: HotSpot) -> str:
    """The hot-spot scenario."""
    assumed = "" if said.said else " (assumed, the brief says no skew)"
    what = f"{w.percent(said.share)} of {w.words(said.operation)}{assumed} hits one {w.words(said.key)}"
    return f"{what} of {w.words(said.structure)}: {w.rate(said.per_second)} of {w.rate(said.peak)} at peak"


# Copies ---------------------------------------------------------------------------------------------------------------


def quorum(said: Copies) -> str:
    """What N, R and W mean."""
    if not said.leaderless:
        return f"writes wait for {said.write} of {said.copies}, strong reads go to the leader"
    total = said.read + said.write
    sign, then = (">", "a read sees the last write") if said.overlap else ("<=", "a read may be old")
    return f"R + W = {total} {sign} N = {said.copies}: {then}"


def conflicts(said: Copies) -> str:
    """What happens when two writes contradict each other."""
    if not said.conflicts:
        return "none: one leader or a majority orders writes"
    return "last write wins by timestamp; keys make repeats harmless"


def in_partition(said: Copies) -> tuple[str, str, str]:
    """CAP, PACELC, and what users see while the network is split."""
    contexts = w.listed(said.store.contexts, 2)
    if said.available:
        seen = f"reads go on at both sides and may be old; a write to {contexts} needs {said.write} of {said.copies} copies, else 503"
        return "AP", "PA/EL", seen
    side = "majority" if said.leaderless or said.voted else "leader"
    reads = "reads there may be old" if said.lagging else "and cannot read them there either"
    seen = f"the side without the {side} refuses to write {contexts} (503){'; ' if said.lagging else ' '}{reads}"
    return "CP", "PC/EL" if said.lagging else "PC/EC", seen


# Choices --------------------------------------------------------------------------------------------------------------


def offered(page: Page, store: str) -> str:
    """Who runs it."""
    technology = page.plan.world.stores[store].technology
    return technology.offered.get(page.plan.complete.cloud, "self-managed")


def size(tier: Tier | None) -> str:
    """How many machines."""
    return f"{tier.nodes} x {tier.fleet.instance}" if tier is not None and tier.fleet.nodes else "paid by use"
