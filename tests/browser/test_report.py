"""The report as a reader opens it: from a file, without a network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from waiting import PATIENT

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_the_report_opens_offline_and_draws_its_figures(
    chromium: Any, heard: Callable[[Any], Any], report: Callable[[str], Path]
) -> None:
    """No request leaves the file, no error of ours is on the console, every figure is drawn, every line of the contents leads somewhere."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    listener = heard(page)
    page.goto((report("chat") / "report.html").as_uri())
    page.wait_for_selector(".wb-main", timeout=PATIENT)
    figures = page.locator(".wb-plot").count()
    assert figures > 0
    page.wait_for_function(
        "() => [...document.querySelectorAll('.wb-plot')].every(one => one.querySelector('.main-svg'))", timeout=PATIENT
    )
    targets = page.eval_on_selector_all(
        "nav.wb-toc a", "links => links.map(link => link.getAttribute('href').slice(1))"
    )
    assert len(targets) > 50
    assert [target for target in targets if page.locator(f'[id="{target}"]').count() != 1] == []
    names = page.eval_on_selector_all("[id^='b-']", "parts => parts.map(part => part.id)")
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert listener.outside == []
    assert listener.errors == []
    page.close()
