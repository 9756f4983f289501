"""The language of steps is what BRIEF.md says: its tables are the parser's, its forms are read, what is wrong is located."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workbook.brief.promises import PARAMETERS
from workbook.brief.quantities import NotAQuantity
from workbook.brief.shapes import Shape
from workbook.brief.steps import parse
from workbook.brief.steps.reader import NotAStep
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.form.verbs import GRAMMAR, VERBS

PAGE = (Path(__file__).parents[2] / "BRIEF.md").read_text(encoding="utf-8")
CASES = yaml.safe_load(Path(__file__).with_name("lines.yaml").read_text(encoding="utf-8"))


def rows(title: str) -> list[list[str]]:
    """The cells of the first table below a heading."""
    text = PAGE.split(f"## {title}\n")[1].split("\n## ")[0]
    found = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in cells] for cells in found[2:]]


def test_the_table_of_shapes_is_the_codes() -> None:
    """Every shape stands on the page with the verbs it knows."""
    page = {
        re.findall(r"`(\w+)`", first)[0]: set(re.findall(r"\b[a-z]+\b", verbs.split(";")[0]))
        for first, verbs in rows("Structures")
    }
    assert page == {shape.value: {v.value for v in VERBS[shape]} for shape in Shape}


def test_the_table_of_promises_is_the_codes() -> None:
    """Every kind of promise stands on the page with what it is told."""
    page = {
        first.strip("`").split(":")[0]: set(re.findall(r"\w+", told.replace(" or ", ", ")))
        for first, told in rows("Promises")
    }
    assert {k: v - {"its", "moves"} for k, v in page.items()} == {k.value: set(p.known) for k, p in PARAMETERS.items()}


def test_every_verb_and_every_start_stands_on_the_page() -> None:
    """No verb and no start is kept from the reader."""
    verbs = " ".join(first for first, *_ in rows("Verbs"))
    assert [v.value for v in Verb if not re.search(rf"\b{v}\b", verbs)] == []
    starts = " ".join(first for first, *_ in rows("Starts"))
    assert [s.value for s in Start if s is not Start.CALLER and not re.search(rf"\b{s}\b", starts)] == []
    assert set(GRAMMAR) == set(Verb)


@pytest.mark.parametrize("text", CASES["steps"])
def test_a_step_is_read_and_written_back(text: str) -> None:
    """A step that is read keeps its words: read again from its parts it is the same."""
    read = parse.line(text)
    assert read.text == " ".join(text.split())
    assert parse.line(read.text) == read


@pytest.mark.parametrize(("text", "says"), CASES["wrong steps"].items())
def test_a_wrong_step_says_where_and_what(text: str, says: str) -> None:
    """The message names the word and the column, or what is missing."""
    with pytest.raises((NotAStep, NotAQuantity)) as error:
        parse.line(text)
    assert says in str(error.value)


@pytest.mark.parametrize("text", CASES["starts"])
def test_a_start_is_read(text: str) -> None:
    """Every form of a start is read as its kind."""
    assert parse.starts(text).kind == text.split()[0]


@pytest.mark.parametrize(("text", "says"), CASES["wrong starts"].items())
def test_a_wrong_start_says_what(text: str, says: str) -> None:
    """The message names what is missing or the nearest start."""
    with pytest.raises((NotAStep, NotAQuantity)) as error:
        parse.starts(text)
    assert says in str(error.value)


def said_of(text: str) -> str:
    """The step as read, or why it is none."""
    try:
        return parse.line(text).verb
    except (NotAStep, NotAQuantity) as error:
        return str(error)


@given(st.text(max_size=80))
def test_any_text_is_a_step_or_refused(text: str) -> None:
    """Whatever stands there, the answer is a step or a message, never a crash."""
    assert said_of(text)


WORDS = [
    "get",
    "put",
    "list",
    "by",
    "set",
    "=",
    "a",
    "a.b",
    "1",
    "5 min",
    "each",
    "if",
    "where",
    "and",
    "or",
    "-",
    "//",
    "as",
    "order",
    "now",
]


@given(st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_words_of_the_language_in_any_order(text: str) -> None:
    """Words of the language in any order are a step or refused with a remedy."""
    assert said_of(text)
