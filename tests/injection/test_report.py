"""The report of any text is the report of harmless texts with other words: no markup, no script, no link, no table more or less."""

from __future__ import annotations

from collections import Counter
from functools import cache
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from systems import TEXTS, everywhere, usual

from workbook.artifacts.writing.text import one_line
from workbook.brief.characters import refused
from workbook.document import section, show
from workbook.plan import Plan
from workbook.run.outputs import Chapter, Piece
from workbook.run.report import Cover, html, markdown

WORDS = {"text", "text_special", "softbreak", "code_inline", "inline", "strong_open", "strong_close"}
PARAGRAPHS = {"paragraph_open", "paragraph_close"}
CHANGING = WORDS | PARAGRAPHS
"""What a text may bring: words, the three marks that a block's string may carry, and the paragraphs of a statement."""


def report(plan: Plan, text: str, *, page: bool = True) -> tuple[str, str]:
    """The whole report as Markdown and, where asked, HTML: a cover with the text in every place, and all sections."""
    model = plan.complete.model
    cover = Cover(
        model.system, model.statement, f"{text}.yaml", "abc", (("statement", text),), "1", (("warning", text), ("error", text))
    )  # fmt: skip
    chapters = []
    for number in range(14):
        made = section(plan, number)
        piece = Piece(show.section_html(made) if page else "", show.section_markdown(made))
        error = text if number == 3 else ""
        title = f"{made.title} {text}" if number == 2 else made.title
        chapters.append(Chapter(number, title, "notebook", 0.0, error, (piece,)))
    return markdown(cover, chapters), html(cover, chapters) if page else ""


@cache
def harmless() -> tuple[str, str]:
    """The report of the same system with usual texts."""
    return report(usual(), "x")


def tokens(text: str) -> list[Token]:
    """The report as a renderer reads it, with HTML allowed as on a forge."""
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return [t for token in reader.parse(text) for t in (token, *(token.children or []))]


class Page(HTMLParser):
    """Counts what could run or lead away."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Each element with its attributes."""
        self.tags[tag] += 1
        for attribute, value in attrs:
            address = "".join((value or "").lower().split()) if attribute in ("href", "src", "action", "style") else ""
            if attribute.startswith("on") or "javascript:" in address:
                self.wrong.append(f"{tag} {attribute}")


@pytest.mark.parametrize("name", TEXTS)
def test_v11_a_report_of_any_text_has_the_same_shape(name: str) -> None:
    """In Markdown as on the page: nothing of a text is markup, runs, leads away, or is obeyed by a terminal."""
    means_something = set(TEXTS[name]) & set("<>&\"'")  # on a page; in Markdown nearly every sign does
    text, page = report(everywhere(TEXTS[name]), TEXTS[name], page=bool(means_something))
    checked_markdown(text, TEXTS[name])
    if page:
        checked_page(page)
    assert not [c for c in text if refused(c)]


def checked_markdown(text: str, said: str) -> None:
    """As many tables, rows, fences and headings as with harmless texts; no HTML, image or link but to its own chapters."""
    found = tokens(text)
    kinds, plain = Counter(t.type for t in found), Counter(t.type for t in tokens(harmless()[0]))
    assert not kinds["html_block"] + kinds["html_inline"] + kinds["image"] + kinds["s_open"]
    assert all(str(t.attrs["href"]).startswith("#") for t in found if t.type == "link_open")
    assert {k: kinds[k] for k in plain.keys() - CHANGING} == {k: plain[k] for k in plain.keys() - CHANGING}
    assert kinds.keys() - plain.keys() <= CHANGING
    if one_line(said) and len(said) < 200:
        title = next(t for t in found if t.type == "inline").children or []
        assert "".join(t.content for t in title) == one_line(said)


def checked_page(text: str) -> None:
    """As many scripts, images, forms, tables and headings as with harmless texts, no handler and no address that runs."""
    page, plain = Page(text), Page(harmless()[1])
    assert page.wrong == []
    tags = ("script", "img", "iframe", "form", "table", "tr", "h1", "h2", "h3", "pre", "svg", "style")
    assert {t: page.tags[t] for t in tags} == {t: plain.tags[t] for t in tags}
