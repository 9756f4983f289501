"""A block as plain GitHub-flavoured Markdown: no images, no raw HTML, readable before it is rendered too."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import singledispatch

from workbook.document.blocks import (
    Block,
    Bullets,
    Cell,
    Checklist,
    Code,
    Diagram,
    Formulas,
    Matrix,
    Note,
    Option,
    Plot,
    Section,
    Steps,
    Subsection,
    Table,
    Text,
)

from .ascii_diagram import ascii
from .ascii_steps import sequence
from .cells import cell_text
from .escaping import cell, code, fenced, prose
from .sampling import numbers

_STATES = {"done": "✓", "open": "open", "not applicable": "not applicable", "failed": "**failed**"}
_TONES = {"info": "Note", "good": "Good", "warning": "Warning", "danger": "Danger"}
_RULES = {"<": "---", ">": "---:", "^": ":---:"}


def markdown(block: Block) -> str:
    """One block, or a subsection with its blocks, as Markdown without a line end at its end."""
    if isinstance(block, Subsection):
        return _paragraphs([heading_markdown(block), *(markdown(part) for part in block.blocks)])
    title = "" if isinstance(block, Note) or not block.title else f"**{prose(block.title).replace('**', '')}**"
    return _paragraphs([title, _body(block)])


def section_markdown(section: Section) -> str:
    """A whole section: its heading and its subsections."""
    return (
        _paragraphs([heading_markdown(section), *(markdown(subsection) for subsection in section.subsections)]) + "\n"
    )


def heading_markdown(part: Section | Subsection) -> str:
    """Only the heading: `## 2 Scale` or `### 2.2 Traffic`."""
    if isinstance(part, Section):
        return f"## {part.number} {prose(part.title)}"
    return f"### {part.id} {prose(part.title)}".rstrip()


@singledispatch
def _body(block: Block) -> str:
    raise TypeError(
        f"{type(block).__name__} is not one of the blocks in document/blocks.py, so there is no way to write it"
    )


@_body.register
def _(block: Text) -> str:
    return _paragraphs(prose(paragraph) for paragraph in block.paragraphs)


@_body.register
def _(block: Bullets) -> str:
    return "\n".join(
        f"{f'{number}.' if block.numbered else '-'} {prose(item)}" for number, item in enumerate(block.items, 1)
    )


@_body.register
def _(block: Table) -> str:
    rules = [_RULES.get(block.align[i : i + 1], "---") for i in range(len(block.columns))]
    return _paragraphs([_table(block.columns, rules, block.rows), prose(block.note)])


@_body.register
def _(block: Formulas) -> str:
    sourced = any(line.source for line in block.lines)
    rows = []
    for line in block.lines:
        row = [
            cell(line.name),
            code(line.formula).replace("|", "\\|"),
            code(line.numbers).replace("|", "\\|"),
            cell(line.result),
        ]
        rows.append([*row, cell(line.source)] if sourced else row)
    columns = ["Number", "Formula", "With numbers", "Result", *(["Source"] if sourced else [])]
    return _lines(columns, ["---", "---", "---", "---:", *(["---"] if sourced else [])], rows)


@_body.register
def _(block: Matrix) -> str:
    columns = ("Option", *block.criteria, "Total", "Remark")
    rules = ["---", *("---:" for _ in block.criteria), "---:", "---"]
    weights: list[Cell] = ["*Weight*", *(f"{weight * 100:.3g} %" for weight in block.weights), "", ""]
    rows = [
        [cell(str(part)) if i else "*Weight*" for i, part in enumerate(weights)],
        *(_option(block, option) for option in block.options),
    ]
    return _paragraphs(
        [
            _lines(columns, rules, rows),
            f"**Why:** {prose(block.reason)}" if block.reason else "",
            f"**When the answer changes:** {prose(block.flip)}" if block.flip else "",
        ]
    )


def _option(block: Matrix, option: Option) -> list[str]:
    chosen = option.name == block.chosen
    scores = [f"{score:.2f}" for score in option.scores[: len(block.criteria)]]
    scores += ["–"] * (len(block.criteria) - len(scores))
    total = f"{option.total:.2f}" if option.scores and not option.excuse else "–"
    place = {block.runner_up: "runner-up", block.chosen: "chosen"}
    remarks = [
        place.get(option.name, ""),
        f"excluded: {cell(option.excuse)}" if option.excuse else "",
        cell(option.note),
    ]
    name = cell(option.name).replace("**", "")
    return [
        f"**{name}**" if chosen else name,
        *scores,
        f"**{total}**" if chosen else total,
        "; ".join(filter(None, remarks)),
    ]


@_body.register
def _(block: Plot) -> str:
    return _body(numbers(block))


@_body.register
def _(block: Diagram) -> str:
    return fenced(ascii(block), "text")


@_body.register
def _(block: Steps) -> str:
    columns = ("#", "From → to", "Action", "Protocol", "Budget, ms", "Failure → remedy")
    rows: list[list[Cell]] = [
        [
            number,
            f"{step.source} → {step.target}",
            step.action,
            step.protocol,
            step.budget_ms,
            f"{step.failure} → {step.remedy}" if step.remedy else step.failure,
        ]
        for number, step in enumerate(block.steps, 1)
    ]
    budgets = [step.budget_ms for step in block.steps if step.budget_ms is not None]
    totals = []
    if budgets:
        totals.append(f"**Total budget:** {cell_text(sum(budgets))} ms")
    if block.target_ms is not None:
        totals.append(f"**target:** {cell_text(block.target_ms)} ms")
        if budgets:
            left = block.target_ms - sum(budgets)
            totals.append(f"{cell_text(left)} ms to spare" if left >= 0 else f"**{cell_text(-left)} ms over**")
    picture = sequence(block)
    return _paragraphs(
        [
            fenced(picture, "text") if picture else "",
            _table(columns, ["---:", "---", "---", "---", "---:", "---"], rows),
            ", ".join(totals),
            prose(block.note),
        ]
    )


@_body.register
def _(block: Code) -> str:
    return _paragraphs(
        [code(block.path), fenced(block.text, block.language), f"Proof: {prose(block.proof)}" if block.proof else ""]
    )


@_body.register
def _(block: Checklist) -> str:
    rows = [(_STATES[item.state], item.text, item.detail, item.link.removeprefix("#") or None) for item in block.items]
    return _table(("", "What", "Detail", "See"), ("---", "---", "---", "---"), rows)


@_body.register
def _(block: Note) -> str:
    title = prose(block.title).replace("**", "")
    return f"> **{title or _TONES[block.tone]}**: {prose(block.text)}"


def _table(columns: Sequence[str], rules: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    return _lines(columns, rules, [[cell(cell_text(value)) for value in row] for row in rows])


def _lines(columns: Sequence[str], rules: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows whose cells are Markdown already."""
    lines = [[cell(column) for column in columns], rules, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _paragraphs(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)
