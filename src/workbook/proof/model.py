"""The record of what ran on which engine. It holds no time, so that the same brief gives the same record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "failed", "not run"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """What one engine said to one artifact. `engine` names its version, too, where it ran."""

    path: str
    engine: str
    outcome: Outcome
    message: str = ""
    """The engine's words where it refused; `needs ...` where it did not run."""


@dataclass(frozen=True)
class Verification:
    """Every check of a plan's artifacts, in the order of their paths."""

    checks: tuple[Check, ...] = ()

    @property
    def ok(self) -> tuple[Check, ...]:
        """What was accepted."""
        return tuple(c for c in self.checks if c.outcome == "ok")

    @property
    def failed(self) -> tuple[Check, ...]:
        """What was refused."""
        return tuple(c for c in self.checks if c.outcome == "failed")

    @property
    def not_run(self) -> tuple[Check, ...]:
        """What no engine has seen."""
        return tuple(c for c in self.checks if c.outcome == "not run")

    @property
    def engines(self) -> tuple[str, ...]:
        """The engines that accepted something, with their versions."""
        return tuple(sorted({c.engine for c in self.ok}))


def as_proofs(verification: Verification) -> dict[str, str]:
    """By path what a page says under an artifact: the engine that took it, its refusal, or what the check needs."""
    made: dict[str, str] = {}
    for check in verification.checks:
        made[check.path] = {
            "ok": check.engine,
            "failed": f"refused by {check.engine}: {check.message}",
            "not run": f"not run: {check.message}",
        }[check.outcome]
    return made
