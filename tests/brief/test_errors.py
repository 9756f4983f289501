"""What cannot be read is refused with file, line, path, what and remedy: all problems at once, in the order of the file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import BriefError, load, loads
from workbook.brief.load import MAX_BYTES
from workbook.plan.complete import complete

TABLE: tuple[Mapping[str, Any], ...] = tuple(
    yaml.safe_load((Path(__file__).parent / "bad.yaml").read_text(encoding="utf-8"))
)
JARGON = re.compile(
    r"pydantic|Traceback|Value error|Input should|validat|NoneType|<class|dict_type|_type\b|errors\.pydantic|Quantity\(",
    re.IGNORECASE,
)
GOOD = "entities: {note: {size: 1 KB}}\noperations: {write: {does: create note, rate: 1/s}}\n"


def refusal(text: str, **overrides: str) -> str:
    """The message with which a brief is refused."""
    with pytest.raises(BriefError) as caught:
        complete(loads(text, name="bad.yaml", overrides=overrides))
    return str(caught.value)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row["what"]))
def test_a_bad_brief_is_refused_with_place_and_remedy(row: Mapping[str, Any]) -> None:
    """Each fragment stands in the message, in that order, without a word of the machinery."""
    message = refusal(f"system: Bad\n{row['brief']}")
    at = 0
    for fragment in row["says"]:
        assert fragment in message[at:], message
        at = message.index(fragment, at)
    assert not JARGON.search(message), message
    lines = [int(n) for n in re.findall(r"^bad\.yaml:(\d+)", message, re.MULTILINE)]
    assert lines == sorted(lines)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: str(row["what"]))
def test_every_problem_has_a_remedy(row: Mapping[str, Any]) -> None:
    """No problem is told without what to do about it."""
    with pytest.raises(BriefError) as caught:
        complete(loads(f"system: Bad\n{row['brief']}", name="bad.yaml"))
    assert [p for p in caught.value.problems if not p.remedy] == []


FILES: Mapping[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "comments only": (b"# nothing\n", "is empty"),
    "a list": (b"- a\n- b\n", "is not a mapping"),
    "a word": (b"hello\n", "is not a mapping"),
    "not UTF-8": ("system: Caf\xe9\n".encode("latin-1"), "is not UTF-8 text (byte 11)"),
    "binary": (bytes(range(256)) * 20, "is not UTF-8"),
    "a control character": (b"system: a\x00b\n", "bad.yaml:1: holds the character U+0000 (NUL)"),
    "10 MB": (b"# " + b"x" * 10_000_000, "is 10.0 MB; a brief has at most 1 MB"),
    "an alias bomb": (b"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nsystem: *c\n", "anchors and aliases"),
    "deep nesting": (b"system: a\ngoals: " + b"[" * 5000 + b"]" * 5000, "nested deeper than 12 levels"),
    "too many values": (b"system: a\ngoals: [" + b"a," * 60_000 + b"]", "has more than 50,000 values"),
    "two documents": (b"system: a\n---\nsystem: b\n", "is not YAML"),
    "a mapping as key": (b"system: a\n? {b: c}\n: d\n", "a key must be a plain name"),
    "a long number": (b"system: a\npopulations: {users: " + b"9" * 6000 + b"}\n", "users"),
    "a long word": (b"system: a\nentities: {note: {size: " + b"(" * 100_000 + b"}}\n", "is not a size"),
    "a merge key": (b"system: a\n<<: {goals: [b]}\n", "is not a known key"),
    "a key with a bracket": (b'system: a\n"0[# a": 3\n', "is not a known key"),
}


@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_no_brief_is_refused(kind: str, tmp_path: Path) -> None:
    """Whatever the bytes, the answer is one clear message naming the file, soon."""
    content, says = FILES[kind]
    path = tmp_path / "bad.yaml"
    path.write_bytes(content)
    with pytest.raises(BriefError) as caught:
        load(path)
    assert says in str(caught.value)
    assert "bad.yaml" in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_file_of_the_largest_size_is_read(tmp_path: Path) -> None:
    """The limit is on the size of the file, not below it."""
    path = tmp_path / "large.yaml"
    head = f"system: Large\n{GOOD}# "
    path.write_text(head + "x" * (MAX_BYTES - len(head)), encoding="utf-8")
    assert load(path).system == "Large"


def test_a_name_that_is_no_file_is_answered_with_the_nearest() -> None:
    """A slip in an example's name gets the name back."""
    with pytest.raises(BriefError, match="Did you mean chat"):
        load("chatt")


def test_a_thousand_operations_in_a_row_are_refused() -> None:
    """A chain beyond all sense ends in a message, not in the limit of recursion."""
    chain = "".join(f"  o{i}: {{does: read note, rate: 1 per o{i + 1}}}\n" for i in range(3000))
    message = refusal(
        f"system: Bad\nentities: {{note: {{size: 1 B}}}}\noperations:\n{chain}  o3000: {{does: read note, rate: 1/s}}\n"
    )
    assert "has more than 200 operations" in message


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        ("lod.peak", "3x", '--set lod.peak: "lod" is not a part of a brief'),
        ("load.peak", "-3x", "--set load.peak"),
        ("load.peak", "[", "is not YAML"),
        ("load.peak", "{a: *b}", "anchors and aliases"),
        ("goals", "{a: 1}", "stands where a list belongs"),
        ("features.nosuch", "null", "there is no feature"),
        ("operations.write.rat", "1/s", "Did you mean rate?"),
        ("", "x", "is not a part of a brief"),
    ],
)
def test_a_bad_override_is_named_by_its_path(path: str, value: str, says: str) -> None:
    """What was laid over the brief is complained of by the option, not by a line of the file."""
    assert says in refusal(f"system: Bad\n{GOOD}", **{path: value})
