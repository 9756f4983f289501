"""What every section draws on: the plan, its artifacts, what was proved, and the knowledge that fits its features."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from workbook.artifacts import Artifact, build_kind, kinds
from workbook.catalog import loader
from workbook.catalog.model import Approach, Capability
from workbook.document import words as w
from workbook.document.blocks import Code
from workbook.document.measures import feature_measures
from workbook.plan import Plan
from workbook.plan.design.model import Table

_TEMPLATES = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_NAME = re.compile(r"\{\{ (\w+) \}\}")
_BARE = re.compile(r"(?:[^{]|\{\{ \w+ \}\})*")
MOST_CAPABILITIES = 3


@dataclass(frozen=True)
class Knowledge:
    """A capability as it speaks of one feature: its texts filled in, and the approach that fits."""

    capability: Capability
    texts: Mapping[str, Any]
    approaches: tuple[tuple[Approach, int, tuple[str, ...]], ...]
    """Each approach with how many of its conditions hold and the reasons."""
    recommended: Approach
    flips: tuple[str, ...]

    def fill(self, template: str) -> str:
        """A text of the capability with this feature's names and numbers."""
        return fill(template, self.texts)


def fill(template: str, names: Mapping[str, Any]) -> str:
    """Fill a template of the catalog; an unknown name is an error of the catalog.

    Nearly all hold bare names alone, which need no template engine: compiling hundreds of them took longer than the section.
    """
    if _BARE.fullmatch(template) and all(name in names for name in _NAME.findall(template)):
        return _NAME.sub(lambda found: str(names[found[1]]), template).strip()
    return _TEMPLATES.from_string(template).render(**names).strip()


@dataclass(frozen=True)
class Page:
    """The plan and everything a section may ask of it."""

    plan: Plan
    proofs: Mapping[str, str] = field(default_factory=dict)
    """Path of an artifact -> which engine accepted it."""
    flips: bool = False
    """Whether decisions show where they change: a fifth of a second for all, so only where nobody waits."""
    _made: dict[str, tuple[Artifact, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def artifacts(self) -> tuple[Artifact, ...]:
        """Everything that can be copied."""
        return tuple(a for kind in kinds() for a in self.made(kind))

    def accepted(self, path: str) -> bool:
        """Whether an engine accepted the artifact of that path."""
        said = self.proofs.get(path, "")
        return bool(said) and not said.startswith(("not run", "refused"))

    def made(self, kind: str) -> tuple[Artifact, ...]:
        """The artifacts of a kind, built when a section first asks for them."""
        if kind not in self._made:
            self._made[kind] = build_kind(self.plan, kind)
        return self._made[kind]

    def code(self, identifier: str, artifact: Artifact, title: str = "") -> Code:
        """An artifact as a block, with what was proved of it."""
        text = artifact.text or artifact.missing
        proof = self.proofs.get(artifact.path, "") if artifact.text else artifact.missing
        return Code(
            id=identifier,
            title=title or artifact.title,
            language=artifact.language,
            text=text,
            path=artifact.path,
            proof=proof,
        )

    @cached_property
    def names(self) -> dict[str, str]:
        """What was chosen, by the names templates use."""
        plan = self.plan
        databases = list(dict.fromkeys(s.name for s in plan.design.stores if s.role == "database"))
        return {
            "system": plan.complete.model.system,
            "cache": plan.design.cache.name,
            "messaging": plan.design.messaging.name,
            "database": " and ".join(databases) or "the database",
            "language": plan.design.language.name,
        }

    def table_of(self, entity: str) -> Table | None:
        """The first table of an entity."""
        return next(iter(self.plan.design.tables_of(entity)), None)

    @cached_property
    def features(self) -> dict[str, tuple[str, ...]]:
        """Feature -> operations, of those that have some; operations of no feature stand alone under their own name."""
        model = self.plan.complete.model
        made = {n: f.operations for n, f in model.features.items() if f.operations}
        taken = {o for operations in made.values() for o in operations}
        made.update({n: (n,) for n in model.operations if n not in taken})
        return made

    def feature_title(self, feature: str) -> str:
        """A feature as a task."""
        said = self.plan.complete.model.features.get(feature)
        return said.title if said and said.title else w.words(feature).capitalize()

    def feature_priority(self, feature: str) -> str:
        """P0, P1 or P2."""
        said = self.plan.complete.model.features.get(feature)
        if said and said.priority:
            return said.priority
        return min((self.plan.complete.priority(o) for o in self.features[feature]), default="P1")

    @cached_property
    def ordered_features(self) -> list[str]:
        """By priority, then as written."""
        return sorted(self.features, key=self.feature_priority)

    def knowledge(self, feature: str) -> tuple[Knowledge, ...]:
        """The capabilities that fit a feature: those it names, then those whose conditions hold, the most specific first."""
        return self._knowledge[feature]

    @cached_property
    def _knowledge(self) -> dict[str, tuple[Knowledge, ...]]:
        return {f: self._find(f) for f in self.features}

    def _find(self, feature: str) -> tuple[Knowledge, ...]:
        measures, texts = feature_measures(
            self.plan, feature, self.features[feature], self.feature_title(feature), self.names
        )
        said = self.plan.complete.model.features.get(feature)
        named = [c.name for c in said.capabilities] if said else []
        scored: list[tuple[int, str]] = []
        for identifier, capability in loader.capabilities().items():
            held = [
                1 + sum(c.above is not None for c in group)
                for group in capability.when
                if all(c.holds(measures) for c in group)
            ]
            if held and identifier not in named:
                scored.append((-max(held), identifier))
        chosen = (named + [i for _, i in sorted(scored)])[: max(MOST_CAPABILITIES, len(named))]
        decided = {d.chosen.name.lower() for d in self.plan.decisions.values()}
        return tuple(_applied(loader.capabilities()[i], measures, texts, decided) for i in chosen)


def _applied(
    capability: Capability, measures: Mapping[str, float], texts: Mapping[str, Any], decided: set[str]
) -> Knowledge:
    judged = []
    for approach in capability.approaches:
        held = [f for f in approach.fits if f.holds(measures)]
        judged.append(
            (
                approach,
                len(held) - sum(1 for f in approach.fits if f.holds(measures) is False),
                tuple(fill(f.because, texts) for f in held),
            )
        )
    best = (
        max(judged, key=lambda j: (j[1], -j[0].complexity))[0]
        if judged
        else Approach(name="", how="", pros=(), cons=(), complexity=0)
    )
    best = next((a for a in capability.approaches if fill(a.name, texts).lower() in decided), best)
    flips = []
    for fit in best.fits:
        value = measures.get(fit.measure)
        if fit.holds(measures) and value is not None:
            bound = f"above {w.count(fit.below)}" if fit.below is not None else f"below {w.count(fit.above or 0)}"
            flips.append(f"{w.words(fit.measure)} {bound} (now {w.count(value)})")
    return Knowledge(capability, texts, tuple(judged), best, tuple(flips))
