"""`make mutants`: makes mistakes in copies of the project and asks whether the tests see them. Prints each, and the share that is seen.

Named mistakes come first, then COUNT others drawn by SEED. Quick tests of the area are asked, then the promises of one brief. Two at once.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))

from mutations import SOURCE, Mutation, drawn, named

ROOT = Path(__file__).parents[2]
AT_ONCE = 2
LIMIT = 420
"""Seconds after which a mistake counts as seen: the tests ended long before without it."""
PYTEST = ("-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")
QUICK = ("tests/capabilities", "tests/promises")
"""Folders of which only the quick tests are asked."""
BRIEF = "chat"
"""Whose promises are attacked."""


@dataclass(frozen=True)
class Found:
    """What became of a mistake."""

    mutation: Mutation
    seen: bool
    by: str
    seconds: float


def areas(place: str) -> list[str]:
    """The tests of the first area that a file belongs to, those that are there."""
    known = yaml.safe_load((Path(__file__).parent / "areas.yaml").read_text("utf-8"))
    tests = next(area["tests"] for area in known if place.startswith(area["under"]))
    return [t for t in tests if (ROOT / t).exists()]


def commands(place: str) -> list[list[str]]:
    """Calls of pytest, the quickest first."""
    tests = areas(place)
    plain = [t for t in tests if not t.startswith(QUICK)]
    quick = [t for t in tests if t.startswith(QUICK)]
    made = [[*PYTEST, *plain]] if plain else []
    made += [[*PYTEST, "-m", "not slow", *quick]] if quick else []
    return [*made, [*PYTEST, "tests/promises/test_promises.py", "-k", BRIEF]]


def copied(into: Path) -> None:
    """The files of the project as they are now."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name)


def ended(command: list[str], folder: Path, seconds: float) -> int | None:
    """How a run of pytest ended; nothing where it had to be stopped."""
    python = os.environ | {"PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
    with subprocess.Popen([sys.executable, "-m", "pytest", *command], cwd=folder, env=python, **quiet) as running:  # type: ignore[call-overload]
        try:
            return int(running.wait(timeout=max(1.0, seconds)))
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            return None


def asked(mutation: Mutation | None, place: str) -> Found:
    """Whether tests see a mistake, in a copy of its own; with none, whether they see something where nothing is."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="workbook-mutant-") as folder:
        copied(Path(folder))
        if mutation is not None:
            (Path(folder) / mutation.file).write_text(mutation.code, "utf-8")
        made = mutation or Mutation(f"as it is, {place}", SOURCE / place, "")
        for command in commands(place):
            code = ended(command, Path(folder), LIMIT - (time.monotonic() - begun))
            if code != 0:
                by = "time" if code is None else " ".join(c for c in command if c.startswith("tests/"))
                return Found(made, True, by, time.monotonic() - begun)
        return Found(made, False, "", time.monotonic() - begun)


def main() -> int:
    """Prints the list and the score."""
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--count", type=int, default=50)
    told.add_argument("--only", default="", help="a part of the titles")
    told.add_argument("--list", action="store_true", help="only say what would be done")
    said = told.parse_args()
    chosen = [m for m in (*named(ROOT), *drawn(ROOT, said.seed, said.count)) if said.only in m.title]
    print(f"{len(chosen)} mistakes, seed {said.seed}", flush=True)
    if said.list:
        print("\n".join(m.title for m in chosen))
        return 0
    with ThreadPoolExecutor(AT_ONCE) as pool:
        first = {tuple(areas(m.place)): m.place for m in chosen}
        for found in pool.map(lambda place: asked(None, place), first.values()):
            if found.seen:
                print(f"The tests fail without any mistake: {found.mutation.title}, {found.by}")
                return 1
        seen = 0
        for found in pool.map(lambda m: asked(m, m.place), chosen):
            seen += found.seen
            word = f"seen by {found.by}" if found.seen else "SURVIVES"
            print(f"{found.mutation.title:<90} {word} ({found.seconds:.0f} s)", flush=True)
    print(f"{seen} of {len(chosen)} seen: {seen / max(1, len(chosen)):.0%}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
