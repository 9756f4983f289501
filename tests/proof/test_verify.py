"""The record of what ran: everything accepted, a broken artifact refused, a missing engine named."""

from __future__ import annotations

import subprocess
import sys
from contextvars import ContextVar
from dataclasses import replace

import pytest

from workbook.artifacts import Artifact, build
from workbook.brief import load
from workbook.plan import derive
from workbook.proof import Verification, as_proofs, servers, verify
from workbook.proof.servers import NotHere

pytestmark = pytest.mark.usefixtures("postgresql_here")


def test_deriving_starts_no_proof() -> None:
    """`derive` and the artifacts never import the proof."""
    script = (
        "import sys; from workbook.brief import load; from workbook.plan import derive; from workbook.artifacts import build; "
        "build(derive(load('clinic', {}))); print('workbook.proof' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
        == "False"
    )


@pytest.mark.parametrize("brief", ["chat", "music"])
def test_nothing_is_refused(brief: str) -> None:
    """No engine on this machine refuses an artifact of an example, and what did not run says what it needs."""
    plan = derive(load(brief, {"choices.database": "postgresql", "choices.cache": "redis"}))
    found = verify(plan, build(plan))
    assert found.failed == ()
    assert {c.path for c in found.checks} == {a.path for a in build(plan) if a.text}
    assert all(c.message.startswith("needs ") for c in found.not_run)
    assert as_proofs(found)["api/openapi.yaml"].startswith("openapi-spec-validator ")


def test_a_broken_artifact_is_refused() -> None:
    """Each engine refuses what is broken and keeps the others' verdicts."""
    plan = derive(load("chat", {"choices.database": "postgresql", "choices.cache": "redis"}))
    good = build(plan)
    broken: dict[str, Artifact] = {}
    for artifact, wrong in [
        (next(a for a in good if a.kind == "query"), "SELECT nothing_like_it FROM chat_message;"),
        (next(a for a in good if a.kind == "cache"), "GET\n"),
        (next(a for a in good if a.kind == "api"), "openapi: 3.1.0\n"),
        (next(a for a in good if a.kind == "event_schema"), '{"type": "nothing", "examples": []}'),
    ]:
        broken[artifact.path] = replace(artifact, text=wrong)
    found = verify(plan, [broken.get(a.path, a) for a in good])
    ran = {c.path for c in found.checks if c.outcome != "not run"}
    assert {c.path for c in found.failed} == set(broken) & ran
    assert all(c.message for c in found.failed)


def test_a_missing_engine_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without servers the record says what each artifact needs, and no page claims a proof."""

    def nowhere() -> None:
        raise NotHere("needs postgresql")

    monkeypatch.setattr(servers, "_AROUND", ContextVar("none", default=None))
    monkeypatch.setattr(servers, "_programs", nowhere)
    monkeypatch.setattr(servers.shutil, "which", lambda _: None)
    plan = derive(load("chat", {"choices.database": "postgresql", "choices.cache": "redis"}))
    proofs = as_proofs(verify(plan, [a for a in build(plan) if a.kind in ("schema", "cache")]))
    assert set(proofs.values()) == {"not run: needs postgresql", "not run: needs redis-server and redis-cli"}


def test_the_record_is_the_same_every_time() -> None:
    """A record holds no time."""
    plan = derive(load("clinic", {}))
    artifacts = [a for a in build(plan) if a.kind in ("api", "event_schema")]
    assert verify(plan, artifacts) == verify(plan, artifacts)
    assert isinstance(verify(plan, artifacts), Verification)


def test_a_relative_of_an_engine_is_named() -> None:
    """What ran on PostgreSQL for another product of its dialect says both."""
    plan = derive(load("clinic", {"choices.database": "cockroachdb"}))
    engines = {c.engine for c in verify(plan, [a for a in build(plan) if a.kind == "schema"]).ok}
    assert engines == set() or all(
        e.startswith("PostgreSQL ") and e.endswith("whose dialect CockroachDB speaks") for e in engines
    )
