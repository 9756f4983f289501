"""What the command prints: for a person at a terminal, or for a program."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from typing import Any


class Form(StrEnum):
    """How a part of the document is written out."""

    text = "text"
    md = "md"
    html = "html"


def written(text: str, form: Form) -> str:
    """Markdown, laid out where a person reads it on a terminal."""
    if form is Form.text and sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        console = Console()
        with console.capture() as capture:
            console.print(Markdown(text))
        return capture.get()
    return text


def print_estimate(found: dict[str, Any]) -> None:
    """One line a number, as aligned text."""

    def lines(prefix: str, value: Any) -> None:
        if isinstance(value, dict) and "value" in value:
            spread = f"  ({_number(value['low'])} to {_number(value['high'])})" if "low" in value else ""
            print(
                f"{prefix:<60} {_number(value['value']):>26} {value['unit'] if value['unit'] != '1' else ''}{spread}".rstrip()
            )
        elif isinstance(value, dict):
            for name, inner in value.items():
                lines(f"{prefix}.{name}" if prefix else str(name), inner)
        elif value not in (None, ""):
            print(f"{prefix:<60} {value}")

    lines("", found)


def _number(value: float) -> str:
    """A number that a person can compare with the line above: no exponents."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == round(value) else f"{value:.4g}"


def as_dict(problem: Any) -> dict[str, str]:
    """A problem for a program to read."""
    named = {"id": problem.id} if problem.id else {}
    return {
        "severity": problem.severity,
        "place": problem.place,
        "what": problem.what,
        "remedy": problem.remedy,
        **named,
    }


def as_json_text(found: Any) -> str:
    """As JSON that any encoding of standard output can hold."""
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    return json.dumps(found, indent=2, ensure_ascii=plain, allow_nan=False)
