"""The run: a brief and a folder in, a report in the folder out."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook import _files
from workbook.run import preload
from workbook.run.tasks import BadRun, Interrupted, check_parameters, tasks
from workbook.run.writing import SUMMARY
from workbook.widgets.session import PROOFS, RECORD

if TYPE_CHECKING:
    from workbook.brief import Brief
    from workbook.plan import Plan
    from workbook.run.outputs import Chapter

SHOWN_VERSIONS = ("system-design-workbook", "papermill", "ipykernel", "plotly", "diagrams")


@dataclass(frozen=True)
class SectionResult:
    """How one section came out."""

    number: int
    title: str
    notebook: str
    seconds: float
    error: str = ""


@dataclass(frozen=True)
class RunResult:
    """What a run left behind."""

    output_dir: Path
    report: Path
    sections: tuple[SectionResult, ...]
    plan: Plan

    @property
    def problems(self) -> tuple[Any, ...]:
        """What the design does not meet, and what is worth knowing."""
        return self.plan.problems

    @property
    def failed(self) -> tuple[SectionResult, ...]:
        """The sections that could not be made."""
        return tuple(section for section in self.sections if section.error)

    @property
    def exit_status(self) -> int:
        """0 good, 1 with a finding that is an error, 3 where a section could not be made."""
        if self.failed:
            return 3
        return 1 if any(problem.severity == "error" for problem in self.problems) else 0


def run(
    brief: str | Path,
    overrides: Mapping[str, str] | None,
    output_dir: str | Path,
    *,
    jobs: int | None = None,
    progress: bool = True,
    verify: bool = False,
    notebooks: Path | None = None,
    parameters: Mapping[str, object] | None = None,
) -> RunResult:
    """Execute the notebooks for this brief and write the report.

    `verify` shows the artifacts to the engines they are for first, and the report says which accepted them. `notebooks` is a folder
    of one's own notebooks, `parameters` what they take besides `brief` and `overrides`. Raises BriefError or BadRun before anything
    is written, and Interrupted when the user stops it: the report then has the sections done so far.
    """
    from workbook.brief import load
    from workbook.plan import derive
    from workbook.run.progress import shown
    from workbook.run.writing import staged

    preload.start()
    loaded = load(brief, overrides)
    preload.import_papermill()
    work = tasks(notebooks or _files.path("notebooks"))
    given = {"brief": _as_parameter(loaded), "overrides": dict(overrides or {}), **(parameters or {})}
    check_parameters(work, given)
    plan = derive(loaded)
    output = Path(output_dir).expanduser().absolute()
    with staged(output) as stage:
        from workbook.run.execute import INTERRUPTED, execute
        from workbook.run.outputs import chapter, clean

        brought = [] if is_example(loaded.path) else [loaded.path] if loaded.path else []
        with proved(plan, verify) as records, shown(len(work), progress) as done, ThreadPoolExecutor(1) as beside:
            designs = beside.submit(_write_designs, plan, stage)
            executed, stopped = execute(
                work, given, jobs=jobs or default_jobs(), brought=brought, slowness=_seconds_before(output), done=done
            )
            chapters = tuple(chapter(one) for one in executed)
            made = [one.title for one in chapters if one.error != INTERRUPTED]
            if stopped and not made:
                raise Interrupted("The run was interrupted. Nothing was written.")
            designs.result()
            found = _write(
                plan, output, stage, chapters, [(one.task.name, clean(one)) for one in executed], [*brought, *records]
            )
    if stopped:
        raise Interrupted(f"The run was interrupted. {len(made)} of {len(chapters)} sections are in {found.report}.")
    return found


def default_jobs() -> int:
    """Notebooks executed at a time: one more than there are cores, for while one is being started or saved another can compute."""
    return (os.cpu_count() or 1) + 1


@contextmanager
def proved(plan: Plan, verify: bool) -> Iterator[list[Path]]:
    """What the engines said, in a file that the notebooks of this run read; nothing where it was not asked for."""
    if not verify:
        yield []
        return
    from workbook import artifacts, proof
    from workbook.proof.promises import verdicts
    from workbook.proof.record import Record, dumped

    with tempfile.TemporaryDirectory(prefix="workbook-proofs-") as folder:
        record = Path(folder) / RECORD
        said = proof.as_proofs(proof.verify(plan, artifacts.build(plan)))
        record.write_text(dumped(Record(said, verdicts.verify(plan))), encoding="utf-8")
        os.environ[PROOFS] = str(record)
        try:
            yield [record]
        finally:
            del os.environ[PROOFS]


def _seconds_before(output: Path) -> dict[str, float]:
    """How long each notebook took when a report was last written here; nothing where none was."""
    try:
        sections = json.loads((output / SUMMARY).read_text(encoding="utf-8"))["sections"]
        return {str(one["notebook"]): float(one["seconds"]) for one in sections}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def is_example(path: Path | None) -> bool:
    """Whether that file is one of the read-only briefs that come with the package."""
    return path is not None and path.resolve().parent == _files.path("assets/briefs").resolve()


def _as_parameter(loaded: Brief) -> str:
    """How a notebook names the brief: the example, or the copy of the file that is laid beside it. Never a path of this host."""
    if loaded.path is None:
        raise BadRun("A run needs a brief that is a file.")
    return loaded.path.stem if is_example(loaded.path) else loaded.path.name


def _write(
    plan: Plan,
    output: Path,
    stage: Path,
    chapters: Sequence[Chapter],
    executed: Sequence[tuple[str, Any]],
    brought: Sequence[Path],
) -> RunResult:
    import nbformat

    from workbook.run import report
    from workbook.run.writing import publish, put

    cover = _cover(plan)
    put(stage, "report.html", report.html(cover, chapters))
    put(stage, "report.md", report.markdown(cover, chapters))
    for name, notebook in executed:
        put(stage, f"notebooks/{name}", nbformat.writes(notebook) + "\n")
    for file in brought:
        put(stage, f"notebooks/{file.name}", file.read_text(encoding="utf-8"))
    sections = tuple(SectionResult(one.number, one.title, one.notebook, one.seconds, one.error) for one in chapters)
    files = sorted([*(path.relative_to(stage).as_posix() for path in stage.rglob("*") if path.is_file()), SUMMARY])
    put(stage, SUMMARY, json.dumps(_summary(plan, sections, files), indent=2, ensure_ascii=False) + "\n")
    publish(stage, output)
    return RunResult(output, output / "report.html", sections, plan)


def _write_designs(plan: Plan, stage: Path) -> None:
    """Artifacts and diagrams, each in a file of its own; they need no notebook."""
    from workbook import artifacts, document
    from workbook.document import show
    from workbook.document.blocks import Diagram
    from workbook.run.writing import put

    for artifact in (made for made in artifacts.build(plan) if made.text):
        put(stage, f"artifacts/{artifact.path}", artifact.text)
    for section in document.build(plan):
        for block in section.walk():
            if isinstance(block, Diagram):
                try:
                    put(stage, f"artifacts/diagrams/{block.id}.svg", show.svg(block))
                except show.Missing:
                    put(stage, f"artifacts/diagrams/{block.id}.txt", show.ascii(block))


def _cover(plan: Plan) -> Any:
    from workbook.run.report import Cover

    brief = plan.brief
    return Cover(
        system=brief.system,
        statement=str(brief.raw.get("statement") or ""),
        brief=brief.path.name if brief.path else brief.name,
        revision=brief.revision,
        overrides=tuple((name, str(value)) for name, value in brief.overrides.items()),
        version=_version("system-design-workbook"),
        findings=tuple(
            (str(problem.severity), _sentence(problem)) for problem in plan.problems if problem.severity != "info"
        ),
    )


def _sentence(problem: Any) -> str:
    return " ".join(
        part for part in (f"{problem.place}:" if problem.place else "", problem.what, problem.remedy) if part
    )


def _summary(plan: Plan, sections: Sequence[SectionResult], files: list[str]) -> dict[str, Any]:
    import platform

    estimate = plan.estimate()
    return {
        "format": 1,
        "brief": {"name": plan.brief.name, "system": plan.brief.system, "revision": plan.brief.revision},
        "overrides": {name: str(value) for name, value in plan.brief.overrides.items()},
        "versions": {"python": platform.python_version(), **{name: _version(name) for name in SHOWN_VERSIONS}},
        "sections": [
            {
                "number": one.number,
                "title": one.title,
                "notebook": one.notebook,
                "status": "failed" if one.error else "done",
                "seconds": round(one.seconds, 2),
                **({"error": one.error} if one.error else {}),
            }
            for one in sections
        ],
        "problems": [
            {"id": p.id, "severity": p.severity, "place": p.place, "what": p.what, "remedy": p.remedy}
            for p in plan.problems
        ],
        "totals": estimate.get("totals", {}),
        "decisions": {name: decision.get("chosen") for name, decision in estimate.get("decisions", {}).items()},
        "files": files,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "0+source"
