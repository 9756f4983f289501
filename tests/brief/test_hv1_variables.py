"""HV1: every template variable of the document acts where the brief means it, or is refused with the place to say it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from workbook.brief import BriefError, load, loads
from workbook.brief.variables import variable, variables
from workbook.document import section
from workbook.document.show import section_markdown
from workbook.plan import Plan, derive

SEED = [
    "INSERT_YOUR_SYSTEM_REQUIREMENTS_HERE",
    "DOMAIN_SPECIFIC_METRICS",
    "PRIMARY_WRITE_OPERATION",
    "PRIMARY_READ_OPERATION",
    "CRITICAL_WRITE_OPERATION",
    "CRITICAL_READ_OPERATION",
    "CRITICAL_DATA_STRUCTURES",
    "RELATIONSHIP_TYPE",
    "HOTSPOT_SCENARIO",
    "LANGUAGE",
    "PREFERRED_LANGUAGE",
    "MESSAGING_SYSTEM",
    "CACHE_SYSTEM",
    "EVENT_NAME",
    "SERVICE_1",
    "SERVICE_2",
    "SERVICE_3",
    "SERVICE_TYPE",
    "FEATURE_1",
    "FEATURE_2",
    "FEATURE_3",
    "PARAMETER_NAME",
    "VALUE",
    "CACHE_SIZE_1",
    "CACHE_SIZE_2",
    "TIME_VALUE",
    "COMPLIANCE_REQUIREMENTS",
    "SECURITY_SCANNING_NEEDS",
    "EXTERNAL_SERVICE_1",
    "EXTERNAL_SERVICE_2",
    "EXTERNAL_SERVICE_3",
    "FUTURE_FEATURE_1",
    "FUTURE_FEATURE_2",
    "INTEGRATION_OPPORTUNITIES",
]
"""The variables that the document's own list names."""
BRIEF = """system: Notes
entities:
  note: {fields: {id: id, author: id, text: string 500, written_at: time}, retention: 1 year}
  comment: {kind: edge, fields: {note: ref note, author: id, text: string 100}, key: [note, author]}
operations:
  write_note: {does: create note, rate: 10/s, mode: async, priority: P0}
  comment_on: {does: create comment, rate: 100/s, priority: P0}
  list_notes: {does: list note, where: [author], order: -written_at, rate: 100/s, priority: P0}
  open_note: {does: read note, rate: 1000/s, priority: P0}
"""


def planned(**said: str) -> Plan:
    """The plan of the brief with these variables."""
    lines = "".join(f'\n  {name}: "{value}"' for name, value in said.items())
    return derive(loads(f"{BRIEF}document:{lines or ' {}'}\n", name="notes.yaml"))


def page(plan: Plan, number: int) -> str:
    """A section in Markdown."""
    return section_markdown(section(plan, number))


ACTS: dict[str, tuple[str, Callable[[Plan], bool]]] = {
    "INSERT_YOUR_SYSTEM_REQUIREMENTS_HERE": (
        "a place for short notes",
        lambda plan: plan.complete.model.statement == "a place for short notes",
    ),
    "LANGUAGE": ("Java", lambda plan: plan.decisions["language"].chosen.id == "java"),
    "PREFERRED_LANGUAGE": ("Go", lambda plan: plan.decisions["language"].chosen.id == "go"),
    "MESSAGING_SYSTEM": ("RabbitMQ", lambda plan: plan.design.messaging.id == "rabbitmq"),
    "CACHE_SYSTEM": ("Memcached", lambda plan: plan.design.memory.id == "memcached"),
    "DATABASE_SYSTEM": ("MySQL", lambda plan: plan.design.stores[0].technology.id == "mysql"),
    "COMPLIANCE_REQUIREMENTS": ("GDPR, PCI-DSS", lambda plan: "PCI" in page(plan, 10) and "GDPR" in page(plan, 10)),
    "SECURITY_SCANNING_NEEDS": ("content moderation", lambda plan: "content moderation" in page(plan, 10)),
    "TIME_VALUE": ("7 s", lambda plan: "| 7 s" in page(plan, 1)),
    "EXTERNAL_SERVICE_1": ("SMS gateway", lambda plan: "sms_gateway" in plan.complete.model.integrations),
    "EXTERNAL_SERVICE_2": ("Stripe", lambda plan: "stripe" in plan.complete.model.integrations),
    "FUTURE_FEATURE_1": ("voice notes", lambda plan: "voice notes" in page(plan, 11)),
    "INTEGRATION_OPPORTUNITIES": ("calendars", lambda plan: "calendars" in page(plan, 11)),
    "PRIMARY_WRITE_OPERATION": ("Adding a comment", lambda plan: plan.design.focus.primary_write == "comment_on"),
    "PRIMARY_READ_OPERATION": ("open_note", lambda plan: plan.design.focus.primary_read == "open_note"),
    "CRITICAL_WRITE_OPERATION": ("comment on", lambda plan: plan.design.critical_write == "comment_on"),
    "CRITICAL_READ_OPERATION": ("open note", lambda plan: plan.design.critical_read == "open_note"),
    "CRITICAL_DATA_STRUCTURES": ("notes", lambda plan: "`comment`" not in page(plan, 6).split("6.6")[-1]),
    "HOTSPOT_SCENARIO": ("a note that goes viral", lambda plan: "a note that goes viral" in page(plan, 6) + page(plan, 9)),
    "EVENT_NAME": ("NoteTaken", lambda plan: "NoteTaken" in [topic.event for topic in plan.design.topics]),
}  # fmt: skip


def test_hv1_every_variable_of_the_document_is_in_the_table() -> None:
    """None of the variables that the document lists is unknown."""
    assert [name for name in SEED if variable(name) is None] == []


@pytest.mark.parametrize("name", ACTS)
def test_hv1_a_variable_acts(name: str) -> None:
    """What a variable sets is so with it, and is not so without it."""
    value, acts = ACTS[name]
    assert acts(planned(**{name: value}))
    assert not acts(planned())


def test_hv1_an_event_may_be_named_in_words() -> None:
    """The words become the name of a type, and no finding says that nothing follows from them."""
    plan = planned(EVENT_NAME="note taken")
    assert "NoteTaken" in [topic.event for topic in plan.design.topics]
    assert [p.what for p in plan.problems if "EVENT_NAME" in p.place] == []


def test_hv1_every_variable_is_refused_or_shown_to_act() -> None:
    """The table has no variable that does nothing: each is tried here, or is refused."""
    tried = {re.sub(r"_\d$", "_N", name) for name in ACTS}
    assert {n for n, v in variables().items() if v.how != "refused"} == tried


@pytest.mark.parametrize("name", [name for name in SEED if (variable(name) or variables()["VALUE"]).how == "refused"])
def test_hv1_what_does_nothing_is_refused_with_the_place_to_say_it(name: str) -> None:
    """The error has the line of the variable, and the key of the brief that means it."""
    with pytest.raises(BriefError) as caught:
        planned(**{name: "anything"})
    assert f"notes.yaml:11  document.{name}: nothing in the design is set by this variable\n    Write " in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"LANGAUGE": "Java"}, '"LANGAUGE" is not a variable of the document\n    Did you mean LANGUAGE?'),
        ({"language": "Java"}, "Did you mean LANGUAGE?"),
        ({"LANGUAGE": "Jav"}, 'document.LANGUAGE: "Jav" is not among the options\n    Did you mean java?'),
        ({"CACHE_SYSTEM": "Postgres"}, "document.CACHE_SYSTEM"),
        ({"TIME_VALUE": "soon"}, 'document.TIME_VALUE: "soon" is not a time'),
        ({"COMPLIANCE_REQUIREMENTS": "gdpr, hippa"}, "Did you mean hipaa?"),
        ({"LANGUAGE": "Java", "PREFERRED_LANGUAGE": "Go"}, "says another thing than document.LANGUAGE"),
        ({"PRIMARY_WRITE_OPERATION": "Zebras"}, '"Zebras" means none of the operations that write'),
        ({"CRITICAL_READ_OPERATION": "write_note"}, "means none of the operations that read"),
        ({"CRITICAL_DATA_STRUCTURES": "note, zebra"}, '"zebra" means none of the entities'),
    ],
)
def test_hv1_a_variable_that_means_nothing_is_an_error(said: dict[str, str], says: str) -> None:
    """A misspelt name, an unknown value and two that disagree are told by the variable and its line."""
    with pytest.raises(BriefError) as caught:
        planned(**said)
    assert says in str(caught.value)
    assert re.search(r"notes\.yaml:\d+  document\.", str(caught.value))


def test_hv1_a_variable_and_the_brief_that_disagree_are_an_error() -> None:
    """What is said in two places differently is told with both places; said alike, it is fine."""
    text = f"{BRIEF}choices: {{language: go}}\ndocument: {{LANGUAGE: %s}}\n"
    with pytest.raises(BriefError, match=r"document\.LANGUAGE: says another thing than choices\.language"):
        derive(loads(text % "Java"))
    assert derive(loads(text % "Go")).decisions["language"].chosen.id == "go"


@pytest.mark.parametrize(
    ("overrides", "cache"), [({"choices.cache": "memcached"}, "memcached"), ({"document.CACHE_SYSTEM": "valkey"}, "valkey")]
)  # fmt: skip
def test_hv1_what_is_laid_over_the_brief_wins_over_its_variable(overrides: dict[str, str], cache: str) -> None:
    """`--set` has the last word, by the choice as by the variable."""
    assert derive(load("feed", overrides)).design.memory.id == cache


def test_hv1_the_page_of_the_language_names_every_variable() -> None:
    """BRIEF.md has the table of the variables, no more and no less."""
    text = (Path(__file__).parents[2] / "BRIEF.md").read_text(encoding="utf-8")
    rows = [
        line for line in text.split("## Variables of the document")[1].split("\n## ")[0].splitlines() if "|" in line
    ]
    assert set(re.findall(r"`([A-Z_]{4,})`", "\n".join(row.split("|")[1] for row in rows))) == set(variables())
