"""HTML says what the block says, and nothing that a text tries to smuggle in."""

from __future__ import annotations

import json
import shutil
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbook.document.blocks import (
    Block,
    Diagram,
    Matrix,
    Node,
    Note,
    Option,
    Plot,
    Section,
    Series,
    Step,
    Steps,
    Subsection,
    Table,
    Text,
)
from workbook.document.show import as_html, html, inline_pictures, section_html, style
from workbook.document.show.drawn import Missing
from workbook.document.show.inline import to_html

VOID = {"br", "img", "input", "meta", "link"}


class Page(HTMLParser):
    """Elements with their attributes, and the text; fails on tags that do not match."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_nothing_breaks_out(evil_page: Subsection) -> None:
    """No text in any place of any block becomes an element, a handler or a link that is not ours."""
    page = Page(source := inline_pictures(html(evil_page)))
    assert "<svg" in source or shutil.which("dot") is None
    assert all(script == {"type": "application/json", "class": "wb-figure"} for script in page.all("script"))
    assert not page.all("img")
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert {link["href"] for link in page.all("a")} <= {"#b-6.2"}


@settings(max_examples=100)
@given(st.text())
def test_inline_text_survives(text: str) -> None:
    """Whatever the text, HTML without its marks reads the same and has only our three elements."""
    page = Page(str(to_html(text)))
    assert {tag for tag, _ in page.elements} <= {"code", "strong", "a", "br"}


def test_the_three_marks() -> None:
    """Code, strong and links to blocks become elements; a link elsewhere stays text."""
    assert to_html("a `b<` **c `d`** [e](#6.2.x)") == (
        'a <code>b&lt;</code> <strong>c <code>d</code></strong> <a href="#b-6.2.x">e</a>'
    )
    assert to_html("[e](https://x.org)") == "[e](https://x.org)"


def test_ids_and_headings() -> None:
    """Blocks, subsections and sections can be linked to by their number."""
    section = Section(
        number=2,
        title="Scale",
        subsections=(Subsection(id="2.2", title="Traffic", blocks=(Text(id="2.2.a", paragraphs=("x",)),)),),
    )
    source = section_html(section)
    assert "<h2>2 Scale</h2>" in source
    assert "<h3>2.2 Traffic</h3>" in source
    for identifier in ("2", "2.2", "2.2.a"):
        assert f'id="b-{identifier}"' in source
    assert 'data-block="2.2.a"' in source


def test_tables() -> None:
    """Columns are aligned as asked, numbers are readable, nothing is a dash."""
    source = html(
        Table(
            id="t",
            columns=("a", "b", "c", "d"),
            rows=(("x", 1234567, 0.012345, True), ("y", None, 99.95, False)),
            align="<>>^",
        )
    )
    assert '<th scope="col" class="wb-right">b</th>' in source
    assert '<td class="wb-right">1,234,567</td>' in source
    assert '<td class="wb-right">0.0123</td>' in source
    assert '<td class="wb-centre">yes</td>' in source
    assert '<td class="wb-right">–</td>' in source


def test_matrix() -> None:
    """The chosen row is marked, an excluded option shows its excuse instead of a total."""
    options = (
        Option(name="A", scores=(1, 0.5), total=0.8),
        Option(name="B", scores=(0, 0), total=0.3, excuse="can 10, needs 20"),
    )
    source = html(
        Matrix(id="m", criteria=("x", "y"), weights=(0.6, 0.4), options=options, chosen="A", reason="r", flip="f")
    )
    assert '<tr class="wb-chosen">\n<th scope="row">A' in source
    assert '<tr class="wb-excluded">\n<th scope="row">B' in source
    assert "can 10, needs 20" in source
    assert "0.30" not in source
    assert "60 %" in source


def test_steps_against_their_target() -> None:
    """The total of the budgets stands beside the target, and says when it is over."""
    hops = (
        Step(source="a", target="b", action="x", budget_ms=30),
        Step(source="b", target="c", action="y", budget_ms=12.5),
    )
    assert "157.5" not in html(Steps(id="s", steps=hops, target_ms=200))
    assert "158 ms to spare" in html(Steps(id="s", steps=hops, target_ms=200))
    assert "2.5 ms over" in html(Steps(id="s", steps=hops, target_ms=40))


def test_the_figure_is_json_in_a_script() -> None:
    """A plot's figure can be read back from the page, whatever its labels hold."""
    source = html(Plot(id="p", kind="bar", series=(Series(name="</script>", x=("a",), y=(1.0,)),)))
    text = source.split('class="wb-figure">')[1].split("</script>")[0]
    assert json.loads(text)["data"][0]["name"] == "&lt;/script&gt;"


def test_without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where graphviz is missing the page shows the text picture and says why."""

    def refuse(_: Diagram) -> str:
        raise Missing("graphviz: the program `dot` is not installed")

    monkeypatch.setattr(as_html, "svg", refuse)
    source = html(Diagram(id="d", nodes=(Node(id="a", label="Orders <x>"),), edges=()))
    assert "graphviz: the program" in source
    assert "[C1]" in source
    assert "Orders &lt;x&gt;" in source
    assert "<img" not in source


def test_an_unknown_block_is_refused() -> None:
    """A block that nobody can draw is an error that names it."""

    class Stranger(Block):
        pass

    with pytest.raises(TypeError, match="Stranger"):
        html(Stranger(id="x"))


def test_every_class_that_is_used_is_styled() -> None:
    """The style sheet fetches nothing, and knows the parts that carry meaning by colour."""
    sheet = style()
    assert "url(" not in sheet
    assert "@import" not in sheet
    for name in (
        "wb-chosen",
        "wb-excluded",
        "wb-callout",
        "wb-scroll",
        "wb-toc",
        "wb-main",
        "wb-header",
        "wb-not-run",
        "wb-not-applicable",
    ):
        assert f".{name}" in sheet


@pytest.mark.parametrize("tone", ["info", "good", "warning", "danger"])
def test_notes(tone: str) -> None:
    """A note carries its tone as a class."""
    assert f"wb-callout wb-{tone}" in html(Note(id="n", text="x", tone=tone))  # type: ignore[arg-type]
