"""Briefs by number: the same seed and kind give the same brief. Valid ones are ordinary, odd ones strange, broken ones wrong."""

from __future__ import annotations

from random import Random
from typing import Literal

import parts
import yaml

from workbook.catalog import loader

Kind = Literal["valid", "odd", "broken"]
KINDS: tuple[Kind, ...] = ("valid", "odd", "broken")


def brief(seed: int, number: int) -> tuple[Kind, str]:
    """The kind and the text of one brief."""
    rng = Random(f"{seed}/{number}")
    kind = KINDS[number % len(KINDS)]
    raw = _of_an_archetype(rng) if rng.random() < 0.35 else _from_scratch(rng, odd=kind == "odd")
    if kind == "odd":
        _taken_out(raw, rng)
        _estranged(raw, rng)
    if kind == "broken":
        _broken(raw, rng)
    return kind, yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=4096)


def _of_an_archetype(rng: Random) -> parts.Raw:
    """An archetype or two with things taken out, laid over and added."""
    names = parts.pick(rng, 1, rng.choice([1, 1, 2]), sorted(loader.archetypes()))
    raw: parts.Raw = {"workbook": 1, "system": "Of an archetype", "archetypes": names}
    said = {
        part: dict(loader.archetypes()[name].brief.get(part, {}))
        for name in names
        for part in ("features", "operations", "populations")
    }
    for feature in parts.pick(rng, 0, 2, sorted(said["features"])):
        raw.setdefault("features", {})[feature] = None
    kept = [
        o
        for o in said["operations"]
        if not any(o in said["features"][f].get("operations", ()) for f in raw.get("features", {}))
    ]
    for operation in parts.pick(rng, 0, 1, sorted(kept)):
        raw.setdefault("operations", {})[operation] = None
    if "users" in said["populations"] and rng.random() < 0.5:
        raw["populations"] = {"users": {"daily_active": rng.choice(["100", "50k", "90M"]), "monthly_active": "200M"}}
    if rng.random() < 0.3:
        raw["capabilities"] = parts.pick(rng, 1, 2, sorted(loader.capabilities()))
    return raw | _around(rng)


def _from_scratch(rng: Random, *, odd: bool) -> parts.Raw:
    """Populations, entities, operations, features: composed of parts."""
    raw: parts.Raw = {"workbook": 1, "system": "From scratch", "statement": "People keep things."}
    if rng.random() < 0.8:
        raw["populations"] = {"users": {"daily_active": rng.choice(["2k", "500k (100k..2M)", "30M"])}}
        if rng.random() < 0.4:
            raw["populations"]["sites"] = rng.choice([40, "10k", "10 % of users"])
    populations = [name for name in raw.get("populations", {}) if name != "sites" or rng.random() < 0.5]
    names = parts.pick(rng, 1, 5, parts.NOUNS + (parts.ODD_NAMES if odd else []))
    entities: parts.Raw = {}
    for name in names:
        entities[name] = parts.entity(rng, list(entities))
    if odd:
        for name in names:
            entities[name]["fields"] |= {
                field: rng.choice(parts.FIELD_TYPES) for field in parts.pick(rng, 0, 2, parts.ODD_FIELDS)
            }
    raw["entities"] = entities
    operations: parts.Raw = {}
    for number in range(rng.randint(0 if odd else 1, 8)):
        verb, of = rng.choice(parts.VERBS), rng.choice(names)
        if verb in ("upload", "download"):
            of = next((n for n in names if entities[n].get("kind") == "object"), of)
        inside = [
            field for field, said in entities[of]["fields"].items() if odd or not said.startswith(parts.NEVER_COMPARED)
        ]
        made = parts.operation(rng, f"{verb} {of}", inside, names)
        lasting = [n for n, o in operations.items() if "lasts" in o]
        if rng.random() < 0.92:
            made["rate"] = parts.rate(rng, populations, [n for n, o in operations.items() if "rate" in o], lasting)
        operations[f"{verb}_{of}_{number}"[:60]] = made
    raw["operations"] = operations
    if operations and rng.random() < 0.7:
        raw["personas"] = {"caller": "wants an answer", "clerk": "wants order"}
        for said in operations.values():
            if rng.random() < 0.6:
                said["by"] = rng.choice(["caller", "clerk"])
        raw["features"] = {
            f"feature_{n}": {
                "title": f"Feature {n}",
                "priority": rng.choice(["P0", "P1"]),
                "operations": parts.pick(rng, 1, 3, list(operations)),
                "personas": ["caller"],
            }
            for n in range(rng.randint(1, 3))
        }
    if operations and rng.random() < 0.4:
        raw["integrations"] = {
            "partner": {
                "does": "helps",
                "availability": "99.5 %",
                "p99": "2 s",
                "operations": parts.pick(rng, 0, 2, list(operations)),
            }
        }
    return raw | _around(rng)


def _around(rng: Random) -> parts.Raw:
    """What may stand in any brief."""
    made: parts.Raw = {}
    if rng.random() < 0.6:
        made["load"] = {"peak": rng.choice(["2x", "3x (2x..8x)"]), "horizon": rng.choice(["1 year", "5 years"])}
    if rng.random() < 0.7:
        made["quality"] = parts.quality(rng)
    if rng.random() < 0.7:
        made["constraints"] = parts.constraints(rng)
    if rng.random() < 0.5:
        pinned = {decision: rng.choice(options) for decision, options in parts.DECISIONS.items() if rng.random() < 0.35}
        avoided = made.get("constraints", {}).get("avoid", ())
        made["choices"] = {decision: option for decision, option in pinned.items() if option not in avoided}
    if rng.random() < 0.3:
        made["tunables"] = {"PAGE": 20, "RATIO": 0.5, "MODE": "fast"}
    if rng.random() < 0.3:
        made["tiers"] = {"caller": {"limit": "60/min"}, "partner": {"limit": "10k/hour"}}
    if rng.random() < 0.2:
        made["document"] = {"HOTSPOT_SCENARIO": "one of them is asked for by all", "FUTURE_FEATURE_1": "polls"}
    _agreed(made.get("constraints", {}))
    return made


def _agreed(constraints: parts.Raw) -> None:
    """Nothing is to be used and avoided at once."""
    if "must_use" in constraints and "avoid" in constraints:
        constraints["must_use"] = [name for name in constraints["must_use"] if name not in constraints["avoid"]]


def _taken_out(raw: parts.Raw, rng: Random) -> None:
    """Things of the archetypes that are taken out, one or a part of one."""
    for name in raw.get("archetypes", ()):
        said = loader.archetypes()[name].brief
        for part in parts.pick(rng, 0, 2, [p for p in said if isinstance(said[p], dict)]):
            inner = rng.choice(sorted(said[part]))
            path = f"{part}.{inner}"
            if isinstance(said[part][inner], dict) and rng.random() < 0.5:
                path += f".{rng.choice(sorted(said[part][inner]))}"
            parts.put(raw, path, None, rng)


def _estranged(raw: parts.Raw, rng: Random) -> None:
    """Extreme values and strange words."""
    for dotted, value in rng.sample(parts.EXTREMES, rng.randint(1, 4)):
        first = dotted.split(".")[0]
        if (first in ("entities", "operations") and not raw.get(first)) or "null" in str(value):
            continue
        if raw.get(first) is None:
            raw.pop(first, None)
        target = (
            {k: v for k, v in raw.get(first, {}).items() if v is not None} if isinstance(raw.get(first), dict) else None
        )
        if "*" in dotted and not target:
            continue
        if "*" in dotted and target is not None:
            name = rng.choice(sorted(target))
            dotted = dotted.replace("*", name)
        parts.put(raw, dotted, value, rng)
    for _ in range(rng.randint(0, 3)):
        text = rng.choice(parts.ODD_TEXTS)
        path = rng.choice(
            [
                "system",
                "statement",
                "goals",
                "future",
                "personas.caller",
                "tunables.TEXT",
                "document.HOTSPOT_SCENARIO",
                "integrations.odd",
                "features.odd",
            ]
        )
        value = {
            "goals": [text],
            "future": [text, text],
            "features.odd": {"title": text, "journey": text, "complexities": [text], "edge_cases": [text]},
        }
        parts.put(raw, path, value.get(path, text), rng)


def _broken(raw: parts.Raw, rng: Random) -> None:
    """One or two mistakes."""
    made = False
    while not made:
        for dotted, value in rng.sample(parts.SLIPS, rng.randint(1, 2)):
            first = dotted.split(".")[0]
            if "*" in dotted:
                target = {k: v for k, v in (raw.get(first) or {}).items() if isinstance(v, dict)}
                if not target:
                    continue
                dotted = dotted.replace("*", rng.choice(sorted(target)))
            made = parts.put(raw, dotted, value, rng) or made
