"""From a brief to the whole plan in the time of a keystroke: measured against other work in the same run, since machines differ."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import yaml

from workbook.brief import load
from workbook.plan import derive

TIMES = 4.5
"""Between 2.7 and 2.9 where nothing else runs."""


def best(work: Callable[[], object], rounds: int = 20) -> float:
    """Processor seconds of the quickest round."""
    taken = []
    for _ in range(rounds):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return min(taken)


@pytest.mark.slow
def test_deriving_takes_little_longer_than_writing_down_its_numbers() -> None:
    """`derive(chat)`, once everything is imported, against PyYAML's own writer (in Python) on the estimates that came out."""
    brief = load("chat")
    numbers = derive(brief).estimate()
    derived = best(lambda: derive(brief))
    written = best(lambda: yaml.dump(numbers, Dumper=yaml.SafeDumper))
    print(f"derive(chat): {derived * 1e3:.1f} ms, {derived / written:.1f} times as long as its numbers take as YAML")
    assert derived < TIMES * written
