"""The templates of code, filled: one a kind and language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from workbook.artifacts import code_model
from workbook.artifacts.base import Artifact
from workbook.artifacts.code_language import Language, pascal
from workbook.artifacts.code_words import (
    SUFFIX,
    TEMPLATES,
    own_constants,
)
from workbook.artifacts.writing.text import quoted, remark
from workbook.plan import Plan

FILES = {"java": "{2}.java", "go": "{0}/{0}.go"}
"""Where a language wants a file of its own kind; a Go package is a folder."""


def quote(value: str) -> str:
    """A string literal, the same in all four languages: of statements and keys, which hold no controls."""
    return quoted(value)


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
        optimized=False,  # nothing in them is constant: looking for it takes a fifth of the time they take to compile
    )
    made.filters |= {"q": quote, "pascal": pascal, "remark": remark}
    return made


def write(kind: str, language: Language, **given: Any) -> str:
    """A template of a kind and language, filled."""
    template = _environment().get_template(f"{kind}.{SUFFIX[language.dialect]}.j2")
    text = template.render(l=language, **given)
    if language.dialect == "python":
        text = _used(text)
    if language.dialect == "java":
        text = _needed(text)
    if language.dialect == "go":
        text = _aligned(_imported(text))
    most = 2 if language.dialect == "python" else 1
    return re.sub(rf"\n{{{most + 2},}}", "\n" * (most + 1), text).rstrip("\n") + "\n"


def _lines(text: str) -> list[str]:
    """Only line ends: other signs that Python counts as such may stand in a string."""
    return text.removesuffix("\n").split("\n")


def _imported(text: str) -> str:
    """Go refuses an import that is not used: those of a file that its text never names are left out."""
    head, _, rest = text.partition(")\n")
    kept = [
        line
        for line in _lines(head)
        if not line.startswith('\t"') or re.search(rf"\b{line.strip().strip(chr(34)).rsplit('/')[-1]}\.", rest)
    ]
    return "\n".join(kept) + "\n)\n" + rest


def _used(text: str) -> str:
    """Names that a Python module imports and never says are left out."""
    body = "\n".join(line for line in _lines(text) if not line.startswith(("import ", "from ")))
    made = []
    for line in _lines(text):
        parts = re.match(r"((?:from \S+ )?import )(.+)", line)
        if parts and "__future__" not in line:
            kept = [n for n in parts.group(2).split(", ") if re.search(rf"\b{n}\b", body)]
            line = parts.group(1) + ", ".join(kept) if kept else ""
            if not kept:
                continue
        made.append(line)
    return "\n".join(made) + "\n"


def _needed(text: str) -> str:
    """Imports of classes that a Java file never names are left out."""
    body = "\n".join(line for line in _lines(text) if not line.startswith("import "))
    return (
        "\n".join(
            line
            for line in _lines(text)
            if not line.startswith("import ") or re.search(rf"\b{line.rstrip(';').rsplit('.')[-1]}\b", body)
        ).lstrip()
        + "\n"
    )


def _aligned(text: str) -> str:
    """Constants and fields in columns, as Go's formatter sets them."""
    made: list[str] = []
    block: list[list[str]] = []
    inside = False
    for line in _lines(text):
        parts = re.match(r"\t(\w+) +(=|\S+)(?: +(.+))?$", line) if inside and not line.endswith("{") else None
        if parts:
            block.append([p for p in parts.groups() if p])
            continue
        widths = [max((len(row[i]) for row in block if len(row) > i + 1), default=0) for i in range(2)]
        constant = any(row[1] == "=" for row in block)
        made += [
            "\t"
            + " ".join(
                v if constant and i else v.ljust(widths[i]) if i < len(row) - 1 else v for i, v in enumerate(row)
            )
            for row in block
        ]
        block = []
        inside = (
            (inside and line not in (")", "}")) or line == "const (" or bool(re.match(r"type \w+ struct \{$", line))
        )
        made.append(line)
    return "\n".join(made) + "\n"


def worker(plan: Plan, dialect: str) -> Iterator[Artifact]:
    """The worker in one language; nothing where the plan tells of nothing."""
    language = Language(dialect, plan)
    made = code_model.worker(plan, language.marks, own_constants(dialect, "worker"))
    if made:
        language.family = made.family
        language.settle(made.constants)
        file = FILES.get(dialect, "{0}.{1}").format("worker", SUFFIX[dialect], "Worker")
        yield Artifact(
            kind="worker",
            subject=made.topic.name,
            title=f"Worker {made.group}: {made.does}",
            path=f"code/{file}",
            language=dialect,
            text=write("worker", language, w=made),
            dialect=dialect,
        )


def service(plan: Plan, dialect: str) -> Iterator[Artifact]:
    """The service in one language; nothing where the plan reads nothing."""
    language = Language(dialect, plan)
    made = code_model.service(plan, language.marks, own_constants(dialect, "service"))
    if made:
        language.family = made.family
        language.settle(made.constants)
        file = FILES.get(dialect, "{0}.{1}").format("service", SUFFIX[dialect], "Service")
        listed = f", pages of {made.listing.operation}" if made.listing and made.single else ""
        yield Artifact(
            kind="service",
            subject=made.subject,
            title=f"Service of {made.subject}{listed}",
            path=f"code/{file}",
            language=dialect,
            text=write("service", language, s=made),
            dialect=dialect,
        )
