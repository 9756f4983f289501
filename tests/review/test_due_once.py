"""Work that waits for a time runs as often as times are written."""

from __future__ import annotations

import pytest

from workbook.brief import loads
from workbook.plan import derive
from workbook.review import review

JOBS = """\
workbook: 1
system: Runner of jobs
populations: {jobs_defined: 2M}
entities:
  job: {fields: {id: id, command: string 500, next_at: time, state: enum active paused}, count: jobs_defined}
  job_run: {kind: event, fields: {id: id, job: ref job, started_at: time}, retention: 30 days}
operations:
  define_job: {does: create job, rate: 100k/day}
  run_job: {does: create job_run, rate: 12 per jobs_defined per day, starts: due job.next_at while state = active, mode: async}
"""
MOVED_ON = (
    "mode: async, steps: [append job_run set job = item.id and started_at = now, "
    "change job by id = item.id set next_at = item.next_at + 2 hours]"
)


@pytest.mark.parametrize(("brief", "state"), [(JOBS, "fails"), (JOBS.replace("mode: async", MOVED_ON), "holds")])
def test_what_recurs_has_its_next_time_written(brief: str, state: str) -> None:
    """Two million jobs twelve times a day, and only new ones write a time; with a step that writes the next one it holds."""
    found = next(r for r in review(derive(loads(brief))) if r.id == "due_once")
    assert found.state == state


def test_a_reference_to_what_became_due_is_that_row() -> None:
    """Nobody has to work out which job a run belongs to."""
    steps = derive(loads(JOBS)).world.programs["run_job"].steps()
    made = next(step for step, _ in steps if step.target == "job_run")
    assert "job = item.id" in made.text
