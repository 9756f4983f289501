"""Loads the catalog once a process, strictly: a file that does not fit its model is an error that names it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from workbook.catalog.model import (
    Archetype,
    Capability,
    Compliance,
    Default,
    NameRules,
    Pattern,
    Price,
    Region,
    Runbook,
    Scan,
    Strict,
    Technology,
)

M = TypeVar("M", bound=Strict)
_HERE = Path(__file__).resolve().parent
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CatalogError(Exception):
    """A catalog file is not what the model asks for."""


def folders(name: str) -> list[Path]:
    """The packaged folder of that kind, then those under each entry of `WORKBOOK_CATALOG` (a search path for one's own additions)."""
    extra = [Path(p) / name for p in os.environ.get("WORKBOOK_CATALOG", "").split(os.pathsep) if p]
    return [f for f in (_HERE / name, *extra) if f.is_dir()]


def read(path: Path) -> Any:
    """A YAML file as plain values. Raises CatalogError with the place."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        raise CatalogError(f"{path.name}: {error}") from error


def _load(name: str, model: type[M]) -> Mapping[str, M]:
    found: dict[str, M] = {}
    for folder in folders(name):
        for path in sorted(folder.glob("*.yaml")):
            try:
                thing = model.model_validate({"id": path.stem, **(read(path) or {})})
            except ValidationError as error:
                raise CatalogError(f"{name}/{path.name}: {error}") from error
            identifier = path.stem
            if identifier in found:
                raise CatalogError(f"{name}/{path.name}: a second file of that id")
            found[identifier] = thing
    return MappingProxyType(found)


@cache
def technologies() -> Mapping[str, Technology]:
    """All products by id."""
    return _load("technologies", Technology)


@cache
def patterns() -> Mapping[str, Pattern]:
    """All patterns by id."""
    return _load("patterns", Pattern)


@cache
def abilities() -> frozenset[str]:
    """Every name under which a product or a pattern says what it can."""
    things: list[Technology | Pattern] = [*technologies().values(), *patterns().values()]
    return frozenset(name for thing in things for name in thing.abilities)


@cache
def prices() -> Mapping[str, Price]:
    """All prices by id."""
    return _load("prices", Price)


@cache
def compliance() -> Mapping[str, Compliance]:
    """All laws and standards by id."""
    return _load("compliance", Compliance)


@cache
def regions() -> Mapping[str, Region]:
    """All parts of the world by id."""
    return _load("regions", Region)


@cache
def scans() -> Mapping[str, Scan]:
    """All scans by id."""
    return _load("scans", Scan)


@cache
def runbooks() -> Mapping[str, Runbook]:
    """All runbooks by id."""
    return _load("runbooks", Runbook)


@cache
def archetypes() -> Mapping[str, Archetype]:
    """All archetypes by id."""
    return _load("archetypes", Archetype)


@cache
def capabilities() -> Mapping[str, Capability]:
    """All capabilities by id."""
    return _load("capabilities", Capability)


@cache
def name_rules() -> Mapping[str, NameRules]:
    """What each language and engine says about names, by its dialect."""
    return _load("names", NameRules)


@cache
def defaults() -> Mapping[str, Default]:
    """What is assumed where nothing is said, by path."""
    rows = read(_HERE / "defaults.yaml")
    try:
        return MappingProxyType({row["path"]: Default.model_validate(row) for row in rows})
    except ValidationError as error:
        raise CatalogError(f"defaults.yaml: {error}") from error


def read_all() -> None:
    """The whole catalog, for a process that others are forked from."""
    for part in (
        technologies,
        patterns,
        prices,
        compliance,
        regions,
        scans,
        runbooks,
        archetypes,
        capabilities,
        name_rules,
        defaults,
    ):
        part()
