"""Shapes do what they promise on a real server: each file in `shapes/` is a small system and what becomes of calls.

`calls` asks so many times, one after the other and as the same person; `fine` says how many get what they want; `wait` lets time pass.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import loads
from workbook.brief.quantities import parse
from workbook.plan import derive
from workbook.proof.promises.verdicts import Stage
from workbook.proof.servers import Postgresql
from workbook.proof.stage.scene import scene

CASES: dict[str, dict[str, Any]] = {
    p.stem: yaml.safe_load(p.read_text("utf-8")) for p in sorted((Path(__file__).parent / "shapes").glob("*.yaml"))
}


@pytest.mark.parametrize("name", CASES)
def test_a_shape_is_played(name: str, server: Postgresql) -> None:
    """As many calls succeed as the case says."""
    plan = derive(loads(yaml.safe_dump(CASES[name]["brief"], sort_keys=False)))
    with Stage.opened(scene(plan), server, 0) as stage, stage.without(()) as play:
        play.begin(0)
        for act in CASES[name]["plays"]:
            if "wait" in act:
                play.wait(timedelta(seconds=parse(act["wait"], "time").best))
                continue
            call = stage.cast.request(act["of"])
            assert sum(play.call(call).fine for _ in range(act["calls"])) == act["fine"], act
