"""Markdown that renders the same on any forge: no HTML, no images, nothing but the three marks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from workbook.document.blocks import (
    Code,
    Diagram,
    Edge,
    Node,
    Note,
    Plot,
    Section,
    Series,
    Step,
    Steps,
    Subsection,
    Table,
    Text,
)
from workbook.document.show import markdown, section_markdown
from workbook.document.show.ascii_diagram import parse
from workbook.document.show.escaping import prose
from workbook.document.show.inline import words

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def tokens(source: str) -> list[Token]:
    """All tokens, those inside lines too."""
    return [inner for token in READER.parse(source) for inner in (token, *(token.children or []))]


def tables(source: str) -> list[list[list[str]]]:
    """The cells of every table as plain text."""
    found: list[list[list[str]]] = []
    for index, token in enumerate(parsed := READER.parse(source)):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type in ("th_open", "td_open"):
            found[-1][-1].append("".join(child.content for child in parsed[index + 1].children or []))
    return found


def test_no_html_no_images_no_foreign_links(evil_page: Subsection) -> None:
    """No text in any place of any block becomes HTML, an image or a link."""
    kinds = {token.type for token in tokens(markdown(evil_page))}
    assert not kinds & {"html_inline", "html_block", "image", "link_open"}


@settings(max_examples=200)
@given(st.text(alphabet="ab1 *_`[]()<>#|~-+.!&;\\$:=\n", max_size=40))
def test_prose_reads_back(text: str) -> None:
    """A text rendered from Markdown is the text that was written, its three marks aside."""
    rendered = "".join(
        token.content for token in tokens(prose(text)) if token.type in ("text", "code_inline", "text_special")
    )
    if "](#" not in text and "**" not in text:
        assert " ".join(rendered.split()) == words(text)


def test_cells_keep_their_columns() -> None:
    """Pipes, backticks and line ends in a cell do not move it."""
    source = markdown(
        Table(id="t", columns=("a|b", "c"), rows=(("x | `y|z`", 1234.0), ("two\nlines", None)), align="<>")
    )
    assert tables(source) == [[["a|b", "c"], ["x | y|z", "1,234"], ["two lines", "–"]]]
    assert "| --- | ---: |" in source


def test_fences_are_longer_than_what_they_hold() -> None:
    """Code that holds a fence stays one block, byte for byte."""
    code = "```` four\n```\nx\n"
    assert [
        token.content
        for token in READER.parse(markdown(Code(id="c", language="md", text=code)))
        if token.type == "fence"
    ] == [code]


def test_headings() -> None:
    """Sections and subsections carry their numbers."""
    source = section_markdown(Section(number=2, title="Scale", subsections=(Subsection(id="2.2", title="Traffic"),)))
    assert source == "## 2 Scale\n\n### 2.2 Traffic\n"


def test_links_name_their_target() -> None:
    """A link to a block says its number, once."""
    assert (
        markdown(Text(id="t", paragraphs=("See [the store](#6.2) and [6.2](#6.2).",))) == "See the store (6.2) and 6.2."
    )


def test_long_charts_are_sampled() -> None:
    """A chart is a table of at most twelve points, first and last among them, and says so; marks follow."""
    x = tuple(float(i) for i in range(100))
    (table,) = tables(
        source := markdown(Plot(id="p", kind="line", series=(Series(name="s", x=x, y=x),), marks=(("limit", 50.0),)))
    )
    assert [row[0] for row in table[1:]][::11] == ["0", "99"]
    assert table[-1] == ["limit", "50"]
    assert len(table) == 1 + 12 + 1
    assert "12 of 100 points" in source


def test_diagrams_can_be_read_back() -> None:
    """The picture in Markdown holds every component and call."""
    diagram = Diagram(
        id="d",
        nodes=(Node(id="a", label="Orders"), Node(id="b", label="Store", layer=1)),
        edges=(Edge(source="a", target="b", label="SQL"),),
    )
    (fence,) = [token for token in READER.parse(markdown(diagram)) if token.type == "fence"]
    assert fence.info == "text"
    assert parse(fence.content.rstrip("\n")) == (["Orders", "Store"], [(0, 1, False, "SQL")])


def test_steps_have_a_sequence_and_a_total() -> None:
    """A flow is a text sequence and a table, and its budget is compared with the target."""
    hops = (
        Step(source="a", target="b", action="x", budget_ms=30, failure="f", remedy="r"),
        Step(source="b", target="a", action="y", budget_ms=20),
    )
    source = markdown(Steps(id="s", steps=hops, target_ms=40))
    assert "── 1 ──" in source
    assert "f → r" in source
    assert "**10 ms over**" in source


def test_notes() -> None:
    """A note is a quotation that begins with its title, or with its tone where it has none."""
    assert markdown(Note(id="n", title="Single copy", text="x", tone="danger")) == "> **Single copy**: x"
    assert markdown(Note(id="n", text="x", tone="danger")) == "> **Danger**: x"
