"""REVIEW_1, D4 and part Q: what is said was checked, and the house is built as its rules say. The mutations of Q1 have
tests of that name where the code stands; Q2 has `test_add_one_more`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from reviewed import page

from workbook.brief import Brief, BriefError, load
from workbook.catalog import loader
from workbook.catalog.model import Compliance
from workbook.document import build, section
from workbook.document.show import section_markdown
from workbook.plan import derive

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src" / "workbook"
EXAMPLES = ("chat", "clinic", "feed", "music")


def trees(folder: str = "") -> Iterator[tuple[Path, ast.Module]]:
    """Every file of the package below a folder, parsed."""
    for path in sorted((SRC / folder).rglob("*.py")):
        yield path.relative_to(SRC), ast.parse(path.read_text(encoding="utf-8"))


def whole(brief: str) -> str:
    """The report of an example as Markdown."""
    return whole_of(load(brief))


def whole_of(brief: Brief) -> str:
    """The report as Markdown."""
    return "\n".join(section_markdown(s) for s in build(derive(brief)))


@pytest.mark.parametrize("brief", EXAMPLES)
def test_d4_what_nobody_checked_or_answered_is_not_called_so(brief: str) -> None:
    """Files say that no engine has seen them, tests that they were not run, stages that nobody confirmed them."""
    rows = [line for line in page(brief, 13).splitlines() if line.startswith("| ")]
    files = [row for row in rows if re.search(r"\| \d+ files?; ", row)]
    assert files
    assert all("not verified in this run" in row for row in files)
    assert not [row for row in rows if row.startswith("| ✓") and "not run" in row]
    assert any(row.startswith("| open | Review | nobody has confirmed") for row in rows)
    assert not re.search(r"every question .* is answered", whole(brief))


def test_d4_a_confirmed_stage_is_called_so() -> None:
    """With a name, a day and the revision in the brief the row names them."""
    made = load("clinic")
    confirmed = [{"stage": 1, "by": "Ann", "date": "2026-05-04", "revision": made.content}]
    said = section_markdown(section(derive(load("clinic", {"confirmed": confirmed})), 13))
    assert "Ann" in said
    assert "2026-05-04" in said


@pytest.mark.parametrize("law", list(loader.compliance().values()), ids=lambda law: law.id)
def test_d4_no_rule_of_a_law_is_cut_from_the_list(law: Compliance) -> None:
    """However many there are, each stands in section 10."""
    said = " ".join(page("clinic", 10, ("quality.compliance", (law.id,))).split())
    lost = [rule.text for rule in law.rules if re.sub(r"\W+", "", rule.text) not in re.sub(r"\W+", "", said)]
    assert lost == []


TOLD = {("brief/load.py", "Value error, "), ("run/tasks.py", " The cell is:")}
"""What other libraries say in front of their messages, and nobody offers as a name."""


def test_q3_no_sentence_is_taken_apart() -> None:
    """English is for readers: no string method is given words with blanks to look for."""
    asking = {"startswith", "endswith", "removeprefix", "removesuffix", "find", "index", "split", "partition"}
    found = set()
    for path, tree in trees():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in asking):
                continue
            words = [a.value for a in node.args[:1] if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            found |= {
                (str(path), one)
                for one in words
                if re.search(r"[a-z]{2,} [a-z]|^[a-z]{3,} $|[a-z]{3,}, $|^ [A-Z]", one)
            }
    assert found <= TOLD


def test_q4_sections_lay_out_and_compute_nothing() -> None:
    """No product, quotient or power in a section; what they show is worked out in the plan."""
    computing = (ast.Mult, ast.Div, ast.Pow, ast.FloorDiv, ast.Mod)
    found = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in trees("document/sections")
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, computing)
    ]
    assert found == []


def test_q5_every_ability_is_asked_for() -> None:
    """What a product or pattern says it can is read by some pass, fold or artifact by that name."""
    read = {
        n.value
        for _, tree in trees()
        for n in ast.walk(tree)
        if isinstance(n, ast.Constant) and isinstance(n.value, str)
    }
    assert sorted(loader.abilities() - read) == []


def test_q6_thresholds_of_choices_say_where_they_are_from() -> None:
    """Each named number of a pass has a docstring behind it; those without a source call themselves our assumption."""
    bare = []
    for path, tree in trees("plan/passes"):
        for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
            number = (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, float)
            )
            said = (
                isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
                and isinstance(after.value.value, str)
            )
            if number and not said:
                bare.append(f"{path}:{node.lineno}")
    assert bare == []


def test_q7_variables_of_the_document_act() -> None:
    """What the brief sets by the name of a variable changes the report; what means nothing is refused with what would."""
    assert whole_of(load("clinic", {"document": {"PRIMARY_WRITE_OPERATION": "write_note"}})) != whole("clinic")
    with pytest.raises(BriefError, match="Known are book_appointment"):
        derive(load("clinic", {"document": {"PRIMARY_WRITE_OPERATION": "Renew a badge"}}))


def test_q9_no_file_is_longer_than_four_hundred_lines() -> None:
    """One that grows beyond does two things."""
    lines = {
        p.relative_to(ROOT).as_posix(): p.read_text().count("\n")
        for f in ("src", "tests")
        for p in (ROOT / f).rglob("*.py")
    }
    assert {path: n for path, n in lines.items() if n > 400} == {}


def test_q9_no_conditional_expression_stands_in_another() -> None:
    """A reader takes one at a time."""
    nested = [
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.IfExp)
        and any(isinstance(inside, ast.IfExp) for inside in ast.walk(node) if inside is not node)
    ]
    assert nested == []
