"""The process that makes one report: all that can hang, fail or eat memory happens in it, or in what it starts."""

from __future__ import annotations

import ctypes
import json
import os
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook.run import preload, warm
from workbook.run.batch import jobs, processes
from workbook.run.batch.jobs import Job, row
from workbook.run.batch.row import Row, Status

if TYPE_CHECKING:
    from workbook.plan import Plan
    from workbook.run.pipeline import RunResult

TASK, ANSWER = "job.json", "answer.json"
_ADOPTS_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of Linux: processes whose parent ended become children of this one."""


def in_fork(connection: socket.socket, folder: str) -> None:
    """Do what `folder` holds, as a fork of the batch's warm process."""
    _quietly()
    warm.adopt(preload.environment(Path(folder)), preload.MODULES, leave=[connection])
    work(Path(folder))


def work(folder: Path) -> None:
    """Make the report; leaves the answer in the folder and no process behind."""
    import psutil

    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_ADOPTS_ORPHANS, 1, 0, 0, 0)
    job: Job = json.loads((folder / TASK).read_text(encoding="utf-8"))
    try:
        found = _made(job, folder)
        if found.done:
            jobs.remember(job, found)
    except MemoryError:
        found = row(job, Status.out_of_memory, f"took more than {amount(job['memory'])}")
    except SystemExit as error:
        found = row(job, Status.died, f"something that the brief uses ended the process (exit status {error.code})")
    except Exception as error:  # noqa: BLE001 (the door: whatever comes becomes a row)
        found = row(job, Status.failed, _explained(error))
    part = folder / f"{ANSWER}.part"
    part.write_text(json.dumps(found.plain()), encoding="utf-8")
    part.replace(folder / ANSWER)
    processes.kill(psutil.Process().children(recursive=True))


def _quietly() -> None:
    """Nothing that is printed here reaches the user's terminal: the row says what went wrong."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for number in (1, 2):
        os.dup2(nowhere, number, inheritable=True)
    os.close(nowhere)


def _made(job: Job, folder: Path) -> Row:
    from workbook.run.pipeline import run

    source = _brief(job, folder)
    result = run(
        source,
        job["overrides"],
        job["folder"],
        jobs=job["jobs"],
        progress=False,
        verify=job["verify"],
        notebooks=Path(job["notebooks"]) if job["notebooks"] else None,
    )
    status, message = _outcome(result, job["memory"])
    return row(job, status, message, report=not result.kept, **_known(result.plan))


def _brief(job: Job, folder: Path) -> str | Path:
    """The example, where it is the same here; else a file with the text that came along."""
    from workbook.brief import examples, find

    if job["example"] in examples() and find(job["example"]).read_text(encoding="utf-8") == job["text"]:
        return job["example"]
    place = folder / "brief" / Path(job["brief"]).name
    place.parent.mkdir()
    place.write_text(job["text"], encoding="utf-8", newline="")
    return place


def _outcome(result: RunResult, memory: int) -> tuple[Status, str]:
    if not result.failed and not result.unmade:
        return Status.done, ""
    missing = [
        *(f"section {one.number} ({one.title}) could not be made: {one.reason[:200]}" for one in result.failed),
        *(f"{one.name} could not be made: {one.error}" for one in result.unmade),
    ]
    said = "; ".join(missing[:3])
    more = f"; and {len(missing) - 3} more" if len(missing) > 3 else ""
    if result.kept:
        more += (
            f"; the report of {result.kept} sections that was there stays, what was made is in {result.output_dir.name}"
        )
    if any("MemoryError" in one.error for one in result.failed):
        return Status.out_of_memory, f"took more than {amount(memory)}: {said}{more}"
    return Status.failed, said + more


def _known(plan: Plan) -> dict[str, Any]:
    """What the table says of a design."""
    from workbook.review import review

    estimate = plan.estimate(range=True)
    totals = estimate.get("totals", {})
    cost = totals.get("monthly_cost_usd", {})
    return {
        "system": plan.brief.system,
        "revision": plan.brief.revision,
        "totals": {name: float(one["value"]) for name, one in totals.items()},
        "units": {name: str(one["unit"]) for name, one in totals.items()},
        "cost_low": cost.get("low"),
        "cost_high": cost.get("high"),
        "decisions": {name: str(one.get("chosen")) for name, one in estimate.get("decisions", {}).items()},
        "flags": tuple(answer.id for answer in review(plan) if answer.state == "fails" and not answer.accepted),
        "findings": tuple((str(one.severity), _sentence(one)) for one in plan.problems if one.severity != "info"),
    }


def _sentence(problem: Any) -> str:
    return " ".join(part for part in (f"{problem.place}:" if problem.place else "", problem.what) if part)


def _explained(error: Exception) -> str:
    from workbook.brief import BriefError
    from workbook.catalog.loader import CatalogError
    from workbook.run.tasks import BadRun

    if isinstance(error, BriefError | CatalogError | BadRun):
        return str(error)
    return f"{type(error).__name__}: {error}"


def amount(memory: int) -> str:
    """Bytes as one says them."""
    return f"{memory / (1 << 30):.3g} GiB" if memory >= 1 << 30 else f"{memory / (1 << 20):.0f} MiB"


if __name__ == "__main__":
    _quietly()
    work(Path(sys.argv[1]))
