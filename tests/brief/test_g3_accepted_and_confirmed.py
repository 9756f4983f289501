"""F8, G3: an acceptance ends with its day, a confirmation with the next change, and nothing claims what nobody did."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from workbook.brief import BriefError, loads
from workbook.brief.today import VARIABLE, today
from workbook.document import section
from workbook.document.show import section_markdown
from workbook.plan import Plan, derive
from workbook.review import review

BRIEF = """system: Notes
populations: {users: {daily_active: 1M}}
entities: {note: {fields: {id: id, text: string 500}, retention: 1 year}}
operations: {write: {does: create note, rate: 10 per users per day, by: writer}}
constraints: {budget: 1 USD/month}
"""
LAST_DAY = date(2026, 6, 30)
NEXT_DAY = LAST_DAY + timedelta(days=1)
SOURCES = Path(__file__).parents[2] / "src" / "workbook"


def planned(lines: str) -> Plan:
    """The plan of the brief, which is over its budget, with lines laid under it."""
    return derive(loads(f"{BRIEF}{lines}\n"))


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    """Makes a day be today."""
    return lambda day: monkeypatch.setenv(VARIABLE, str(day))


def found(plan: Plan, day: date) -> dict[str, str]:
    """What is found on a day."""
    return {problem.id: problem.what for problem in plan.problems_on(day)}


def test_f8_a_finding_is_accepted_up_to_its_day() -> None:
    """On the last day it is accepted; on the next it is back and says why."""
    plan = planned(f"accepted: [{{finding: over_budget, why: a pilot, until: {LAST_DAY}}}]")
    assert "over_budget" not in found(plan, LAST_DAY)
    assert found(plan, NEXT_DAY)["over_budget"].endswith("(accepted until 2026-06-30, which has passed)")


def test_f8_a_later_acceptance_of_the_same_finding_counts() -> None:
    """Of two acceptances one still runs, so the finding stays away; without a day it stays away for good."""
    lines = "accepted: [{{finding: over_budget, why: a, until: {}}}, {{finding: over_budget, why: b{}}}]"
    assert "over_budget" not in found(planned(lines.format(LAST_DAY, f", until: {NEXT_DAY}")), NEXT_DAY)
    assert "over_budget" not in found(planned(lines.format(LAST_DAY, "")), date(2999, 1, 1))


def test_f8_the_day_counts_for_checks_too(on: Callable[[object], None]) -> None:
    """A failed check is accepted up to its day, and then says that the day has passed."""
    plan = planned(f"accepted: [{{finding: ignored_cost, why: a pilot, until: {LAST_DAY}}}]")
    answers = []
    for day in (LAST_DAY, NEXT_DAY):
        on(day)
        answers.append(next(a for a in review(plan) if a.id == "ignored_cost"))
    assert [a.accepted for a in answers] == ["a pilot", ""]
    assert answers[1].details[-1] == "accepted until 2026-06-30, which has passed"
    assert answers[0].details == answers[1].details[:-1]


def test_f8_one_plan_answers_for_every_day(on: Callable[[object], None]) -> None:
    """The day is asked when the findings are read and is kept nowhere: the same plan on another day says another thing."""
    plan = planned(f"accepted: [{{finding: over_budget, why: a pilot, until: {LAST_DAY}}}]")
    seen = []
    for day in (LAST_DAY, NEXT_DAY, LAST_DAY):
        on(day)
        seen.append("over_budget" in {problem.id for problem in plan.problems})
    assert seen == [False, True, False]


def test_f8_nothing_that_is_derived_knows_the_day() -> None:
    """Only the findings of a plan and the review ask which day it is."""
    asking = [p.relative_to(SOURCES).as_posix() for p in SOURCES.rglob("*.py") if "today()" in p.read_text("utf-8")]
    assert sorted(asking) == ["brief/today.py", "plan/plan.py", "review/base.py"]


def test_f8_a_day_that_is_none_is_refused(on: Callable[[object], None]) -> None:
    """`WORKBOOK_TODAY=soon` is an error of the user, not a fault."""
    on("soon")
    with pytest.raises(BriefError, match="WORKBOOK_TODAY"):
        today()


def confirmed(revision: str, stage: int = 1) -> str:
    """A confirmation, as a line of the brief."""
    return f'confirmed: [{{stage: {stage}, by: Ann, date: 2026-01-31, revision: "{revision}"}}]'


def test_g3_a_confirmation_holds_until_the_brief_changes() -> None:
    """For what it was given it stands; one other number in the brief withdraws it, with the revision to write instead."""
    revision = planned("").brief.content
    assert not [i for i in found(planned(confirmed(revision)), NEXT_DAY) if i.startswith(("withdrawn", "unconfirmed"))]
    changed = planned(f"load: {{peak: 4x}}\n{confirmed(revision)}")
    finding = next(p for p in changed.problems_on(NEXT_DAY) if p.id == "withdrawn:1")
    assert "stage 1, confirmed by Ann on 2026-01-31, is withdrawn" in finding.what
    again = planned(f"load: {{peak: 4x}}\n{confirmed(changed.brief.content)}")
    assert changed.brief.content in finding.remedy
    assert "withdrawn:1" not in found(again, NEXT_DAY)


@pytest.mark.parametrize(("load", "state"), [("", "✓"), ("load: {peak: 4x}\n", "open")])
def test_g3_the_checklist_ticks_only_what_still_holds(load: str, state: str) -> None:
    """13.1 has a tick before a stage that is confirmed for what the brief says, and none before one that was withdrawn."""
    text = section_markdown(section(planned(f"{load}{confirmed(planned('').brief.content)}"), 13))
    row = next(line for line in text.splitlines() if "| Stage 1 |" in line)
    assert row.startswith(f"| {state} |")
    assert ("withdrawn" in row) == (state == "open")


def test_g3_a_comment_or_a_further_confirmation_withdraws_nothing() -> None:
    """The revision is of what is said: comments, order of keys and the confirmations themselves do not count."""
    revision = planned("").brief.content
    assert planned("# a remark").brief.content == planned(confirmed("0" * 12)).brief.content == revision
    moved = "\n".join(reversed(BRIEF.splitlines()))
    assert loads(moved).content == revision


def test_g3_a_value_laid_over_the_brief_withdraws_for_that_run() -> None:
    """What was confirmed is the file; with `--set` another brief is derived."""
    lines = confirmed(planned("").brief.content)
    laid = derive(loads(f"{BRIEF}{lines}\n", overrides={"load.peak": "4x"}))
    assert "withdrawn:1" in {problem.id for problem in laid.problems}


def test_g3_a_confirmation_without_a_revision_is_told_what_to_add() -> None:
    """Nobody can tell whether it holds, so it is a finding that names the revision."""
    plan = planned("confirmed: [{stage: 2, by: Ann, date: 2026-01-31}]")
    finding = next(p for p in plan.problems if p.id == "unconfirmed:2")
    assert plan.brief.content in finding.remedy


def test_g3_the_page_says_which_stages_are_confirmed() -> None:
    """1.6 names who confirmed what and when, and the stages that nobody confirmed."""
    text = section_markdown(section(planned(confirmed(planned("").brief.content, 3)), 1))
    assert "Confirmed stages of the guide: 3 (data) by Ann on 2026-01-31." in text
    assert "Not confirmed: 1 (requirements and scale), 2 (high-level architecture), 4 (performance)" in text


def test_g3_nothing_claims_that_the_guide_was_answered() -> None:
    """Where nothing is open, 1.6 says so and that no stage is confirmed; the sentence that claimed more is gone."""
    lines = """quality: {availability: 99.9 %, p99: 500 ms, rpo: 1 min, rto: 1 h, staleness: 60 s}
constraints: {budget: 9M USD/month, cloud: aws, regions: {usa: 100 %}, team: {size: 8, skills: [go]}, launch: 6 months}
personas: {writer: {is: none}}"""
    text = BRIEF.replace("{daily_active: 1M}", "{daily_active: 1M, monthly_active: 2M, concurrent: 10 %}")
    text = text.replace("constraints: {budget: 1 USD/month}\n", "")
    page = section_markdown(section(derive(loads(f"{text}{lines}\n")), 1))
    assert "Nothing that counts is assumed, and no finding is open." in page
    assert "None of the 6 stages of the guide is confirmed for this brief." in page
    said = [p.name for p in SOURCES.rglob("*.py") if "question of the guide" in p.read_text("utf-8")]
    assert said == []


def test_f8_the_name_of_a_finding_is_shown_where_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`workbook check` prints the name that `accepted` takes, for findings and for checks, and so does its JSON."""
    from workbook.cli import main

    file = tmp_path / "notes.yaml"
    file.write_text(BRIEF, encoding="utf-8")
    for arguments in (["check", str(file)], ["check", str(file), "--json"]):
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        assert ended.value.code == 1
    text, _, rest = capsys.readouterr().out.partition("\n{\n")
    assert "error [over_budget]: constraints.budget:" in text
    assert "Ignoring operational costs [ignored_cost]: fails" in text
    assert "over_budget" in {problem.get("id") for problem in json.loads("{" + rest)["problems"]}
