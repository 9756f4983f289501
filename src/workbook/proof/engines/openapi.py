"""The OpenAPI validator."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Iterator

import yaml

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof.model import Check

ENGINE = "openapi-spec-validator"


def takes(artifact: Artifact) -> bool:
    """OpenAPI documents."""
    return artifact.kind == "api" and artifact.subject == "openapi"


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """Each document against the specification."""
    try:
        validator = importlib.import_module("openapi_spec_validator")
    except ImportError:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=f"needs {ENGINE}") for a in artifacts)
        return
    engine = f"{ENGINE} {importlib.metadata.version(ENGINE)}"
    for artifact in artifacts:
        wrong = next(iter(validator.OpenAPIV31SpecValidator(yaml.safe_load(artifact.text)).iter_errors()), None)
        yield Check(
            path=artifact.path,
            engine=engine,
            outcome="failed" if wrong else "ok",
            message=str(wrong.message) if wrong else "",
        )
