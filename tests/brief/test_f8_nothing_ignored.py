"""F8: every key and every value of a brief acts, is refused with its line, or is told to lead to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from workbook.brief import BriefError, examples, load, loads
from workbook.brief.bounds import bounds
from workbook.brief.quantities import parse
from workbook.brief.values import LONGEST_NAME
from workbook.catalog import loader
from workbook.document import section
from workbook.document.show import section_markdown
from workbook.plan import Plan, acceptance, derive, vocabulary

HERE = Path(__file__).parent
ERRORS, FINDINGS = (
    tuple(yaml.safe_load((HERE / f"f8_{name}.yaml").read_text(encoding="utf-8"))) for name in ("errors", "findings")
)
BRIEF = """system: Bad
entities:
  note: {fields: {id: id, author: id, text: string 500}, retention: 1 year}
operations:
  write: {does: create note, rate: 1/s}
"""


def planned(lines: str) -> Plan:
    """The plan of the small brief with lines laid under it."""
    return derive(loads(f"{BRIEF}{lines}\n", name="bad.yaml"))


@pytest.mark.parametrize("row", ERRORS, ids=lambda row: str(row["what"]))
def test_f8_what_was_ignored_is_refused(row: Mapping[str, Any]) -> None:
    """Each fragment stands in the message, in that order, and every problem has a remedy."""
    with pytest.raises(BriefError) as caught:
        planned(row["brief"])
    message, at = str(caught.value), 0
    for fragment in row["says"]:
        assert fragment in message[at:], message
        at = message.index(fragment, at)
    assert [problem for problem in caught.value.problems if not problem.remedy] == []


@pytest.mark.parametrize("row", FINDINGS, ids=lambda row: str(row["what"]))
def test_f8_what_nothing_follows_from_is_a_finding(row: Mapping[str, Any]) -> None:
    """The finding is there with the line, and not without it."""
    found = {problem.id: str(problem) for problem in planned(row["brief"]).problems}
    assert row["says"] in found[row["finds"]]
    assert row["finds"] not in {problem.id for problem in planned("").problems}


@pytest.mark.parametrize("row", FINDINGS, ids=lambda row: str(row["what"]))
def test_f8_every_finding_can_be_accepted(row: Mapping[str, Any]) -> None:
    """What is found by its name is no longer found once that name is accepted."""
    if "accepted:" in row["brief"]:
        return
    accepted = f'{row["brief"]}\naccepted: [{{finding: "{row["finds"]}", why: known}}]'
    assert row["finds"] not in {problem.id for problem in planned(accepted).problems}


def test_f8_a_name_of_300_characters_is_refused_in_few_words() -> None:
    """The message does not repeat the whole name, and says how long one may be."""
    with pytest.raises(BriefError) as caught:
        loads(f"{BRIEF}features: {{{'a' * 300}: {{title: Long}}}}\n")
    assert f"is a name of 300 characters\n    Write at most {LONGEST_NAME}" in str(caught.value)
    assert len(str(caught.value)) < 300
    assert planned(f"tunables: {{{'a' * LONGEST_NAME}: 1}}").complete.model.tunables


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"constraints.cloud": "Google Cloud"}, ("cloud", "gcp")),
        ({"constraints.avoid": "[Kafka, Redis Streams]"}, ("avoid", ("kafka", "redis_streams"))),
        ({"constraints.existing": "[PostgreSQL]"}, ("existing", ("postgresql",))),
        ({"constraints.must_use": "[RabbitMQ]"}, ("must_use", ("rabbitmq",))),
    ],
)
def test_f8_a_name_may_be_written_as_people_do(said: dict[str, str], read: tuple[str, object]) -> None:
    """Capitals and blanks do not make another name: `Kafka` is avoided as `kafka` is."""
    plan = derive(loads(BRIEF, overrides=said))
    assert getattr(plan.complete.model.constraints, read[0]) == read[1]


def test_f8_a_law_and_a_region_may_be_written_as_people_do() -> None:
    """`PCI-DSS` and `Europe` are those of the catalog."""
    plan = planned("quality: {compliance: [PCI-DSS, SOC 2]}\nconstraints: {regions: {Europe: 60 %, JAPAN: 40 %}}")
    assert plan.complete.model.quality.compliance == ("pci_dss", "soc2")
    assert list(plan.complete.model.constraints.regions) == ["europe", "japan"]


def test_f8_every_region_of_every_cloud_is_known() -> None:
    """The parts of the world of the catalog are those that its clouds name, and what a cloud calls them is known, too."""
    for cloud in (t for t in loader.technologies().values() if t.kind == "cloud"):
        assert set(cloud.details["regions"]) <= set(loader.regions())
        codes = [vocabulary.plain(str(code)) for code in cloud.details["regions"].values()]
        assert [code for code in codes if code not in vocabulary.regions()] == []


def test_f8_no_country_lies_in_two_regions() -> None:
    """Each name of the vocabulary of regions is of one part of the world."""
    names = [n for region in loader.regions().values() for n in (region.id, *region.countries, *region.also)]
    assert len(names) == len(set(names)) > 200


@pytest.mark.parametrize(
    ("scan", "when"),
    [
        ("dependency audit", "pipeline"),
        ("AV scanning", "content"),
        ("malware in uploads", "content"),
        ("abuse reports", "content"),
        ("static analysis (SAST)", "pipeline"),
        ("tarot", None),
    ],
)
def test_f8_a_scan_is_done_when_the_catalog_says(scan: str, when: str | None) -> None:
    """Scans of code run with each build, scans of content before others see it."""
    assert vocabulary.scan_of(scan) == when


@pytest.mark.parametrize("bound", bounds(), ids=lambda bound: ".".join(bound.path))
def test_f8_the_remedy_of_a_bound_can_be_followed(bound: Any) -> None:
    """Each row refuses something, and says what to write."""
    assert bound.broken(-1.0, 1e40)
    assert bound.write.startswith("Write ")


@pytest.mark.parametrize("name", examples())
def test_f8_the_examples_ignore_nothing(name: str) -> None:
    """None of the examples says something from which nothing follows."""
    families = {problem.id.partition(":")[0] for problem in derive(load(name)).problems}
    assert not families & {"unknown", "unused", "must_use", "unneeded", "nobody", "all_avoided"}


def test_f8_the_hit_ratio_of_one_operation_counts_for_its_reads() -> None:
    """Of 3,000 look-ups a second whose copies answer 90 % the database is left with 300, and with all 100 lists a second."""
    lines = """  open: {does: read note, rate: 3000/s, hit_ratio: 90 %}
  look: {does: list note, where: [author], rate: 100/s}"""
    world = planned(lines).world
    assert world.load.of_structure("lookups", "note", average=True) == pytest.approx(3000 * 0.1 + 100)


def test_f8_durability_and_the_length_of_a_surge_are_shown() -> None:
    """What is said of durability stands in 1.4, and how long a surge lasts in 2.1."""
    plan = planned("quality: {durability: 99.9999 %}\nload: {surge: {factor: 20x, lasts: 7 min}}")
    assert "| Durability | 99.9999 % |" in section_markdown(section(plan, 1))
    assert "Surge: all calls 20x the average for 7 min." in section_markdown(section(plan, 2))


def test_f8_a_removed_persona_leaves_what_was_inherited_and_not_what_the_user_wrote() -> None:
    """An archetype's operations lose the persona that is taken out; the user's own operation by it is an error."""
    text = "system: S\narchetypes: [ride_hailing]\npersonas: {rider: null}\n"
    found = derive(loads(text)).complete.model
    assert "rider" not in {o.by for o in found.operations.values()} | {
        p for f in found.features.values() for p in f.personas
    }
    with pytest.raises(BriefError, match=r"operations\.mine\.by: \"rider\" is not a persona"):
        derive(loads(f"{text}entities: {{thing: {{size: 1 KB}}}}\noperations: {{mine: {{does: read thing, rate: 1/s, by: rider}}}}\n"))  # fmt: skip


def test_f8_a_quantity_at_its_bound_is_read() -> None:
    """The bounds refuse slips, not large systems: a trillion devices can be written."""
    assert planned("populations: {sensors: 1T}").complete.model.populations["sensors"].count
    assert parse("1T", "number").best == 1e12


def test_f8_all_families_of_findings_are_known() -> None:
    """What can be found can be accepted: no finding has an id whose family `accepted` would refuse."""
    ids = {p.id for name in examples() for p in derive(load(name)).found}
    ids |= {p.id for row in FINDINGS for p in planned(row["brief"]).problems}
    assert {i.partition(":")[0] for i in ids} <= set(acceptance.FAMILIES)
