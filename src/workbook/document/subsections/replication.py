"""Copies of the databases: who leads, what a quorum means, and what a partition does."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.document import words as w
from workbook.document.blocks import Subsection, Table
from workbook.document.matrices import matrix, of_kind
from workbook.document.page import Page
from workbook.document.wording import storage
from workbook.plan.operate.copies import of_databases

NUMBER = 6


def build(page: Page, number: str) -> Iterator[Subsection]:
    """How many copies each database keeps, what a quorum means, and what users see while the network is split."""
    plan = page.plan
    found = of_databases(plan.world, {n: t.fleet for n, t in plan.sizing.tiers.items()})
    lag = f"{w.duration(plan.complete.quality('staleness').best)} allowed"
    rows = tuple(
        (
            w.listed(c.store.contexts),
            page.title(c.store.id),
            c.pattern.name,
            f"N={c.copies}, R={c.read}, W={c.write}",
            storage.quorum(c),
            lag,
            storage.conflicts(c),
        )
        for c in found
    )
    cap = tuple((page.title(c.store.id), *storage.in_partition(c)) for c in found)
    write = plan.design.critical_write
    context = plan.world.form.operations[write].context if write else ""
    yield Subsection(
        id=number,
        title="Replication and CAP",
        blocks=(
            Table(
                id=f"{number}.replication",
                columns=("Service", "Store", "Pattern", "Copies", "What it means", "Lag", "Conflicts"),
                rows=rows,
            ),
            Table(
                id=f"{number}.cap",
                title="Position in a partition (CAP) and else (PACELC)",
                columns=("Store", "CAP", "PACELC", "What users see while the network is split"),
                rows=cap,
            ),
            *(
                matrix(page, f"{number}.{d.subject}", n)
                for n, d in of_kind(page, "replication").items()
                if d.subject == context
            ),
        ),
    )
