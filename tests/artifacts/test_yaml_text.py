"""YAML is written by libyaml only where it writes what PyYAML writes."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workbook.artifacts.writing.yaml import _Plain, _written, dumped

WORDS = st.sampled_from(
    [
        "a",
        " ",
        ":",
        ": ",
        "#",
        " #",
        "'",
        '"',
        "- ",
        "?",
        "[",
        "|",
        "é",
        "\n",
        " \n",
        "null",
        "1",
        "word" * 40,
        "\t",
        "\u2028",
        "\U0001f600",
    ]
)
TEXTS = st.lists(WORDS, max_size=30).map("".join)
VALUES: Any = st.recursive(
    st.one_of(TEXTS, st.integers(), st.booleans(), st.none()),
    lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(TEXTS, v, max_size=3)),
    max_leaves=8,
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=3))
def test_either_writer_says_the_same(value: Any) -> None:
    """Whatever a brief says, the YAML is that of PyYAML's own writer, and reads back as the same values."""
    assert dumped(value) == _written(value, _Plain)
    if "\u2028" not in str(value):
        assert yaml.safe_load(dumped(value)) == value


@pytest.mark.parametrize("text", ["", "\U0001f600", "tab\there", "trailing \nblank", "ends\n\n", "\u2028"])
def test_unusual_text_is_written_all_the_same(text: str) -> None:
    """What libyaml would write in another way is left to PyYAML, as value and as key."""
    for value in ({"k": text}, {text: "v"}):
        assert dumped(value) == _written(value, _Plain)
