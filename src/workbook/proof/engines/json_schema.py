"""JSON Schema: each event schema is one, takes its sample event, and refuses one without its data."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
from collections.abc import Iterator

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof.model import Check

ENGINE = "jsonschema"


def takes(artifact: Artifact) -> bool:
    """Schemas of events."""
    return artifact.kind == "event_schema"


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """Each schema with its example."""
    try:
        library = importlib.import_module("jsonschema")
    except ImportError:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=f"needs {ENGINE}") for a in artifacts)
        return
    engine = f"{ENGINE} {importlib.metadata.version(ENGINE)}"
    for artifact in artifacts:
        wrong = _wrong(library, json.loads(artifact.text))
        yield Check(path=artifact.path, engine=engine, outcome="failed" if wrong else "ok", message=wrong)


def _wrong(library: object, schema: dict[str, object]) -> str:
    validator = library.Draft202012Validator  # type: ignore[attr-defined]
    try:
        validator.check_schema(schema)
    except library.SchemaError as error:  # type: ignore[attr-defined]
        return str(error.message)
    checker = validator(schema, format_checker=validator.FORMAT_CHECKER)
    examples = schema.get("examples")
    assert isinstance(examples, list)
    for event in examples:
        wrong = next(iter(checker.iter_errors(event)), None)
        if wrong:
            return str(wrong.message)
        if checker.is_valid({k: v for k, v in event.items() if k != "data"}):
            return "takes an event without its data"
    return ""
