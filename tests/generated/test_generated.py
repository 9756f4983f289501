"""F5, F8: whatever brief is composed, `check` and `run` agree: refused with reasons, or fourteen sections, never a crash.

A slice for every day; `make generated` makes five hundred and prints the table.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import make  # noqa: E402
import outcome  # noqa: E402
import parts  # noqa: E402
import table  # noqa: E402

SEED = 1
SLICE = 3
CHUNK = 20
RICH: parts.Raw = yaml.safe_load((HERE.parent / "whole" / "keys.yaml").read_text(encoding="utf-8"))["brief"]


def problems(number: int) -> list[str]:
    """What is wrong with the outcome of a brief."""
    kind, text = make.brief(SEED, number)
    fault = table.fault(kind, outcome.of(text))
    return [f"{number} ({kind}): {fault}"] if fault else []


def test_f5_a_few_generated_briefs() -> None:
    """Valid ones give fourteen sections, odd ones those or reasons, broken ones reasons."""
    assert [wrong for number in range(SLICE) for wrong in problems(number)] == []


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(4))
def test_f5_many_generated_briefs(chunk: int) -> None:
    """The same for more of them, by chunks."""
    numbers = range(SLICE + chunk * CHUNK, SLICE + (chunk + 1) * CHUNK)
    assert [wrong for number in numbers for wrong in problems(number)] == []


CRASHED = yaml.safe_load((HERE / "crashed.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", CRASHED, ids=lambda row: str(row["what"]))
def test_f5_what_crashed_gives_fourteen_sections(row: dict[str, Any]) -> None:
    """Each is a whole document now, and every artifact that is read here can be read."""
    found = outcome.of(yaml.safe_dump({"system": "S", **row["brief"]}, sort_keys=False))
    assert (found.check, found.run, found.crash, found.refused) == ("good", "good", "", ())


def changed(path: str, value: Any) -> str:
    """The rich brief with one value changed, at the first name where any will do."""
    raw = copy.deepcopy(RICH)
    first = path.split(".")[0]
    dotted = path.replace("*", sorted(raw.get(first, {"": 0}))[0])
    assert parts.put(raw, dotted, value, Random(SEED))
    return yaml.safe_dump(raw, sort_keys=False, allow_unicode=True)


@pytest.mark.slow
@pytest.mark.parametrize(("path", "value"), parts.EXTREMES, ids=str)
def test_f5_a_value_at_the_edge_gives_a_document_or_a_reason(path: str, value: Any) -> None:
    """No extreme value that the check lets pass lets the run fall."""
    found = outcome.of(changed(path, value), read=False)
    assert found.crash == ""
    assert found.agree


@pytest.mark.parametrize(("path", "value"), parts.SLIPS, ids=lambda v: str(v)[:40])
def test_f8_a_mistake_is_refused_with_a_remedy(path: str, value: Any) -> None:
    """Each mistake alone, in a brief that is otherwise good, is refused, and every problem says what to do."""
    found = outcome.of(changed(path, value))
    assert found.check == "refused"
    assert found.without_remedy == ()


def test_the_same_seed_gives_the_same_briefs() -> None:
    """A number in a report of the table can be made again."""
    assert [make.brief(3, n) for n in range(9)] == [make.brief(3, n) for n in range(9)]
    assert make.brief(3, 1) != make.brief(4, 1)
    assert {make.brief(3, n)[0] for n in range(3)} == set(make.KINDS)


def test_a_crash_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A section that breaks, an artifact that cannot be read and a check that breaks each count as a fault."""
    _, text = make.brief(SEED, 0)
    with monkeypatch.context() as broken:
        broken.setattr(outcome.document, "build", lambda *_, **__: [][1])
        assert "IndexError" in table.fault("valid", outcome.of(text))
        assert outcome.of(text).check == "good"
    with monkeypatch.context() as broken:
        broken.setattr(outcome, "review", lambda *_: {}["x"])
        assert "KeyError" in table.fault("odd", outcome.of(text))
    assert table.fault("broken", outcome.of(text)) == "a broken brief is taken"
    assert table.fault("valid", outcome.of("system: S")) == "a valid brief is refused"
