"""A system four times as large takes four times as long, not sixteen times."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import sized

from workbook.artifacts import build
from workbook.brief import loads
from workbook.document import section, show
from workbook.plan import Plan, derive

SMALL, LARGE = 40, 160
LINEAR = LARGE / SMALL
QUADRATIC = LINEAR**2
LIMIT = (LINEAR + QUADRATIC) / 2
"""Half way between: far from what is measured (4 to 6), and what grows with the square cannot stay below it."""
SECTIONS = 14


def sections(plan: Plan) -> None:
    """The document as it stands on the page."""
    for number in range(SECTIONS):
        show.section_html(section(plan, number))


STEPS: dict[str, Callable[[Plan], object]] = {
    "derive": lambda plan: derive(plan.brief),
    "sections": lambda plan: sections(derive(plan.brief)),
    "artifacts": lambda plan: list(build(derive(plan.brief))),
}


def processor_seconds(step: Callable[[Plan], object], plan: Plan) -> float:
    """What it costs this process, the less of two times: other programs do not count."""
    taken = []
    for _ in range(2):
        began = time.process_time()
        step(plan)
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.slow
@pytest.mark.parametrize("name", STEPS)
def test_f13_what_it_takes_grows_with_the_size(name: str) -> None:
    """From 40 to 160 entities, operations and features: linear, measured as time of the processor."""
    small, large = (derive(loads(sized.brief(count))) for count in (SMALL, LARGE))
    assert processor_seconds(STEPS[name], large) < LIMIT * processor_seconds(STEPS[name], small)
