"""The first step: a sentence becomes a brief that derives, with everything assumed marked as such."""

from __future__ import annotations

import re

from workbook.artifacts.writing import yaml
from workbook.artifacts.writing.text import one_line
from workbook.catalog import loader

_OPENING = re.compile(
    r"^\s*(please\s+)?((design|build|create|make|plan|architect|sketch)\s+)?(me\s+)?((a|an|the|our)\s+)?((scalable|reliable|large|simple|modern|distributed|global|highly\s+available)\s*,?\s+)*",
    re.IGNORECASE,
)
_CUT = re.compile(r"\s+(like|with|where|that|which|for|so|using|in\s+which|such\s+as)\s+|[.,;:(]", re.IGNORECASE)
_WORD = re.compile(r"[a-z0-9]+")


def _words(text: str) -> list[str]:
    return [w.rstrip("s") for w in _WORD.findall(text.lower())]


def _likeness(sentence: list[str], known: tuple[str, ...]) -> float:
    """How many of the known words, or runs of words, stand in the sentence; longer ones count more."""
    total = 0.0
    for entry in known:
        parts = _words(entry)
        if parts and any(sentence[i : i + len(parts)] == parts for i in range(len(sentence) - len(parts) + 1)):
            total += len(parts) ** 1.5
    return total


def archetypes_for(sentence: str) -> tuple[str, ...]:
    """The archetype that a sentence calls for, or none where no word is known."""
    said = _words(sentence)
    scored = sorted(
        ((_likeness(said, a.words), n) for n, a in loader.archetypes().items()), key=lambda s: (-s[0], s[1])
    )
    return (scored[0][1],) if scored and scored[0][0] > 0 else ()


def name_of(sentence: str) -> str:
    """A short name for the system: the sentence without its opening, up to the first clause."""
    rest = _OPENING.sub("", sentence.strip())
    short = _CUT.split(rest, maxsplit=1)[0].strip() or sentence.strip()
    return (short[:1].upper() + short[1:])[:60]


def _populations(chosen: tuple[str, ...]) -> str:
    """What drives the load in the archetype, written out to be changed."""
    said = loader.archetypes()[chosen[0]].brief.get("populations", {}) if chosen else {}
    lines = []
    for name, sizes in said.items():
        shown = "{" + ", ".join(f"{k}: {v}" for k, v in sizes.items()) + "}" if isinstance(sizes, dict) else str(sizes)
        lines.append(f"  {name}: {shown}   # assumed: how many?")
    return "populations:\n" + "\n".join(lines) + "\n" if lines else ""


def new(sentence: str) -> str:
    """A brief for a sentence, as YAML with comments. It derives as it stands; what nobody said is marked."""
    statement = one_line(sentence)
    found = archetypes_for(statement)
    chosen = found or tuple(n for n, a in loader.archetypes().items() if a.fallback)[:1]
    title = loader.archetypes()[chosen[0]].title if chosen else ""
    why = (
        f"# {title}: its entities, operations and rates count until you say your own"
        if found
        else f"# no word of the sentence is known; {title.lower()} as a start: replace it by your own entities and operations"
    )
    return f"""# The brief: the single source of the design. BRIEF.md explains the language; every line may go.
workbook: 1
system: {yaml.string(name_of(statement))}
statement: {yaml.string(statement)}

archetypes: [{", ".join(chosen)}]
{why}
# workbook check shows what is assumed; workbook show FILE 2.3 shows where each number comes from.

{_populations(chosen)}
quality: {{availability: 99.9 %}}      # assumed: how much may it be down?
constraints: {{team: {{size: 8}}}}     # assumed: who builds and runs it?
"""
