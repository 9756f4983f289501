"""Generated code compiles in its language, an operation a file, and says no word of what was not chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import compilers
import pytest

from workbook.artifacts import Artifact, build_kind
from workbook.plan import Plan

HERE = Path(__file__).parent
BRIEFS = ("chat", "feed", "music", "clinic", str(HERE / "odd.yaml"), str(HERE / "small_stay.yaml"))
LANGUAGES = ("python", "java", "go", "typescript")
SUFFIX = {"python": "py", "java": "java", "go": "go", "typescript": "ts"}
CHOICES: tuple[dict[str, str], ...] = ({}, {"database": "cassandra", "cache": "redis", "messaging": "kafka"})
Planned = Callable[..., Plan]


def files(plan: Plan) -> Iterator[Artifact]:
    """The generated files of a plan in the language chosen."""
    for kind in ("service", "worker"):
        yield from build_kind(plan, kind)


def programs(planned: Planned, language: str) -> Iterator[tuple[int, str, str]]:
    """Number, path and text of every program: of every brief with every choice."""
    for number, (brief, choices) in enumerate((b, c) for b in BRIEFS for c in CHOICES):
        yield from ((number, a.path, a.text) for a in files(planned(brief, language=language, **choices)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_compiles(planned: Planned, language: str, tmp_path: Path) -> None:
    """The language's own compiler and formatter, at their strictest, have no word against any file; of Python mypy and ruff."""
    assert compilers.refused_code(language, programs(planned, language), tmp_path) == ""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("brief", BRIEFS)
def test_every_operation_is_a_file_and_has_a_way_in(planned: Planned, brief: str, language: str) -> None:
    """Each operation stands in one file, the routes name it, and every tunable that it uses has its number."""
    plan = planned(brief, language=language)
    made = {a.subject: a for a in files(plan)}
    assert set(made) == {*plan.world.programs, "support", "routes"}
    paths = [a.path.lower() for a in made.values()]
    assert len(set(paths)) == len(paths)
    assert all(a.path.endswith(f".{SUFFIX[language]}") for a in made.values())
    for endpoint in plan.design.endpoints:
        assert f"{endpoint.method} {endpoint.path}" in made["routes"].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_code_says_only_what_was_chosen(planned: Planned, language: str) -> None:
    """Other stores and brokers leave no word of the old ones: stores without statements are asked by ports."""
    plan = planned("chat", language=language, database="cassandra", messaging="rabbitmq", cache="memcached")
    text = "\n".join(a.text for a in files(plan)).lower()
    for word in ("kafka", "redis", "insert into", "on conflict"):
        assert word not in text


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("python", ("def import_operation(", "from import_operation import import_operation", "later_ = 1800")),
        ("java", ("final class ListOperation {", "ListOperation::run")),
        ("go", ("func Import(", "var Routes = map[string]Operation{")),
        ("typescript", ("export async function importOperation(", "const later_ = 1800;")),
    ],
)
def test_names_that_mean_something_else_are_spelt_otherwise(
    planned: Planned, language: str, words: tuple[str, ...]
) -> None:
    """Operations called import, list, support and type, an entity called app, a tunable called later: none collides."""
    made = {a.subject: a for a in files(planned(str(HERE / "odd.yaml"), language=language))}
    text = "\n".join(a.text for a in made.values())
    for word in words:
        assert word in text
    assert not made["work_test"].path.endswith("_test.go")
