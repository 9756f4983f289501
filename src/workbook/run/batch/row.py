"""What is known of one brief of a batch when it is over: a line of the table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How a brief ended."""

    done = "done"
    failed = "failed"
    timed_out = "timed out"
    out_of_memory = "out of memory"
    died = "died"
    not_run = "not run"


@dataclass(frozen=True)
class Row:
    """One brief, with the values laid over it."""

    name: str
    brief: str
    folder: str
    status: str
    message: str = ""
    report: bool = False
    """Whether there is a report; that of a failed brief lacks sections."""
    seconds: float = 0.0
    system: str = ""
    revision: str = ""
    overrides: Mapping[str, str] = field(default_factory=dict)
    totals: Mapping[str, float] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    cost_low: float | None = None
    cost_high: float | None = None
    decisions: Mapping[str, str] = field(default_factory=dict)
    flags: tuple[str, ...] = ()
    """The checks that fail and that nobody accepted."""
    findings: tuple[tuple[str, str], ...] = ()
    """Severity and sentence of each."""

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Row:
        """From its plain values. Raises TypeError where they are not a row's."""
        known = {one.name for one in fields(cls)}
        values = {name: value for name, value in found.items() if name in known}
        for name in ("flags", "findings"):
            values[name] = tuple(tuple(one) if isinstance(one, list) else one for one in values.get(name, ()))
        return cls(**values)

    def plain(self) -> dict[str, Any]:
        """As values that JSON knows."""
        return asdict(self)

    @property
    def done(self) -> bool:
        """Whether the report is there, and whole."""
        return self.status == Status.done

    @property
    def errors(self) -> int:
        """How many findings are errors."""
        return sum(severity == "error" for severity, _ in self.findings)

    @property
    def warnings(self) -> int:
        """How many findings are warnings."""
        return sum(severity == "warning" for severity, _ in self.findings)
