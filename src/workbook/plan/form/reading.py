"""What is counted and collected while one operation is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbook.plan.form.model import Form, Operation


@dataclass
class Reading:
    """What is counted and collected while one operation is read."""

    form: Form
    operation: Operation
    number: int = 0
    problems: list[str] = field(default_factory=list)
    bound: dict[str, str] = field(default_factory=dict)

    def next_id(self) -> str:
        """Identifiers in the order read: `send.3`."""
        self.number += 1
        return f"{self.operation.id}.{self.number}"


def known_names(names: Mapping[str, object]) -> str:
    """The names that would have been right, for a message."""
    return f"Known are {', '.join(names)}." if names else "There is none."
