"""What engineering knows as briefs and building blocks: archetypes, capabilities, and the passages that can be cited."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from jinja2 import StrictUndefined, UndefinedError
from jinja2.sandbox import SandboxedEnvironment
from workbook.document.measures import feature_measures

import workbook.catalog
from workbook.brief import load, loads
from workbook.brief.model import VERBS
from workbook.catalog import loader
from workbook.catalog.model import Capability, Condition
from workbook.document.page import Page, fill
from workbook.plan import Plan, derive
from workbook.plan.complete import complete
from workbook.plan.demand import demand

CATALOG = Path(workbook.catalog.__file__).parent
README = (CATALOG / "capabilities" / "README.md").read_text(encoding="utf-8")
RAG = CATALOG.parents[2] / "rag" / "design-development" / "system-design-guide"
CAPABILITIES = list(loader.capabilities().values())
ARCHETYPES = list(loader.archetypes())

_MEASURES, _TEXTS = README.split("| text | what it is |")
MEASURES = {
    name for row in re.findall(r"^\| (`.*?) \|", _MEASURES, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)
}
TEXTS = set(re.findall(r"`\{\{ (\w+) \}\}`", _TEXTS)) | MEASURES
DOMAIN = re.compile(
    r"\b(post|message|feed|chat|track|play|song|music|appointment|patient|doctor|slot|booking|tweet|video|film|ride|driver|hotel|guest|room|user|cart|article|playlist)s?\b",
    re.IGNORECASE,
)
PRODUCT = re.compile(
    r"\b(postgres\w*|mysql|redis|valkey|memcached|kafka|rabbitmq|sqs|sns|nats|cassandra|scylla\w*|dynamodb|mongo\w*|clickhouse|neo4j|s3|elasticsearch|opensearch|stripe|cloudfront)\b",
    re.IGNORECASE,
)
HARMLESS = ("waiting room",)

VERB_MEASURES = {
    "create": "creates",
    "upload": "uploads",
    "update": "updates",
    "delete": "deletes",
    "notify": "notifies",
    "compute": "computes",
    "read": "reads",
    "list": "lists",
    "search": "searches",
    "download": "downloads",
    "stream": "streams",
    "subscribe": "subscribes",
    "aggregate": "aggregates",
}
KIND_MEASURES = {
    "object": "objects",
    "edge": "edges",
    "counter": "counters",
    "series": "series",
    "event": "events",
    "memory": "in_memory",
}


def identifier(capability: Capability) -> str:
    return capability.id


def texts(capability: Capability) -> Iterator[str]:
    """Everything a document may show of a capability."""
    yield capability.title
    yield from (*capability.technical, *capability.business, *capability.performance, capability.hot_spot)
    for approach in capability.approaches:
        yield from (
            approach.name,
            approach.how,
            *approach.pros,
            *approach.cons,
            *(fit.because for fit in approach.fits),
        )
    for edge in capability.edge_cases:
        yield from (edge.case, edge.handling)
    for metric in capability.metrics:
        yield from (metric.name, metric.why)


def conditions(capability: Capability) -> Iterator[Condition]:
    yield from itertools.chain.from_iterable(capability.when)
    for approach in capability.approaches:
        yield from approach.fits


def render(text: str) -> str:
    environment = SandboxedEnvironment(undefined=StrictUndefined)
    return environment.from_string(text).render(
        {name: "chat_message" if name == "entity_id" else f"<{name}>" for name in TEXTS}
    )


def measured(plan: Plan, feature: str) -> dict[str, float]:
    """The measures of a feature as a document takes them."""
    page = Page(plan)
    return feature_measures(plan, feature, page.features[feature], page.feature_title(feature), page.names)[0]


def attached(values: dict[str, float]) -> list[str]:
    return [c.id for c in CAPABILITIES if any(all(condition.holds(values) for condition in group) for group in c.when)]


@pytest.mark.parametrize("folder", ["archetypes", "capabilities"])
def test_every_file_is_loaded(folder: str) -> None:
    """Each file of the folder becomes one thing with the file's name as id."""
    assert set(getattr(loader, folder)()) == {path.stem for path in (CATALOG / folder).glob("*.yaml")} != set()


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_an_archetype_is_complete_by_itself(archetype: str) -> None:
    """With nothing but its name an archetype loads, leaves no rate open and derives finite numbers."""
    made = complete(loads(f"system: X\narchetypes: [{archetype}]\n"))
    needed = demand(made)
    assert not made.problems
    assert not needed.open
    assert all(np.isfinite(value.samples).all() for value in needed.values.values())
    assert needed.values["totals.average_qps"].best > 0
    assert needed.values["totals.storage_bytes_retained"].best > 0


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_an_archetype_answers_what_a_design_asks(archetype: str) -> None:
    """It says who uses it, what matters most and how good it has to be, and every operation that callers see belongs to a feature."""
    found = loader.archetypes()[archetype]
    model = complete(loads(f"system: X\narchetypes: [{archetype}]\n")).model
    in_features = {o for f in model.features.values() for o in f.operations}
    assert found.source
    assert len(found.words) >= 5
    assert any(f.priority == "P0" for f in model.features.values())
    assert not set(model.operations) - in_features
    assert all(persona in model.personas for f in model.features.values() for persona in f.personas)
    assert all((model.personas, model.tunables, model.future, model.integrations, model.tiers, model.goals))
    assert all((model.quality.availability, model.quality.rpo, model.quality.rto))


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_lists_say_by_what(archetype: str) -> None:
    """A list names the column it is given or the order it comes in, so that an index can serve it."""
    model = complete(loads(f"system: X\narchetypes: [{archetype}]\n")).model
    assert not [n for n, o in model.operations.items() if o.verb == "list" and not o.where and not o.order]


def test_the_example_of_the_language_loads() -> None:
    """The hotel brief of the language's own page merges with the archetype and the capability that it names."""
    text = """
    system: Chain of hotels
    archetypes: [hotel_booking]
    capabilities: [waiting_room]
    populations:
      users: {daily_active: 200k (100k..400k), monthly_active: 3M, concurrent: 5 %, growth: 20 %/year}
      hotels: 5000
      rooms: {count: 1M, growth: 2 %/year}
    entities:
      reservation:
        fields: {id: id, guest: ref guest, hotel: ref hotel, from: date, to: date, status: "enum pending confirmed cancelled", card: string 20}
        size: 400 B
    operations:
      reserve: {does: create reservation, rate: 0.7 per rooms per 3 days, priority: P0, p99: 1 s, idempotent: true}
    """
    made = complete(loads(text.replace("\n    ", "\n")))
    values = demand(made).values
    assert values["operations.reserve.per_day"].best == pytest.approx(0.7 * 1e6 / 3)
    assert {"hotel", "room_type", "guest", "queue_ticket"} <= set(made.entities)


@pytest.mark.parametrize("archetype", ARCHETYPES)
def test_a_waiting_room_fits_any_archetype(archetype: str) -> None:
    """The partial brief of a capability needs no population and clashes with no name."""
    made = complete(loads(f"system: X\narchetypes: [{archetype}]\ncapabilities: [waiting_room]\n"))
    assert demand(made).values["operations.join_queue.per_day"].best == 1000


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_a_capability_is_deep_enough(capability: Capability) -> None:
    """It has two or three approaches, complexities of both kinds, edge cases, numbers and something to measure."""
    assert 2 <= len(capability.approaches) <= 3
    assert 3 <= len(capability.technical) <= 5
    assert 2 <= len(capability.business) <= 3
    assert 4 <= len(capability.edge_cases) <= 6
    assert 3 <= len(capability.performance) <= 4
    assert 3 <= len(capability.metrics) <= 5
    assert all((capability.words, capability.when, capability.hot_spot, capability.source))


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_a_capability_renders_with_the_names_of_a_plan(capability: Capability) -> None:
    """Texts use only the names that the README promises, and metrics get the names Prometheus accepts."""
    assert all("{{" not in render(text) for text in texts(capability))
    for metric in capability.metrics:
        assert re.fullmatch(r"[a-z_:][a-z0-9_:]*", render(metric.name)), metric.name
        assert metric.type != "counter" or metric.name.endswith("_total")


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_conditions_ask_known_measures(capability: Capability) -> None:
    """A condition on an unknown measure would silently never hold."""
    assert {condition.measure for condition in conditions(capability)} <= MEASURES
    assert all((condition.above is None) != (condition.below is None) for condition in conditions(capability))


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_a_reason_shows_its_number(capability: Capability) -> None:
    """The reason for an approach contains the measure that spoke for it, unless that is a mere yes."""
    flags = {"strong", "health", "payment", "in_memory", "asynchronous"}
    for approach in capability.approaches:
        assert approach.fits, approach.name
        for fit in approach.fits:
            assert fit.measure in flags or f"{{{{ {fit.measure} }}}}" in fit.because, fit.because


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_the_recommendation_flips_with_the_numbers(capability: Capability) -> None:
    """Some measure speaks for one approach below a bound and for another above it, and the simplest wins where nothing is known."""
    below = {(f.measure, f.below, a.name) for a in capability.approaches for f in a.fits if f.below is not None}
    above = {(f.measure, f.above, a.name) for a in capability.approaches for f in a.fits if f.above is not None}
    assert any(b[:2] == a[:2] and b[2] != a[2] for b in below for a in above)
    complexities = [a.complexity for a in capability.approaches]
    assert len(set(complexities)) > 1


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_texts_are_free_of_domains_and_products(capability: Capability) -> None:
    """General texts speak of the plan's own names, else one system's words would appear in documents of every other."""
    for text in texts(capability):
        plain = re.sub(r"\{\{.*?\}\}", "", text).lower()
        for harmless in HARMLESS:
            plain = plain.replace(harmless, "")
        assert not DOMAIN.search(plain), text
        assert not PRODUCT.search(plain), text
        assert not re.search(r"\b[Aa]n? \{\{ entity \}\}", text), text


@pytest.mark.parametrize("capability", CAPABILITIES, ids=identifier)
def test_texts_depend_on_the_brief(capability: Capability) -> None:
    """Most statements name something of the plan; what would read the same for every system belongs to the passages in rag/."""
    cases = [f"{e.case} {e.handling}" for e in capability.edge_cases]
    shown = [
        *capability.technical,
        *capability.business,
        *capability.performance,
        *cases,
        *(a.how for a in capability.approaches),
    ]
    assert sum("{{" in text for text in shown) / len(shown) >= 0.5
    assert "{{" in capability.hot_spot
    assert all("{{" in approach.how for approach in capability.approaches)


@pytest.fixture(scope="module", params=[*ARCHETYPES, "chat.yaml", "feed.yaml", "music.yaml", "clinic.yaml"])
def plan(request: pytest.FixtureRequest) -> Plan:
    """The plan of an archetype alone, or of an example."""
    source = str(request.param)
    return derive(
        load(source.removesuffix(".yaml"))
        if source.endswith(".yaml")
        else loads(f"system: X\narchetypes: [{source}]\n")
    )


def test_features_attach_one_to_four_capabilities(plan: Plan) -> None:
    """Every feature of an archetype or example calls for something by its numbers, and none for everything."""
    for feature, said in plan.complete.model.features.items():
        found = {*attached(measured(plan, feature)), *(use.name for use in said.capabilities)}
        assert 1 <= len(found) <= 4, (feature, found)


def test_knowledge_speaks_of_real_features(plan: Plan) -> None:
    """All texts that a document shows for a feature fill in, and a recommended approach has not failed more conditions than it met."""
    page = Page(plan)
    for feature in page.features:
        for knowledge in page.knowledge(feature):
            assert all("{{" not in knowledge.fill(text) for text in texts(knowledge.capability))
            held = {approach.name: score for approach, score, _ in knowledge.approaches}
            assert held[knowledge.recommended.name] >= 0, (feature, knowledge.capability.id, held)


@pytest.mark.parametrize(
    "text",
    [
        "{{ a }} and {{ b }}",
        " none ",
        "{{a}} {{ b | upper }}",
        "{% if a %}{{ b }}{% endif %}",
        "{# left out #}{{ a }}",
        "}} { {{ a }}",
    ],
)
def test_a_text_is_filled_as_the_template_engine_fills_it(text: str) -> None:
    """Bare names take a shorter way to the same text, a value is never a template itself, and an unknown name is an error."""
    names = {"a": "{{ b }}", "b": 3}
    assert fill(text, names) == SandboxedEnvironment().from_string(text).render(**names).strip()
    with pytest.raises(UndefinedError):
        fill(f"{text} {{{{ unknown }}}}", names)


RECOMMENDED = [
    ("clinic", "appointment_booking", "reservation", "Conditional update on one row"),
    ("clinic", "charting", "search", "Index of the database"),
    ("clinic", "charting", "audit_trail", "Row in the same transaction"),
    ("clinic", "lab_documents", "media_delivery", "Signed addresses of the object store"),
    ("clinic", "day_plan", "personal_records", "Rules on rows in the database"),
    ("chat", "message_delivery", "direct_messaging", "Store, publish, push to open connections"),
    ("chat", "presence", "presence", "Changes published to who watches"),
    ("feed", "post_creation", "fan_out_feed", "Hybrid, by size of the audience"),
    ("feed", "reactions_and_replies", "counter", "Sum in memory, write at intervals"),
    ("music", "playback", "media_delivery", "CDN before the object store"),
]


@pytest.mark.parametrize(("example", "feature", "capability", "approach"), RECOMMENDED)
def test_the_examples_get_what_fits_their_size(example: str, feature: str, capability: str, approach: str) -> None:
    """A small system is told the simple approach and a large one the scalable."""
    found = {k.capability.id: k.recommended.name for k in Page(derive(load(example))).knowledge(feature)}
    assert found.get(capability) == approach, found


@pytest.mark.parametrize(("verb", "kind"), list(itertools.product(VERBS, ("record", *KIND_MEASURES))))
def test_no_feature_is_left_without_knowledge(verb: str, kind: str) -> None:
    """Whatever a single operation does to whatever kind of entity, some capability attaches."""
    values = dict.fromkeys(MEASURES - {"fan_out", "fan_out_high", "skew", "surge", "retention_days"}, 0.0) | {
        VERB_MEASURES[verb]: 1.0
    }
    if kind in KIND_MEASURES:
        values[KIND_MEASURES[kind]] = 1.0
    assert 1 <= len(attached(values)) <= 4, attached(values)


@pytest.mark.parametrize("name", ["frameworks.md", "examples.md", "methodologies.md"])
def test_passages_can_be_cited(name: str) -> None:
    """Headings are unique within a file, so that a citation by anchor means one passage, and none is empty."""
    text = (RAG / name).read_text(encoding="utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    assert len(headings) == len(set(headings)) >= 8
    assert "Source" in text
