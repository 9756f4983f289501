"""Characters that end, hide or reorder what is generated from a brief are refused where they stand, by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbook.brief import BriefError, load, loads
from workbook.brief import characters as known
from workbook.brief.values import identifier

REFUSED = {
    "\x00": "U+0000 (NUL)",
    "\x1b": "U+001B (ESC)",
    "\x07": "U+0007 (BEL)",
    "\x0b": "U+000B",
    "\x7f": "U+007F (DELETE)",
    "\x85": "U+0085 (NEXT LINE)",
    "\x9b": "U+009B",
    "\r": "U+000D (CARRIAGE RETURN)",
    "\u061c": "U+061C (ARABIC LETTER MARK)",
    "\u200e": "U+200E (LEFT-TO-RIGHT MARK)",
    "\u200f": "U+200F (RIGHT-TO-LEFT MARK)",
    "\u202a": "U+202A (LEFT-TO-RIGHT EMBEDDING)",
    "\u202e": "U+202E (RIGHT-TO-LEFT OVERRIDE)",
    "\u2066": "U+2066 (LEFT-TO-RIGHT ISOLATE)",
    "\u2069": "U+2069 (POP DIRECTIONAL ISOLATE)",
    "\ufeff": "U+FEFF (ZERO WIDTH NO-BREAK SPACE)",
    "\ufffe": "U+FFFE",
}
ALLOWED = ("\t", "\n", "\u2028", "\u200d", "é", "שלום", "👩‍🚀", "漢", "\u00a0", "\u00ad")


def message(text: str, **overrides: object) -> str:
    """Why a brief is refused."""
    with pytest.raises(BriefError) as caught:
        loads(text, name="x.yaml", overrides=overrides)
    return str(caught.value)


def escaped(character: str) -> str:
    """A character as YAML writes it in double quotes."""
    return f"\\u{ord(character):04x}"


@pytest.mark.parametrize("character", REFUSED)
def test_f9_a_hidden_character_is_refused_by_name_and_place(character: str) -> None:
    """Raw or escaped, in a text, a list, a name or a comment: the line, the path and the name are told, the character never."""
    places = {
        f'system: A\nstatement: "a{escaped(character)}b"': "x.yaml:2  statement: holds",
        f'system: A\ngoals: [a, "{escaped(character)}"]': "x.yaml:2  goals.1: holds",
        f'system: A\nquality:\n  scanning: ["a{escaped(character)}b"]': "x.yaml:3  quality.scanning.0: holds",
        f'system: A\npersonas: {{"a{escaped(character)}": b}}': "x.yaml:2  personas: has a name that holds",
    }
    if character != "\r":
        places[f"system: A\n# a{character}b"] = "x.yaml:2: holds"
        places[f"system: a{character}b"] = "x.yaml:1"
    for text, says in places.items():
        told = message(text)
        assert says in told
        assert REFUSED[character] in told
        assert character not in told


@pytest.mark.parametrize("character", ALLOWED)
def test_f9_letters_signs_tabs_and_line_ends_stay(character: str) -> None:
    """What people write in any language comes back as it was written."""
    brief = loads(f'system: A\nstatement: "a{escaped(character) if len(character) == 1 else character}b"')
    assert brief.raw["statement"] == f"a{character}b"


def test_f9_windows_line_ends_and_a_byte_order_mark_at_the_head_are_the_form_of_a_file(tmp_path: Path) -> None:
    """They are not part of any text."""
    path = tmp_path / "windows.yaml"
    path.write_bytes(b"\xef\xbb\xbfsystem: A\r\nstatement: b\r\n")
    assert load(path).raw["statement"] == "b"
    assert loads("system: A\r\nstatement: b\r\n").raw == {"system": "A", "statement": "b"}


def test_f9_a_block_text_is_told_by_its_own_line() -> None:
    """The line of a hidden character in a block is that of the character."""
    assert "x.yaml:4  statement: holds the character U+202E" in message("system: A\nstatement: |\n  a\n  b\u202ec\n  d")


@pytest.mark.parametrize(("path", "value"), [("statement", "a\x1b[31m"), ("goals", ["a\u202e"]), ("a\x1b", "b")])
def test_f9_an_override_is_read_like_the_file(path: str, value: object) -> None:
    """`--set` is not a way around."""
    told = message("system: A", **{path: value})
    assert told.startswith("--set ")
    assert "U+" in told
    assert "\x1b" not in told


@pytest.mark.parametrize("name", ["a\n", "a\nb", "a "])
@pytest.mark.parametrize(
    "text",
    ["entities: {{{0}: {{size: 1 KB}}}}", "populations: {{{0}: 1}}", "tunables: {{{0}: 1}}", "personas: {{{0}: a}}",
     "entities: {{x: {{fields: {{{0}: id}}}}}}", "entities: {{x: {{context: {0}, size: 1 KB}}}}"],
)  # fmt: skip
def test_f9_no_name_ends_in_a_line_end(name: str, text: str) -> None:
    """`$` of a regular expression also matches before a last line end: names are matched whole."""
    quoted = '"' + name.replace("\n", "\\n") + '"'
    assert "name" in message(f"system: A\n{text.format(quoted)}")


def test_f9_the_grammar_of_names_matches_whole_texts() -> None:
    """A name may not hold more than itself."""
    assert identifier("a") == "a"
    with pytest.raises(ValueError, match="is not a name"):
        identifier("a\n")


def test_f9_a_file_s_name_is_shown_without_what_a_terminal_obeys(tmp_path: Path) -> None:
    """A file called by an escape sequence is told with signs in its place."""
    path = tmp_path / "a\x1b[31m.yaml"
    path.write_text("system: [", encoding="utf-8")
    for wanted in (path, tmp_path / "b\x1b.yaml"):
        with pytest.raises(BriefError) as caught:
            load(wanted)
        assert "\x1b" not in str(caught.value)


def test_characters_of_ordinary_texts_cost_nothing() -> None:
    """A text of plain letters has no refused character, and neither have its lines."""
    assert known.first_refused("plain") == ""
    assert list(known.lines_refused("a\tb\nc")) == []
