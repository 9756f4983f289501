"""The shape of what engineering knows: every fact has a value, a unit, and a source with a date or the word assumption."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Strict(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Fact(Strict):
    """A number with its unit and where it comes from.

    `source` names the publication and `date` when it was published or read; a number of our own says why in `assumption`.
    """

    value: float
    unit: str
    low: float | None = None
    high: float | None = None
    source: str = ""
    date: str = ""
    assumption: str = ""

    @model_validator(mode="after")
    def _has_origin(self) -> Fact:
        if bool(self.source) == bool(self.assumption):
            raise ValueError("a fact has either a source (with a date) or an assumption (with the reason)")
        if self.source and not self.date:
            raise ValueError("a source needs a date")
        return self

    @property
    def origin(self) -> str:
        """One line for a footnote."""
        return f"{self.source}, {self.date}" if self.source else f"our assumption: {self.assumption}"


Kind = Literal[
    "database",
    "cache",
    "messaging",
    "object_store",
    "search",
    "gateway",
    "cdn",
    "compute",
    "language",
    "cloud",
    "iac",
    "ci",
    "metrics",
    "logs",
    "traces",
    "identity",
    "secrets",
    "migration",
    "orchestrator",
    "external",
]


class Technology(Strict):
    """One product: what it can, what one node of it carries, how simple it is to run, and where it is offered as a service.

    `complexity` is what it takes to run and to know, 0 (nothing to run) to 5 (a team of its own); of options that score alike
    the simplest wins. `dialect` names the syntax of its artifacts: products of one dialect share the generators.
    """

    id: Identifier
    name: str
    kind: Kind
    dialect: str = ""
    summary: str
    model: str = ""
    """Databases: relational, document, key_value, wide_column, graph, time_series, search."""
    roles: tuple[str, ...] = ()
    """Other kinds it can serve as, e.g. a cache that also carries a small queue."""
    licence: str = ""
    port: int | None = None
    icon: str = ""
    complexity: float = Field(ge=0, le=5)
    skills: tuple[str, ...] = ()
    """Words by which a team says that it knows it."""
    abilities: dict[str, float | bool | str] = {}
    """What it can: see catalog/README.md for the list of names. Missing means no."""
    limits: dict[str, Fact] = {}
    """What one node carries, by name: see catalog/README.md."""
    node: Node | None = None
    offered: dict[Identifier, str] = {}
    """Cloud -> the name of the managed service there."""
    pros: tuple[str, ...] = ()
    cons: tuple[str, ...] = ()
    use_when: str = ""
    avoid_when: str = ""
    facts: dict[str, Fact] = {}
    details: dict[str, Any] = {}
    """For languages, pipelines and the like: framework, driver, formatter, image, version ..."""


class Node(Strict):
    """The machine that the limits speak of, and what it costs."""

    instance: str
    vcpu: float
    memory_gib: float
    storage_gb: float = 0
    hourly_usd: Fact
    priced_at: str = "aws"
    """The cloud whose price list that is."""
    storage_gb_month_usd: Fact | None = None
    request_million_usd: Fact | None = None
    """Priced by use instead of by node (serverless): USD per million requests."""


class Pattern(Strict):
    """A way of building that is not a product: an architecture style, a fan-out strategy, a caching pattern."""

    id: Identifier
    name: str
    family: Identifier
    summary: str
    use_when: str
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    complexity: float = Field(ge=0, le=5)
    facts: dict[str, Fact] = {}
    abilities: dict[str, float | bool | str] = {}
    source: str = ""


class Price(Strict):
    """A price that is not a node's: traffic out, storage, requests, support."""

    id: Identifier
    name: str
    cloud: str = ""
    price: Fact


class Rule(Strict):
    """What a law or standard asks for, and how a design answers."""

    text: str
    article: str = ""
    needs: str = ""
    """One of deletion, export, consent, retention, encryption, access, audit, breach, residency, agreement, scope, testing."""


class Compliance(Strict):
    """A law or standard a brief can name."""

    id: Identifier
    name: str
    applies_to: tuple[str, ...] = ()
    """Sensitivities of entities: personal, health, payment, secret. Empty: the whole system."""
    rules: tuple[Rule, ...]
    source: str
    date: str


class Region(Strict):
    """A part of the world where users live, as the clouds divide it, with the countries in it."""

    id: Identifier
    name: str
    countries: tuple[Identifier, ...] = ()
    also: tuple[Identifier, ...] = ()
    """Other names of it, or of a part of it."""
    source: str
    date: str


class Scan(Strict):
    """A search for what is dangerous, with the words by which a brief asks for it."""

    id: Identifier
    name: str
    words: tuple[str, ...]
    when: Literal["pipeline", "content"]
    """With each build, or before what a user sends is shown to others."""
    source: str = ""
    date: str = ""
    assumption: str = ""


class Runbook(Strict):
    """What to do at three in the morning. Texts are templates over the names of the plan, e.g. `{{ cache }}`."""

    id: Identifier
    title: str
    role: Literal["database", "cache", "messaging", "object_store", "service", "external", "hot_spot", "region"]
    dialects: tuple[str, ...] = ()
    """Empty: any."""
    symptom: str
    check: tuple[str, ...]
    mend: tuple[str, ...]
    prevent: str
    source: str = ""


class Default(Strict):
    """What is assumed where neither brief nor archetype says anything."""

    path: str
    value: Any
    why: str
    source: str


class Archetype(Strict):
    """A partial brief with the words by which a sentence calls for it."""

    id: Identifier
    title: str
    words: tuple[str, ...]
    brief: dict[str, Any]
    fallback: bool = False
    """Taken where a sentence calls for no other."""
    source: str = ""


class ByDefault(Strict):
    """Operations that are a capability by what they come to by default (BRIEF.md, "Steps by default")."""

    verbs: tuple[str, ...] = ()
    idempotent: bool = False


class Capability(Strict):
    """The unit of engineering knowledge: what has to take part, and what approaches build of it.

    One without approaches is what operations come to by default, or it is known by name only.
    """

    id: Identifier
    title: str
    words: tuple[str, ...] = ()
    """By which it is found in a sentence and in features."""
    brief: dict[str, Any] = {}
    """What it brings to a brief by itself."""
    about: str = ""
    """The problem in one sentence."""
    roles: dict[str, dict[str, Any]] = {}
    """Who takes part: patterns over what a brief has (plan/mechanisms/roles.py)."""
    shared: dict[str, Any] = {}
    """What every approach builds."""
    built: dict[str, dict[str, Any]] = {}
    """Approaches: small briefs over the roles, each with its reason."""
    by_default: ByDefault | None = None
    """Of one without approaches: the operations that have it without any."""
    systems: tuple[str, ...] = ()
    """Published systems that build it, with the source."""
    source: str = ""


def _word_set(value: Any) -> Any:
    return frozenset(value.split()) if isinstance(value, str) else value


WordSet = Annotated[frozenset[str], BeforeValidator(_word_set)]


class NameRules(Strict):
    """What a language, engine or file system says about names: the longest, and words that mean something else."""

    id: Identifier
    name: str
    source: str
    date: str
    longest: int = Field(gt=0)
    most_columns: int | None = None
    """Of one table."""
    key_bytes: int | None = None
    key_columns: int | None = None
    """Of one key or index."""
    reserved: WordSet = frozenset()
    """Words of the language itself."""
    also_quoted: WordSet = frozenset()
    """Words that are no error, but that tools and people misread: quoted like the reserved ones."""
    columns: WordSet = frozenset()
    """Names that every table has already."""
    databases: WordSet = frozenset()
    """Names of the engine's own databases or keyspaces."""
    members: WordSet = frozenset()
    """Names that every record has already."""
    values: WordSet = frozenset()
    """Words that no value of an enumeration may be."""
