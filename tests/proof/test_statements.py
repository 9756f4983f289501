"""What each verb does with each shape on PostgreSQL: its statement is accepted, gives what the language says, and is refused as it says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import pytest
from shaped import CASES, NAMES, SAID, form_of, programs_of

from workbook.artifacts.dialects.postgresql.statements import SHAPES, NoStatement
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Verb
from workbook.plan.fold.layout import tables as laid_out
from workbook.plan.form.accesses import accesses
from workbook.plan.form.model import Step
from workbook.plan.form.verbs import VERBS
from workbook.proof.servers import Postgresql
from workbook.proof.stage.house import House, database
from workbook.proof.stage.play import Call, Play
from workbook.proof.stage.scene import Scene

NOT_BUILT = {(Verb.SWAP, s) for s in Shape} | {(Verb.RELEASE, Shape.TOPIC)}
"""What no mechanism uses yet, and so has no statement."""


@pytest.fixture(scope="module")
def houses(server: Postgresql) -> Iterator[Mapping[str, House]]:
    """A database for each shape, with the rows to begin with."""
    made: dict[str, House] = {}
    with ExitStack() as opened:
        for shape, said in SAID.items():
            form = form_of(shape)
            programs = programs_of(shape, form)
            tables = laid_out(form, accesses(form, programs), (), {"thing": frozenset({"thing"})})
            connect = opened.enter_context(database(server, f"shape_{shape}"))
            house = House(Scene(form, programs, tables), connect, secured=False)
            opened.callback(house.close)
            house.seeds.rows = {"thing": said["rows"]}
            house.build()
            house.keep()
            made[shape] = house
        yield made


def shown(found: Any, wanted: Any) -> Any:
    """What a step gave, as far as it is asked."""
    if isinstance(wanted, list):
        return [shown(f, w) for f, w in zip(found, wanted, strict=True)]
    return {k: found.get(k) for k in wanted} if isinstance(wanted, dict) else found


def ordered(rows: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows by what is asked of them."""
    names = sorted(wanted[0]) if wanted else []
    return sorted(rows, key=lambda row: [str(row.get(n)).zfill(9) for n in names])


@pytest.mark.parametrize(("shape", "number"), CASES, ids=NAMES)
def test_a_step_does_what_the_language_says(shape: str, number: int, houses: Mapping[str, House]) -> None:
    """Its result, its refusal, and how many rows are there afterwards."""
    case, house = SAID[shape]["cases"][number], houses[shape]
    play = Play(house, house.scene.programs)
    play.begin(0)
    given: list[Any] = []
    result = play.carry_out(Call(f"case_{number}", None, case.get("body", {})))
    given = [found for _, found in result.given]
    if "refused" in case:
        assert (result.outcome.kind, result.outcome.status) == ("refused", case["refused"])
    else:
        assert result.outcome.kind == "done", result.outcome.answer
        wanted = case["gives"]
        found = given[-1]
        if case.get("any_order"):
            found, wanted = ordered(found, wanted), ordered(wanted, wanted)
        assert shown(found, wanted) == wanted
    if "leaves" in case:
        assert len(play.rows("thing")) == case["leaves"]


def test_every_verb_of_every_shape_has_a_case() -> None:
    """A statement without a case would be one that nobody has seen run."""
    wanted = {(v, s) for s in SHAPES for v in VERBS[s]} - NOT_BUILT
    seen = {(Verb(c["step"].split()[0]), Shape(o["structure"]["shape"])) for o in SAID.values() for c in o["cases"]}
    assert wanted - seen == set()


def test_what_is_not_built_says_so() -> None:
    """It is an error with a reason, never another statement."""
    from workbook.artifacts.dialects.postgresql.statements import PostgreSQL

    form = form_of("counter")
    tables = laid_out(form, {}, (), {"thing": frozenset({"thing"})})
    with pytest.raises(NoStatement, match="no statement for swap on a counter"):
        PostgreSQL(tables).statements(
            Step(id="x", verb=Verb.SWAP, target="thing", shape=Shape.COUNTER, text="swap thing")
        )
