"""The facts of the catalog: technologies, patterns, prices, compliance, runbooks."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

import workbook.catalog
from workbook.catalog import loader
from workbook.catalog.model import Fact, Runbook, Technology

CATALOG = Path(workbook.catalog.__file__).parent
README = (CATALOG / "README.md").read_text(encoding="utf-8")


def documented(after: str, before: str) -> set[str]:
    """The names in backticks that the catalog's README lists between two words."""
    start = README.index(after)
    return set(re.findall(r"`(\w+)`", README[start : README.index(before, start)]))


ABILITIES = {
    "database": documented("\nDatabases:", "\nCaches:"),
    "cache": documented("\nCaches:", "\nMessaging:"),
    "messaging": documented("\nMessaging:", "\nLanguages:"),
    "language": documented("\nLanguages:", "## Names of limits"),
    "search": documented("\nDatabases:", "\nCaches:") | documented("\nSearch:", "Object stores:"),
    "object_store": documented("Object stores:", "\nGateways:"),
    "gateway": documented("\nGateways:", "CDN:"),
    "cdn": documented("CDN:", "\nPatterns:"),
}
EVERY = documented("\nEvery kind:", "\nCaches:")
LIMITS = documented("## Names of limits", "How to read them")
NAMES = README.split("## Names a runbook's text may use")[1].split("`")[1].split()
PRODUCTS = re.compile(
    r"\b(postgres\w*|pg_\w+|mysql|redis\w*|valkey|memcached|kafka\w*|rabbitmq\w*|sqs|sns|nats|cassandra|nodetool|scylla\w*|dynamodb|mongo\w*|clickhouse|neo4j|s3)\b",
    re.IGNORECASE,
)
DOMAIN = re.compile(
    r"\b(post|track|play|message|feed|chat|appointment|patient|tweet|song|video|ride|hotel)s?\b", re.IGNORECASE
)
NEEDS = {
    "deletion",
    "export",
    "consent",
    "retention",
    "encryption",
    "access",
    "audit",
    "breach",
    "residency",
    "agreement",
    "scope",
    "testing",
}

TECHNOLOGIES = list(loader.technologies().values())
RUNBOOKS = list(loader.runbooks().values())


def name(thing: Technology | Runbook) -> str:
    return thing.id


def facts() -> Iterator[tuple[str, Fact]]:
    for technology in TECHNOLOGIES:
        for where in (technology.limits, technology.facts):
            yield from ((f"{technology.id}.{key}", fact) for key, fact in where.items())
        if technology.node:
            priced = (
                technology.node.hourly_usd,
                technology.node.storage_gb_month_usd,
                technology.node.request_million_usd,
            )
            yield from ((f"{technology.id}.node", fact) for fact in priced if fact)
        for size in technology.details.get("sizes", ()):
            yield f"{technology.id}.{size['instance']}", Fact.model_validate(size["hourly_usd"])
    for pattern in loader.patterns().values():
        yield from ((f"{pattern.id}.{key}", fact) for key, fact in pattern.facts.items())
    yield from ((price.id, price.price) for price in loader.prices().values())


def texts(runbook: Runbook) -> str:
    return "\n".join((runbook.title, runbook.symptom, *runbook.check, *runbook.mend, runbook.prevent))


@pytest.mark.parametrize("folder", ["technologies", "patterns", "prices", "compliance", "runbooks"])
def test_every_file_is_loaded(folder: str) -> None:
    """Each file of the folder becomes one thing with the file's name as id."""
    files = {path.stem for path in (CATALOG / folder).glob("*.yaml")}
    assert files
    assert set(getattr(loader, folder)()) == files


@pytest.mark.parametrize(("where", "fact"), list(facts()))
def test_a_fact_names_its_origin(where: str, fact: Fact) -> None:
    """A fact has a source that a person can find, or says why it is assumed, and its range holds its value."""
    assert len(fact.source or fact.assumption) > 8, where
    assert not fact.source.startswith("http"), where
    assert (fact.low or 0) <= fact.value <= (fact.high if fact.high is not None else float("inf")), where


@pytest.mark.parametrize("technology", [t for t in TECHNOLOGIES if t.icon], ids=name)
def test_an_icon_exists(technology: Technology) -> None:
    """The icon is a class of the diagrams package."""
    module, _, icon = technology.icon.rpartition(".")
    assert hasattr(importlib.import_module(f"diagrams.{module}"), icon)


@pytest.mark.parametrize("technology", [t for t in TECHNOLOGIES if t.kind in ABILITIES], ids=name)
def test_abilities_have_known_names(technology: Technology) -> None:
    """Decisions look abilities up by name, so an unknown name would silently mean no."""
    assert set(technology.abilities) <= ABILITIES[technology.kind] | EVERY


@pytest.mark.parametrize(
    "technology", [t for t in TECHNOLOGIES if t.kind in ("database", "cache", "messaging")], ids=name
)
def test_a_store_can_be_priced_and_judged(technology: Technology) -> None:
    """Databases, caches and messaging have a price or nothing to run, and three reasons for and against."""
    assert technology.node or technology.complexity <= 0.5
    assert all((technology.dialect, technology.summary, technology.use_when, technology.avoid_when))
    assert min(len(technology.pros), len(technology.cons)) >= 3
    unsized = technology.abilities.get("elastic") or technology.abilities.get("in_database")
    assert unsized or technology.limits.keys() - {"item_bytes"}


@pytest.mark.parametrize("technology", TECHNOLOGIES, ids=name)
def test_limits_have_known_names(technology: Technology) -> None:
    """Sizing looks limits up by name."""
    assert set(technology.limits) <= LIMITS
    assert all(limit.value > 0 for limit in technology.limits.values())


def test_smaller_sizes_are_ordered_and_cheaper() -> None:
    """Sizes of a node rise in what they carry and in what they cost."""
    for technology in TECHNOLOGIES:
        sizes = technology.details.get("sizes", ())
        steps = [(size["share"], size["hourly_usd"]["value"]) for size in sizes]
        assert steps == sorted(steps), technology.id
        assert len({share for share, _ in steps}) == len(steps), technology.id


def test_prices_fall_with_volume() -> None:
    """A further tier of a price is never dearer than the one before."""
    prices = {key: price.price.value for key, price in loader.prices().items()}
    for key, value in prices.items():
        base = re.sub(r"_\d+(tb|pb|k)$", "", key)
        assert value <= prices[base], key


@pytest.mark.parametrize("runbook", RUNBOOKS, ids=name)
def test_a_runbook_renders_with_the_names_of_a_plan(runbook: Runbook) -> None:
    """Texts use only the names that every plan can provide."""
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    rendered = environment.from_string(texts(runbook)).render({known: known.upper() for known in NAMES})
    assert "{{" not in rendered


@pytest.mark.parametrize("runbook", [r for r in RUNBOOKS if not r.dialects], ids=name)
def test_a_general_runbook_names_no_product(runbook: Runbook) -> None:
    """A runbook for any dialect speaks of the plan's own names, never of a product."""
    assert not PRODUCTS.search(texts(runbook))


def test_every_dialect_has_runbooks() -> None:
    """Each dialect of a database, cache or messaging technology has at least one runbook that applies to it."""
    for technology in TECHNOLOGIES:
        if technology.kind in ("database", "cache", "messaging"):
            applying = [
                r
                for r in RUNBOOKS
                if r.role == technology.kind and (not r.dialects or technology.dialect in r.dialects)
            ]
            assert applying, technology.id


@pytest.mark.parametrize("folder", ["patterns", "runbooks"])
def test_texts_are_free_of_any_domain(folder: str) -> None:
    """General texts do not speak of one system's things, else they would appear in documents of every other."""
    for path in (CATALOG / folder).glob("*.yaml"):
        plain = path.read_text(encoding="utf-8").replace("start-message-move-task", "")
        assert not DOMAIN.search(plain), path.name


def test_compliance_rules_say_what_they_need() -> None:
    """Each rule has an article and one of the known needs."""
    for law in loader.compliance().values():
        assert all(rule.article and rule.needs in NEEDS for rule in law.rules), law.id


def test_families_are_complete() -> None:
    """The options that decisions offer exist."""
    families = {pattern.family for pattern in loader.patterns().values()}
    assert families == documented("| `patterns/`", "| `prices/`") - {"patterns"}
    assert {"layered", "modular_monolith", "microservices", "event_driven", "cqrs"} <= set(loader.patterns())
