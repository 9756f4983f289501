"""BRIEF.md, the page of the language, is true: its examples load and derive, its values are read, its names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbook.brief import load, loads
from workbook.brief.fields import parse_field
from workbook.brief.model import READ_VERBS, WRITE_VERBS, Entity, Model, Operation
from workbook.brief.quantities import SIZE_UNITS, parse
from workbook.brief.rates import parse_rate
from workbook.catalog import loader
from workbook.cli import app
from workbook.plan import derive
from workbook.plan.complete import complete
from workbook.plan.demand import demand
from workbook.plan.demand.results import ENTITY_NAMES, OPERATION_NAMES, TOTAL_NAMES
from workbook.run.contract import contract

PAGE = (Path(__file__).parents[2] / "BRIEF.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
PRICED = {"servers", "monthly_cost_usd", "cost_per_user_usd"}
KINDS = {
    "number": ("number",),
    "size": ("size",),
    "time": ("time",),
    "share, factor, money": ("share", "factor", "money"),
    "growth": ("growth",),
    "uncertain": ("number",),
}


def section(title: str) -> str:
    """The text below a heading, up to the next."""
    return PAGE.split(f"## {title}")[1].split("\n## ")[0]


def code(text: str) -> list[str]:
    """What stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda t: re.sub(r"\W+", "_", t[:20]))
def test_an_example_of_the_page_derives(text: str) -> None:
    """Every whole brief on the page is read, completed and has its results."""
    brief = loads(text, name="BRIEF.md")
    missing = [a for a in brief.raw.get("archetypes", ()) if a not in loader.archetypes()]
    if missing:
        pytest.skip(f"the catalog has no archetype {missing[0]} yet")
    values = demand(complete(brief)).values
    assert values["operations.reserve.average_qps"].best == pytest.approx(2.7006, rel=1e-3)
    assert values["totals.peak_qps"].best > 0
    assert set(Model.model_fields) == set(brief.raw)


@pytest.mark.parametrize(
    "row", [line for line in section("Values").splitlines() if line.startswith("| ") and not line.startswith("| kind")]
)
def test_every_value_of_the_table_is_read(row: str) -> None:
    """What the table of values shows is read as one of the kinds it stands beside."""
    kind, written = (cell.strip() for cell in row.strip("|").split("|"))
    for value in code(written):
        quantity = f"1 {value}" if value in SIZE_UNITS else value
        assert any(_reads(quantity, k) for k in KINDS[kind]), value


def _reads(value: str, kind: str) -> bool:
    try:
        return parse(value, kind).best > 0
    except ValueError:
        return False


def test_every_rate_of_the_page_is_read() -> None:
    """What stands as a rate in the section on rates is one."""
    rates = [
        r
        for r in code(section("Values").partition("**Rates**")[2])
        if re.match(r"[\d.]+[A-Z]?( %|/| per )", r) and "of rooms" not in r
    ]
    assert len(rates) >= 12
    assert all(parse_rate(r).amount.best > 0 for r in rates)


def test_every_type_of_field_on_the_page_has_its_bytes() -> None:
    """The types of fields are worth the bytes written beside them."""
    text = section("Entities").split("Field types with their bytes:")[1].split("A trailing")[0]
    found = {name: int(size) for name, size in re.findall(r"`([^`]+)` (\d+)", text)}
    assert len(found) >= 13
    assert {n: parse_field(n.replace("ENTITY", "note")).bytes for n in found} == found


def test_the_page_names_every_attribute() -> None:
    """Everything an entity or an operation may say stands on the page, and all verbs."""
    assert [n for n in Entity.model_fields if f"`{n}" not in section("Entities")] == []
    operations = section("Operations")
    assert [n for n in Operation.model_fields if not re.search(rf"[` ]{n}[`: ]", operations)] == []
    assert [v for v in (*READ_VERBS, *WRITE_VERBS) if v not in operations] == []
    assert [n for n in Model.model_fields if not re.search(rf"^{n}:", EXAMPLES[0], re.MULTILINE)] == []


def test_the_page_names_every_result() -> None:
    """The table of results has the names of the demand, no more and no less, beside those of sizing and decisions."""
    rows = {
        m[0]: set(m[1].split())
        for m in re.findall(r"^\| `([\w.]+)`[^|]*\| `([^`]+)`", section("Results of"), re.MULTILINE)
    }
    assert rows["totals"] == set(TOTAL_NAMES) | PRICED
    assert rows["operations.ID"] == set(OPERATION_NAMES)
    assert rows["entities.ID"] == {*ENTITY_NAMES, "keyspace"}


def test_the_defaults_on_the_page_are_those_of_the_catalog() -> None:
    """Each default named on the page is the value in `defaults.yaml`."""
    known = loader.defaults()
    text = section("Defaults")
    for path in (
        "load.peak",
        "load.active_hours",
        "load.horizon",
        "load.headroom",
        "populations.*.concurrent",
        "entities.*.replicas",
        "entities.*.hot",
        "operations.*.priority",
    ):
        assert f"`{path.rpartition('.')[2]}` {known[path].value}" in text


PINNED = re.search(r"```yml\n(.*?)```", PAGE, re.DOTALL)[1]  # type: ignore[index]
COMMANDS = [line.partition("#")[0].split() for line in re.findall(r"^workbook .*vet\.yml.*$", PAGE, re.MULTILINE)]


def test_a_pin_of_the_page_holds() -> None:
    """The example pins the approach that is built, and it is not the one that would be taken."""
    plan = derive(loads(PINNED))
    decided = plan.decisions["reminders.visit"]
    assert decided.pinned
    assert decided.chosen.id == "queue_of_jobs"
    free = derive(loads(re.sub(r"(?m)^choices:.*\n", "", PINNED)))
    assert free.decisions["reminders.visit"].chosen.id == "due_column"


SLOW = {"verify": [pytest.mark.slow]}


@pytest.mark.parametrize("command", [pytest.param(c, id=" ".join(c[1:]), marks=SLOW.get(c[1], [])) for c in COMMANDS])
def test_a_command_of_the_page_runs(command: list[str], tmp_path: Path) -> None:
    """What the page says to type ends well; promises are attacked and hold."""
    (tmp_path / "vet.yml").write_text(PINNED, encoding="utf-8")
    found = CliRunner().invoke(app, [str(tmp_path / w) if w == "vet.yml" else w for w in command[1:]])
    assert found.exit_code == 0, found.output
    assert found.output.strip()


def test_the_page_names_every_part_of_a_plan() -> None:
    """The table of the plan has its keys, no more and no less."""
    rows = re.findall(
        r"^\| (`[^|]+`) \| ([^|]+) \|$", section("Steps, attacks and the plan for programs"), re.MULTILINE
    )
    table = {key: code(told)[0].split() if code(told) else [] for keys, told in rows for key in code(keys)}
    found = contract(derive(load("chat")))
    assert set(found) == {k for k in table if "." not in k}
    for key, names in table.items():
        whole, _, part = key.partition(".")
        if not isinstance(found[whole], list):
            continue
        values = [one for entry in found[whole] for one in (entry[part] if part else [entry])]
        assert {n for one in values for n in one} == (set(names) if values else set()), key
