"""Figures that plotly takes, and bundles that a notebook takes."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest

from workbook.document.blocks import Diagram, Node, Plot, Section, Series, Step, Steps, Subsection, Text
from workbook.document.show import ascii_steps, bundle, bundles, figure
from workbook.document.show.ascii_text import width
from workbook.document.show.cells import cell_text
from workbook.document.show.mime import PLOTLY

SERIES = (Series(name="a", x=("x", "y"), y=(1.0, float("nan"))), Series(name="b", x=("x", "y"), y=(3.0, 4.0)))


@pytest.mark.parametrize("kind", ["line", "bar", "stacked", "pie"])
def test_figures_are_valid(kind: Literal["line", "bar", "stacked", "pie"]) -> None:
    """Every kind is JSON without NaN that plotly's own validation accepts, and small."""
    drawn = figure(
        Plot(
            id="p",
            title="t",
            kind=kind,
            series=SERIES,
            x_label="x",
            y_label="y",
            marks=(("limit", 2.0),),
            log_y=kind == "line",
        )
    )
    assert len(json.dumps(drawn, allow_nan=False)) < 4000
    graph_objects = pytest.importorskip("plotly.graph_objects")
    graph_objects.Figure(drawn, skip_invalid=False)


def test_marks_and_axes() -> None:
    """Marks are dotted lines with their label; log axes and titles are those of the plot."""
    layout: dict[str, Any] = figure(
        Plot(id="p", kind="line", series=SERIES, log_x=True, y_label="TB", marks=(("limit <1>", 2.0),))
    )["layout"]
    (shape,) = layout["shapes"]
    assert (shape["y0"], shape["y1"], shape["line"]["dash"], shape["label"]["text"]) == (
        2.0,
        2.0,
        "dot",
        "limit &lt;1&gt;",
    )
    assert layout["xaxis"]["type"] == "log"
    assert "type" not in layout["yaxis"]
    assert layout["yaxis"]["title"]["text"] == "TB"


def test_a_block_is_a_bundle() -> None:
    """Every block comes as HTML and Markdown, a plot as a plotly figure too."""
    assert set(bundle(Text(id="t", paragraphs=("x",)))) == {"text/html", "text/markdown"}
    assert set(bundle(Plot(id="p", kind="bar", series=SERIES))) == {"text/html", "text/markdown", PLOTLY}


def test_plots_stand_alone_in_the_sequence() -> None:
    """A section is shown as runs of blocks and single plots, in reading order, nothing lost."""
    text = [Text(id=f"2.1.{i}", paragraphs=(f"text {i}",)) for i in range(3)]
    plot = Plot(id="2.1.p", kind="bar", series=SERIES)
    shown = bundles(
        Section(
            number=2,
            title="Scale",
            subsections=(Subsection(id="2.1", title="T", blocks=(text[0], text[1], plot, text[2])),),
        )
    )
    assert [PLOTLY in part for part in shown] == [False, True, False]
    assert shown[0]["text/markdown"] == "## 2 Scale\n\n### 2.1 T\n\ntext 0\n\ntext 1"
    assert 'id="b-2.1"' in shown[0]["text/html"]
    assert "text 2" in shown[2]["text/html"]
    assert bundles(text[0]) == [bundle(text[0])]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1234567, "1,234,567"), (1234567.8, "1,230,000"), (0.012345, "0.0123"), (99.95, "99.95"), (0.99999, "0.99999"), (86400.0, "86,400"),
        (2048.0, "2,048"), (112.5, "113"), (1e-7, "1e-7"), (3.2e20, "3.2e20"), (0.0, "0"), (-0.5, "-0.5"), (float("nan"), "–"),
        (float("inf"), "∞"), (None, "–"), (True, "yes"), (False, "no"), ("as it is", "as it is"),
    ],
)  # fmt: skip
def test_numbers_in_cells(value: float | str | bool | None, text: str) -> None:
    """Whole numbers are written in full, others with three digits; nothing is rounded up to a round hundred."""
    assert cell_text(value) == text


def test_sequences_fit_the_page() -> None:
    """A flow between many components stays within 110 columns and lists every step."""
    hops = tuple(Step(source=f"service {i}", target=f"service {i * 7 % 11}", action="call") for i in range(11))
    text = ascii_steps(Steps(id="s", steps=hops))
    assert max(width(line) for line in text.split("\n")) <= 110
    assert all(f"{i + 1:>3}. service {i} --> " in text for i in range(11))


def test_an_empty_diagram_is_shown() -> None:
    """A diagram with one lonely component is drawn, too."""
    assert "[C1]" in bundle(Diagram(id="d", nodes=(Node(id="a", label="A"),), edges=()))["text/markdown"]
