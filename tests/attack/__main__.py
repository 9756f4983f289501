"""`make attack`: every promise of every archetype and example, attacked on a real PostgreSQL; a table, and exit 1 where one failed.

An argument names briefs or archetypes to attack; without one all are. A promise that cannot be attacked says why.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

from workbook.brief import load, loads
from workbook.brief.load import examples
from workbook.brief.problems import BriefError
from workbook.catalog import loader
from workbook.plan import derive
from workbook.proof.promises.base import Tested
from workbook.proof.promises.verdicts import verify

FAULTS = {Tested.FAILED.value, Tested.STAND_IN_FAILED.value}
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


def attacked(system: str) -> tuple[list[Row], float]:
    """A row for each promise of an example or a bare archetype, and how many seconds it took."""
    begun = time.monotonic()
    try:
        brief = load(system) if system in examples() else loads(f"system: {system}\narchetypes: [{system}]\n")
        found = verify(derive(brief))
    except BriefError as refused:
        return [Row(system, "", "failed", "", str(refused).splitlines()[0])], time.monotonic() - begun
    rows = [
        Row(system, name, verdict.tested.value, verdict.on, "" if verdict.tested is Tested.PASSED else verdict.why)
        for name, verdict in found.items()
    ]
    return rows, time.monotonic() - begun


def main(wanted: list[str]) -> int:
    """Prints the table."""
    systems = wanted or [*examples(), *loader.archetypes()]
    counted: dict[str, int] = {}
    with ProcessPoolExecutor(AT_ONCE) as pool:
        for system, (rows, seconds) in zip(systems, pool.map(attacked, systems), strict=True):
            print(f"{system}: {len(rows)} promises in {seconds:.0f} s", flush=True)
            for row in rows:
                counted[row.result] = counted.get(row.result, 0) + 1
                print(f"  {row.promise:<44} {row.result:<12} {row.on} {row.why}".rstrip(), flush=True)
    print(", ".join(f"{count} {result}" for result, count in sorted(counted.items())))
    return 1 if FAULTS & counted.keys() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
