"""A flow as a sequence picture in text: one column per component, time runs down."""

from __future__ import annotations

from workbook.document.blocks import Step, Steps

from .ascii_layout import COLUMNS
from .ascii_text import cut, pad, plain, width, wrap
from .cells import cell_text
from .inline import words

_LEAST = 9
"""Below this many columns for each a name says nothing, and the steps are only listed."""


def ascii_steps(steps: Steps) -> str:
    """The sequence, at most 110 columns wide: numbered arrows between lifelines, and the list of steps below."""
    if not steps.steps:
        return "(no steps)"
    listed = "\n".join(line for number, step in enumerate(steps.steps, 1) for line in _entry(number, step))
    picture = sequence(steps)
    return f"{picture}\n\n{listed}" if picture else listed


def sequence(steps: Steps) -> str:
    """Only the arrows between the lifelines; nothing where there are too many components, or no steps."""
    names = list(
        dict.fromkeys(plain(words(name)) or "(unnamed)" for step in steps.steps for name in (step.source, step.target))
    )
    pitch = min(24, COLUMNS // max(1, len(names)))
    if pitch < _LEAST or not names:
        return ""
    centres = [pitch * index + pitch // 2 for index in range(len(names))]
    picture = _heads(names, pitch)
    for number, step in enumerate(steps.steps, 1):
        start, end = (names.index(plain(words(name)) or "(unnamed)") for name in (step.source, step.target))
        picture.append(_arrow(centres, start, end, number))
    return "\n".join(line.rstrip() for line in [*picture, _lifelines(centres)])


def _heads(names: list[str], pitch: int) -> list[str]:
    columns = []
    for name in names:
        lines = [line for _, line in wrap(name, pitch - 2)]
        columns.append(lines if len(lines) <= 3 else [*lines[:2], cut(f"{lines[2]} …", pitch - 2)])
    height = max(len(lines) for lines in columns)
    rows = []
    for row in range(height):
        line = ""
        for lines in columns:
            text = lines[row - height + len(lines)] if row >= height - len(lines) else ""
            line += pad(" " * ((pitch - width(text)) // 2) + text, pitch)
        rows.append(line)
    return rows


def _lifelines(centres: list[int]) -> str:
    line = [" "] * (centres[-1] + 1)
    for centre in centres:
        line[centre] = "│"
    return "".join(line)


def _arrow(centres: list[int], start: int, end: int, number: int) -> str:
    line = list(_lifelines(centres).ljust(COLUMNS))
    label = f" {number} "
    if start == end:
        text = f"├─╮{number}" if centres[start] + 3 + len(str(number)) < COLUMNS else "├"
        line[centres[start] : centres[start] + len(text)] = text
        return "".join(line)
    left, right = sorted((centres[start], centres[end]))
    for column in range(left + 1, right):
        line[column] = "┼" if line[column] == "│" else "─"
    if start < end:
        line[left], line[right - 1] = "├", "▶"
    else:
        line[right], line[left + 1] = "┤", "◀"
    middle = (centres[start] + centres[start + 1 if start < end else start - 1]) // 2 - len(label) // 2
    line[middle : middle + len(label)] = label
    return "".join(line)


def _entry(number: int, step: Step) -> list[str]:
    first = f"{number:>3}. {plain(words(step.source))} --> {plain(words(step.target))}: {plain(words(step.action))}"
    details = [plain(words(step.protocol)), f"{cell_text(step.budget_ms)} ms" if step.budget_ms is not None else ""]
    text = ", ".join([first, *filter(None, details)])
    lines = [line for _, line in wrap(text.strip(), COLUMNS - 5)]
    if step.failure:
        failure = f"if {plain(words(step.failure))}" + (f": {plain(words(step.remedy))}" if step.remedy else "")
        lines += [line for _, line in wrap(failure, COLUMNS - 5)]
    indent = 5 - (len(first) - len(first.lstrip()))
    return [" " * (5 - indent) + lines[0], *(" " * 5 + line for line in lines[1:])]
