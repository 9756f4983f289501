"""Writes a step, a group or a start as the language has it: what `parse` reads back as the same."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.steps.syntax import (
    AtOnce,
    Condition,
    Line,
    Loop,
    Node,
    Pair,
    Start,
    Starts,
    Together,
    Try,
    Value,
    Verb,
    When,
)

INDENT = "  "


def line(step: Line) -> str:
    """One step as text."""
    words = [step.verb.value, *_subjects(step)]
    if step.amount is not None:
        words.append(str(step.amount))
    for word, pairs in (("by", step.by), ("set", step.sets), ("plus", step.plus)):
        words += _joined(word, pairs)
    for word, value in (("for", step.lasting), ("from", step.source), ("to", step.to), ("within", step.within)):
        words += [word, str(value)] if value is not None else []
    words += _joined("on", step.on)
    words += _joined("where", step.where)
    words += _joined("if", step.only_if)
    if step.order is not None:
        words += ["order", ("-" if step.order[1] else "") + step.order[0]]
    singles = (
        ("after", step.after),
        ("limit", step.limit),
        ("rows", step.rows),
        ("found", step.found),
        ("bytes", step.size),
    )
    for word, value in singles:
        words += [word, str(value)] if value is not None else []
    words += [w for w, said in (("direct", step.direct), ("alone", step.alone)) if said]
    words += ["at", step.place] if step.place else []
    words += ["as", step.name] if step.name else []
    return " ".join(words)


def _subjects(step: Line) -> list[str]:
    return [" and ".join(str(p) for p in step.subjects)] if step.subjects else []


def _joined(word: str, parts: tuple[Pair, ...] | tuple[Value, ...] | tuple[Condition, ...]) -> list[str]:
    return [word, " and ".join(str(p) for p in parts)] if parts else []


def starts(start: Starts) -> str:
    """A start as text; empty for what callers start."""
    kind = start.kind
    if kind is Start.CALLER:
        return ""
    if kind is Start.EVERY:
        every = f" {start.every}" if start.every is not None else ""
        return f"every{every}{f' for each {start.each}' if start.each else ''}"
    if kind is Start.DUE:
        offset = f" + {start.offset}" if start.offset is not None else ""
        moved = str(start.offset)
        offset = f" - {moved.removeprefix('0 - ')}" if moved.startswith("0 - ") else offset
        asked = f" while {' and '.join(str(c) for c in start.condition)}" if start.condition else ""
        return f"due {start.on}.{start.field}{offset}{asked}"
    tail = f" every {start.every}" if kind is Start.BEATS else ""
    batch = f" in batches of {start.batch}" if start.batch is not None else ""
    return f"{kind.value}{f' {start.on}' if start.on else ''}{tail}{batch}{' everywhere' if start.everywhere else ''}"


def nodes(steps: tuple[Node, ...], depth: int = 0) -> Iterator[str]:
    """Steps and groups as indented lines for a person."""
    pad = INDENT * depth
    for node in steps:
        if isinstance(node, Line):
            yield pad + line(node)
        elif isinstance(node, Together | AtOnce):
            yield pad + ("together:" if isinstance(node, Together) else "at once:")
            yield from nodes(node.steps, depth + 1)
        elif isinstance(node, Loop):
            yield pad + _loop(node)
            yield from nodes(node.steps, depth + 1)
        elif isinstance(node, When):
            yield pad + f"when {' and '.join(str(c) for c in node.condition)}{_share(node.then.share)}:"
            yield from nodes(node.then.steps, depth + 1)
            if node.otherwise.steps:
                yield pad + "else:"
                yield from nodes(node.otherwise.steps, depth + 1)
        else:
            yield from _attempt(node, depth)


def _attempt(node: Try, depth: int) -> Iterator[str]:
    pad = INDENT * depth
    yield pad + f"try {line(node.step)}"
    for word, branch in (("refused", node.refused), ("unknown", node.unknown)):
        if branch is not None:
            yield pad + f"{word}{_share(branch.share)}:"
            yield from nodes(branch.steps, depth + 1)


def _share(share: object) -> str:
    return f" ({share})" if share is not None else ""


def _loop(node: Loop) -> str:
    of = (
        line(node.read).removeprefix(f"{Verb.LIST.value} ").removesuffix(f" as {node.name}")
        if node.read
        else str(node.listed)
    )
    less = f" less {node.less}" if node.less else ""
    parts = [
        f"{word} {value}" for word, value in (("in parts of", node.batch), ("at once", node.width)) if value is not None
    ]
    return f"each {node.name} of {of}{less}{', ' + ', '.join(parts) if parts else ''}:"
