"""What published designs promise, by system: `tests/promises/*.yaml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from workbook.brief import Brief, load, loads
from workbook.brief.load import examples
from workbook.plan import Plan
from workbook.plan.form.keeping import Keeping

FOLDER = Path(__file__).resolve().parents[1] / "promises"
SYSTEMS: Mapping[str, Any] = {
    path.stem: yaml.safe_load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))
}


def brief_of(system: str) -> Brief:
    """An example by its name, or an archetype on its own."""
    return load(system) if system in examples() else loads(f"system: {system}\narchetypes: [{system}]\n")


def carried(plan: Plan, said: Mapping[str, Any]) -> list[Keeping]:
    """The promises of that kind about that thing, with how each is kept."""
    return [
        one
        for one in plan.world.kept
        if (one.pledge.kind.value, one.pledge.promise.about) == (said["promise"], said["about"])
    ]


def published(plan: Plan, system: str) -> set[str]:
    """The ids of the promises that designs of such a system publish."""
    said = SYSTEMS.get(system, {"carries": []})["carries"]
    return {one.pledge.id for row in said for one in carried(plan, row)}
