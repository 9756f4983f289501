"""`make bench`: what takes how long, printed and written as JSON with machine and versions. CI compares ratios, never times."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

RESULT = Path(__file__).resolve().parent.parent / ".work" / "bench.json"


def median(work: Callable[[], object], rounds: int) -> float:
    """The median of so many rounds, in seconds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def derive_seconds() -> float:
    """`derive` of the chat brief after import."""
    from workbook.brief import load
    from workbook.plan import derive

    brief = load("chat")
    derive(brief)
    return median(lambda: derive(brief), 15)


def command_seconds(*arguments: str, rounds: int) -> float:
    """A command from Enter to the prompt."""
    return median(lambda: subprocess.run([sys.executable, "-m", "workbook", *arguments], check=False, stdout=subprocess.DEVNULL), rounds)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        seconds = {
            "derive(chat), after import": derive_seconds(),
            "import workbook": median(lambda: subprocess.run([sys.executable, "-c", "import workbook"], check=True), 5),
            "python, for comparison": median(lambda: subprocess.run([sys.executable, "-c", "pass"], check=True), 5),
            "workbook estimate chat": command_seconds("estimate", "chat", rounds=3),
            "workbook run chat, cold": command_seconds("run", "chat", "-q", "-o", folder, rounds=1),
        }
    machine = {"cores": os.cpu_count(), "machine": platform.machine(), "system": platform.platform(), "python": platform.python_version()}
    for name, value in seconds.items():
        print(f"{name:<32} {value * 1000:>10.1f} ms")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps({"machine": machine, "seconds": seconds}, indent=2) + "\n", encoding="utf-8")
    print(f"{RESULT.relative_to(Path.cwd()) if RESULT.is_relative_to(Path.cwd()) else RESULT}")


if __name__ == "__main__":
    main()
