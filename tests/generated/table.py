"""`make generated`: what becomes of so many generated briefs, as a table of kinds and outcomes.

    python tests/generated/table.py --seed 1 --count 500 [--jobs 2] [--show 17]

Status 1 where a brief crashes, where check and run disagree, where a broken brief is taken or a valid one refused.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import make
import outcome


def _one(asked: tuple[int, int]) -> tuple[int, str, outcome.Outcome]:
    kind, text = make.brief(*asked)
    return asked[1], kind, outcome.of(text)


def main() -> int:
    """Print the table; 1 where something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--show", type=int, help="print the brief of that number instead")
    given = parser.parse_args()
    if given.show is not None:
        kind, text = make.brief(given.seed, given.show)
        print(f"# {kind}\n{text}{outcome.of(text)}")
        return 0
    with ProcessPoolExecutor(given.jobs) as pool:
        found = list(pool.map(_one, [(given.seed, number) for number in range(given.count)], chunksize=5))
    counts = Counter((kind, _named(result)) for _, kind, result in found)
    columns = ["refused", "fourteen sections", "check good, run crashes", "crash", "artifact refused"]
    print(f"{'kind':<8}" + "".join(f"{column:>25}" for column in columns))
    for kind in make.KINDS:
        print(f"{kind:<8}" + "".join(f"{counts[kind, column]:>25}" for column in columns))
    wrong = [f"{number} ({kind}): {fault(kind, result)}" for number, kind, result in found if fault(kind, result)]
    for line in wrong:
        print(line)
    for number, kind, result in found:
        for said in result.refused if kind != "valid" else ():
            print(f"{number} ({kind}): artifact refused: {said}")
    return 1 if wrong else 0


def _named(result: outcome.Outcome) -> str:
    if result.crash:
        return "check good, run crashes" if result.check == "good" else "crash"
    if result.check == "refused":
        return "refused"
    return "artifact refused" if result.refused else "fourteen sections"


def fault(kind: str, result: outcome.Outcome) -> str:
    """What must not be: a crash, two doors that disagree, a reason without a remedy, a wrong verdict; or nothing."""
    if result.crash:
        return result.crash
    if not result.agree:
        return f"check says {result.check}, run says {result.run}"
    if result.without_remedy:
        return f"no remedy: {result.without_remedy[0]}"
    if kind == "broken" and result.check != "refused":
        return "a broken brief is taken"
    if kind == "valid" and result.check == "refused":
        return "a valid brief is refused"
    return f"artifact refused: {result.refused[0]}" if kind == "valid" and result.refused else ""


if __name__ == "__main__":
    sys.exit(main())
