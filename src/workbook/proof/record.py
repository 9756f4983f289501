"""What engines said to artifacts and how attacks on promises came out, as JSON: written once by a run, read by its notebooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from workbook.proof.promises.base import Tested, Verdict


@dataclass(frozen=True)
class Record:
    """Path of an artifact -> what its engine said; promise -> how the attack on it came out."""

    artifacts: Mapping[str, str] = field(default_factory=dict)
    promises: Mapping[str, Verdict] = field(default_factory=dict)


def dumped(record: Record) -> str:
    """A record as text."""
    promises = {n: {**asdict(v), "tested": v.tested.value} for n, v in record.promises.items()}
    return json.dumps({"artifacts": dict(record.artifacts), "promises": promises})


def read(text: str) -> Record:
    """A record from its text. Raises ValueError where it is none."""
    found: dict[str, Any] = json.loads(text)
    return Record(found.get("artifacts", {}), {n: _verdict(v) for n, v in found.get("promises", {}).items()})


def _verdict(said: Mapping[str, Any]) -> Verdict:
    lists = {n: tuple(said[n]) for n in ("guards", "idle", "history")}
    return Verdict(**{**said, **lists, "tested": Tested(said["tested"])})
