"""One's own decisions, checks and artifacts work beside an installed package."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_plugins_are_found(tmp_path: Path) -> None:
    """The examples of CONTRIBUTING.md, laid into folders named by WORKBOOK_PLUGINS and WORKBOOK_CATALOG, are in use."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for name, text in re.findall(r"(?ms)^`src/workbook/([\w/.-]+)`\n```\w+\n(.*?)^```", page):
        parts = name.split("/")
        target = tmp_path / parts[-2] / parts[-1]
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")
    code = (
        "from workbook.brief import load; from workbook.plan import derive; from workbook.review import checks; from workbook.artifacts import build; "
        "from workbook.catalog import loader; p = derive(load('clinic')); "
        "print('id_scheme' in p.decisions, 'unpaged_list' in checks(), any(a.kind == 'glossary' for a in build(p)), 'keydb' in loader.technologies())"
    )
    environment = {**os.environ, "WORKBOOK_PLUGINS": str(tmp_path), "WORKBOOK_CATALOG": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout.split() == ["True"] * 4, run.stdout + run.stderr
