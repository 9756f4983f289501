"""`make attack`: every promise of every archetype and example, attacked on a real PostgreSQL; a table, and exit 1 where one failed.

An argument names briefs or archetypes to attack; without one all are. A promise that cannot be attacked says why; of one that
published designs make (`tests/promises`) that is a failure, too.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workbook.brief.load import examples
from workbook.brief.problems import BriefError
from workbook.catalog import loader
from workbook.plan import derive
from workbook.proof.promises.base import Tested
from workbook.proof.promises.verdicts import verify

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

from published import brief_of, published

FAULTS = {Tested.FAILED, Tested.STAND_IN_FAILED}
HOLD = {Tested.PASSED, Tested.STAND_IN_PASSED}
AT_ONCE = 2
"""Systems attacked side by side."""


@dataclass(frozen=True)
class Row:
    """What came of one promise."""

    system: str
    promise: str
    result: str
    on: str
    why: str
    fault: bool


def attacked(system: str) -> tuple[list[Row], float]:
    """A row for each promise of an example or a bare archetype, and how many seconds it took."""
    begun = time.monotonic()
    try:
        plan = derive(brief_of(system))
        wanted, found = published(plan, system), verify(plan)
    except BriefError as refused:
        return [Row(system, "", "failed", "", str(refused).splitlines()[0], True)], time.monotonic() - begun
    rows = [
        Row(
            system,
            name,
            verdict.tested.value,
            verdict.on,
            "" if verdict.tested is Tested.PASSED else verdict.why,
            verdict.tested in FAULTS or (name in wanted and verdict.tested not in HOLD),
        )
        for name, verdict in found.items()
    ]
    return rows, time.monotonic() - begun


def main(wanted: list[str]) -> int:
    """Prints the table."""
    systems = wanted or [*examples(), *loader.archetypes()]
    counted: dict[str, int] = {}
    faults = 0
    with ProcessPoolExecutor(AT_ONCE) as pool:
        for system, (rows, seconds) in zip(systems, pool.map(attacked, systems), strict=True):
            print(f"{system}: {len(rows)} promises in {seconds:.0f} s", flush=True)
            for row in rows:
                counted[row.result] = counted.get(row.result, 0) + 1
                faults += row.fault
                print(f"  {row.promise:<44} {row.result:<12} {row.on} {row.why}".rstrip(), flush=True)
    print(", ".join(f"{count} {result}" for result, count in sorted(counted.items())))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
