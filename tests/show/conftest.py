"""One of each block, with text that tries to break out of it."""

from __future__ import annotations

import pytest

from workbook.document.blocks import (
    Block,
    Bullets,
    Checklist,
    Code,
    Diagram,
    Edge,
    FormulaLine,
    Formulas,
    Item,
    Matrix,
    Node,
    Note,
    Option,
    Plot,
    Series,
    Step,
    Steps,
    Subsection,
    Table,
    Text,
)

EVIL = "</script><script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) \"'| `c|d` ```\n# h"


def every_block(text: str) -> tuple[Block, ...]:
    """All thirteen kinds of block, the text in every place that takes one."""
    return (
        Text(id="1.1.a", title=text, paragraphs=(text, f"**{text}**", f"[{text}](#6.2)")),
        Bullets(id="1.1.b", title=text, items=(text, "two"), numbered=True),
        Table(id="1.1.c", title=text, columns=(text, "n"), rows=((text, 1), ("b", 2.5)), align="<>", note=text),
        Formulas(
            id="1.1.d",
            title=text,
            lines=(FormulaLine(name=text, formula=text, numbers=text, result=text, source=text),),
        ),
        Matrix(
            id="1.1.e",
            title=text,
            criteria=(text, "cost"),
            weights=(0.6, 0.4),
            options=(
                Option(name=text, scores=(0.5, 1), total=0.7, note=text),
                Option(name="b", scores=(), total=0, excuse=text),
            ),
            chosen=text,
            reason=text,
            flip=text,
        ),
        Plot(
            id="1.1.f",
            title=text,
            kind="line",
            series=(Series(name=text, x=(text, "b"), y=(1.0, 2.0)),),
            x_label=text,
            y_label=text,
            marks=((text, 1.5),),
            note=text,
        ),
        Diagram(
            id="1.1.g",
            title=text,
            nodes=(Node(id=text, label=text, sublabel=text, group=text, icon=text), Node(id="b", label="b", layer=1)),
            edges=(Edge(source=text, target="b", label=text),),
        ),
        Steps(
            id="1.1.h",
            title=text,
            steps=(Step(source=text, target="b", action=text, protocol=text, budget_ms=5, failure=text, remedy=text),),
            target_ms=4,
            note=text,
        ),
        Code(id="1.1.i", title=text, language=text, text=text, path=text, proof=text),
        Checklist(
            id="1.1.j",
            title=text,
            items=(Item(text=text, state="open", detail=text, link=text), Item(text="ok", state="done", link="6.2")),
        ),
        Note(id="1.1.k", title=text, text=text, tone="danger"),
        Subsection(id="1.1.l", title=text, blocks=(Text(id="1.1.m", paragraphs=(text,)),)),
    )


@pytest.fixture
def evil_page() -> Subsection:
    """A subsection with one of each."""
    return Subsection(id="1.1", title=EVIL, blocks=every_block(EVIL))
