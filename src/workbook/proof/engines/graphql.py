"""GraphQL's reference library: reads the schema and holds it against the specification."""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Iterator

from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof.model import Check

ENGINE = "graphql-core"


def takes(artifact: Artifact) -> bool:
    """Schemas of a graph."""
    return artifact.kind == "api" and artifact.subject == "graphql"


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """Each schema, built and validated."""
    try:
        library = importlib.import_module("graphql")
    except ImportError:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=f"needs {ENGINE}") for a in artifacts)
        return
    engine = f"{ENGINE} {importlib.metadata.version(ENGINE)}"
    for artifact in artifacts:
        try:
            wrong = [str(e.message) for e in library.validate_schema(library.build_schema(artifact.text))]
        except (library.GraphQLError, TypeError) as error:
            wrong = [str(error)]
        yield Check(
            path=artifact.path, engine=engine, outcome="failed" if wrong else "ok", message=wrong[0] if wrong else ""
        )
