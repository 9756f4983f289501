"""What every section draws on: the plan, its artifacts, what was proved, and how the features of the brief group its operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workbook.artifacts import Artifact, build_kind, kinds
from workbook.brief.promises import PromiseKind
from workbook.document import words as w
from workbook.document.blocks import Code
from workbook.plan import Plan
from workbook.plan.form.model import Program, Step, Structure
from workbook.proof.promises.base import Verdict


@dataclass(frozen=True)
class Page:
    """The plan and everything a section may ask of it."""

    plan: Plan
    proofs: Mapping[str, str] = field(default_factory=dict)
    """Path of an artifact -> which engine accepted it."""
    flips: bool = False
    """Whether decisions show where they change: half a second for all, so only where nobody waits."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """Promise -> how the attack on it came out."""
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

    # The form ---------------------------------------------------------------------------------------------------------

    @property
    def structures(self) -> Mapping[str, Structure]:
        """Where things rest."""
        return self.plan.world.form.structures

    @property
    def programs(self) -> Mapping[str, Program]:
        """What is done."""
        return self.plan.world.programs

    @cached_property
    def steps(self) -> Mapping[str, Step]:
        """Every step by its id."""
        return {s.id: s for p in self.programs.values() for s, _ in p.steps()}

    @cached_property
    def repeatable(self) -> frozenset[str]:
        """Operations that may be sent again."""
        return frozenset(p.operation for p in self.plan.world.pledges if p.kind is PromiseKind.REPEATABLE)

    def title(self, component: str) -> str:
        """What a component is called."""
        return self.plan.design.title(component)

    # Features ---------------------------------------------------------------------------------------------------------

    @cached_property
    def features(self) -> dict[str, tuple[str, ...]]:
        """Feature -> operations that are asked for; those of no feature stand alone under their own name."""
        model = self.plan.complete.model
        made = {n: tuple(o for o in f.operations if o in self.programs) for n, f in model.features.items()}
        made = {n: operations for n, operations in made.items() if operations}
        taken = {o for operations in made.values() for o in operations}
        made.update({n: (n,) for n in model.operations if n not in taken and n in self.programs})
        return made

    def caused(self, feature: str) -> tuple[str, ...]:
        """The operations of a feature, and those that start by what they tell or put in a queue."""
        if feature not in self._caused:
            found = dict.fromkeys(self.features[feature])
            for name in (waiting := list(found)):
                touched = dict.fromkeys((name, *(s.target for s, _ in self.programs[name].steps())))
                further = {o for on in touched for o in self._started_by.get(on, ()) if o not in found}
                waiting.extend(sorted(further, key=self._position.__getitem__))
                found.update(dict.fromkeys(waiting))
            self._caused[feature] = tuple(found)
        return self._caused[feature]

    @cached_property
    def _caused(self) -> dict[str, tuple[str, ...]]:
        return {}

    @cached_property
    def _position(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.programs)}

    @cached_property
    def _started_by(self) -> dict[str, list[str]]:
        """What operations start on -> those operations."""
        found: dict[str, list[str]] = {}
        for name, program in self.programs.items():
            if program.operation.starts.on:
                found.setdefault(program.operation.starts.on, []).append(name)
        return found

    def feature_title(self, feature: str) -> str:
        """A feature as a task."""
        said = self.plan.complete.model.features.get(feature)
        return said.title if said and said.title else w.words(feature).capitalize()

    def feature_priority(self, feature: str) -> str:
        """P0, P1 or P2."""
        said = self.plan.complete.model.features.get(feature)
        if said and said.priority:
            return said.priority
        return min((self.plan.complete.priority(o) for o in self.features[feature] if self.asked(o)), default="P1")

    def asked(self, operation: str) -> bool:
        """Whether the brief asks for an operation."""
        return operation in self.plan.complete.operations

    @cached_property
    def ordered_features(self) -> list[str]:
        """By priority, then as written."""
        return sorted(self.features, key=self.feature_priority)

    def priority(self, operation: str) -> str:
        """Of an operation of the brief; of others that of what starts them."""
        if self.asked(operation):
            return self.plan.complete.priority(operation)
        feature = next((f for f in self.features if operation in self.caused(f)), "")
        return self.feature_priority(feature) if feature else "P1"
