"""The compiler of Protocol Buffers with its plugin for services, into a folder that is thrown away."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from workbook import _temporary
from workbook.artifacts import Artifact
from workbook.plan import Plan
from workbook.proof.model import Check

ENGINE = "grpcio-tools"
SECONDS = 60.0


def takes(artifact: Artifact) -> bool:
    """Files of services."""
    return artifact.kind == "api" and artifact.subject == "grpc"


def check(plan: Plan, artifacts: tuple[Artifact, ...]) -> Iterator[Check]:
    """Each file, compiled with its services; nothing of it is run."""
    if importlib.util.find_spec("grpc_tools") is None:
        yield from (Check(path=a.path, engine=ENGINE, outcome="not run", message=f"needs {ENGINE}") for a in artifacts)
        return
    engine = f"{ENGINE} {importlib.metadata.version(ENGINE)}"
    for artifact in artifacts:
        wrong = _wrong(artifact)
        yield Check(path=artifact.path, engine=engine, outcome="failed" if wrong else "ok", message=wrong)


def _wrong(artifact: Artifact) -> str:
    with _temporary.folder("proto") as folder:
        name = Path(artifact.path).name
        (folder / name).write_text(artifact.text, encoding="utf-8")
        out = [f"--proto_path={folder}", f"--python_out={folder}", f"--grpc_python_out={folder}"]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "grpc_tools.protoc", *out, name],
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return f"no answer within {SECONDS:.0f} s"
        said = done.stderr.strip()
        if done.returncode == 0:
            return ""
        return said.splitlines()[0] if said else f"protoc ended with {done.returncode}"
