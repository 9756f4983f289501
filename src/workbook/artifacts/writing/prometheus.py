"""Prometheus: label values of its query language, and the templates of annotations."""

from __future__ import annotations

from workbook.artifacts.writing.text import one_line, quoted


def string(text: str) -> str:
    """The value of a label in an expression."""
    return quoted(text)


def template(text: str) -> str:
    """A text in an annotation, where two braces would begin an expression."""
    return one_line(text).replace("{{", '{{ "{{" }}')
