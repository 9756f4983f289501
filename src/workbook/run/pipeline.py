"""The run: a brief and a folder in, a report in the folder out."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbook import _files, _temporary
from workbook.run import preload
from workbook.run.designs import Unmade, write_designs
from workbook.run.publishing import UNFINISHED, alone, forget, place_for, publish, sections_done
from workbook.run.tasks import BadRun, Interrupted, check_parameters, in_a_line, tasks
from workbook.run.writing import SUMMARY
from workbook.widgets.session import PROOFS, RECORD

if TYPE_CHECKING:
    from workbook.brief import Brief
    from workbook.plan import Plan
    from workbook.run.execute import Executed
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

    @property
    def reason(self) -> str:
        """The error in a line."""
        return in_a_line(self.error)


@dataclass(frozen=True)
class RunResult:
    """What a run left behind."""

    output_dir: Path
    report: Path
    sections: tuple[SectionResult, ...]
    plan: Plan
    unmade: tuple[Unmade, ...] = ()
    """Artifacts and diagrams that could not be made."""
    kept: int = 0
    """How many sections the report has that was there before, has more sections, and therefore was not replaced; else 0."""

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
        if self.failed or self.unmade:
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
    is written, and Interrupted when the user stops it: the report then has the sections done so far. A report that has more sections
    stays; what was made is then in the folder `unfinished` inside it.
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
        from workbook.run.outputs import clean

        brought = {} if is_example(loaded.path) else {loaded.name: loaded.text}
        with proved(plan, verify) as records, shown(len(work), progress) as done, _beside() as beside:
            designs = beside.submit(write_designs, plan, stage)
            executed, stopped = execute(
                work, given, jobs=jobs or default_jobs(), brought=brought, slowness=_seconds_before(output), done=done
            )
            chapters = tuple(_chapter(one) for one in executed)
            made = [one.title for one in chapters if one.error != INTERRUPTED]
            if stopped and not made:
                raise Interrupted("The run was interrupted. Nothing was written.")
            unmade = designs.result()
            notebooks_ = [(one.task.name, clean(one)) for one in executed]
            found = _write(plan, output, stage, chapters, notebooks_, {**brought, **records}, unmade)
    if stopped:
        stays = f" The report of {found.kept} sections that was there is as it was." if found.kept else ""
        raise Interrupted(
            f"The run was interrupted. {len(made)} of {len(chapters)} sections are in {found.report}.{stays}"
        )
    return found


@contextmanager
def _beside() -> Iterator[ThreadPoolExecutor]:
    """A thread that is waited for, also by who presses Ctrl-C again: what it writes must not come after its folder is gone."""
    pool = ThreadPoolExecutor(1)
    try:
        yield pool
    finally:
        again: KeyboardInterrupt | None = None
        while True:
            try:
                pool.shutdown(wait=True)
                break
            except KeyboardInterrupt as pressed:
                again = pressed
        if again is not None:
            raise again


def default_jobs() -> int:
    """Notebooks executed at a time: one more than there are cores, for while one is being started or saved another can compute."""
    return (os.cpu_count() or 1) + 1


@contextmanager
def proved(plan: Plan, verify: bool) -> Iterator[dict[str, str]]:
    """What the engines said, in a file that the notebooks of this run read; nothing where it was not asked for."""
    if not verify:
        yield {}
        return
    from workbook import proof
    from workbook.proof.promises import verdicts
    from workbook.proof.record import Record, dumped
    from workbook.proof.servers import NotHere, one_postgresql
    from workbook.run.designs import artifacts_of

    with _temporary.folder("proofs") as folder, ExitStack() as servers:
        with suppress(NotHere):
            servers.enter_context(one_postgresql())
        record = folder / RECORD
        said = proof.as_proofs(proof.verify(plan, artifacts_of(plan)[0]))
        text = dumped(Record(said, verdicts.verify(plan)))
        record.write_text(text, encoding="utf-8")
        os.environ[PROOFS] = str(record)
        try:
            yield {RECORD: text}
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
    return loaded.path.stem if is_example(loaded.path) else loaded.name


def _chapter(one: Executed) -> Chapter:
    """The section that a notebook makes; one whose outputs can't be read stands there with its error."""
    from workbook.run.outputs import Chapter, chapter

    try:
        return chapter(one)
    except Exception as error:  # noqa: BLE001 (one section that fails leaves the others)
        said = one.error or f"{type(error).__name__}: {error}"
        return Chapter(one.task.number, one.task.path.stem, one.task.name, one.seconds, said, ())


def _write(
    plan: Plan,
    output: Path,
    stage: Path,
    chapters: Sequence[Chapter],
    executed: Sequence[tuple[str, Any]],
    brought: Mapping[str, str],
    unmade: tuple[Unmade, ...],
) -> RunResult:
    import nbformat

    from workbook.run import report
    from workbook.run.writing import lasts, put, written

    if not lasts(stage):
        raise BadRun(f"{output} was deleted while the run was going on. Run it again.")
    cover = _cover(plan, unmade)
    put(stage, "report.html", report.html(cover, chapters))
    put(stage, "report.md", report.markdown(cover, chapters))
    for name, notebook in executed:
        put(stage, f"notebooks/{name}", nbformat.writes(notebook) + "\n")
    for name, text in brought.items():
        put(stage, f"notebooks/{name}", text)
    sections = tuple(SectionResult(one.number, one.title, one.notebook, one.seconds, one.error) for one in chapters)
    files = sorted([*written(stage), SUMMARY])
    summary = _summary(plan, sections, unmade, files)
    put(stage, SUMMARY, json.dumps(summary, indent=2, ensure_ascii=False) + "\n")
    done = sum(not section.error for section in sections)
    with alone(output):
        place = place_for(output, done, whole=done == len(sections))
        before = sections_done(output)
        try:
            place.mkdir(exist_ok=True)
        except OSError as error:
            raise BadRun(f"{place} cannot be written to: {error.strerror or error}.") from None
        publish(stage, place)
        if place == output:
            forget(output / UNFINISHED)
    return RunResult(place, place / "report.html", sections, plan, unmade, 0 if place == output else before)


def _cover(plan: Plan, unmade: Sequence[Unmade] = ()) -> Any:
    from workbook.run.report import Cover

    brief = plan.brief
    return Cover(
        system=brief.system,
        statement=str(brief.raw.get("statement") or ""),
        brief=brief.name,
        revision=brief.revision,
        overrides=tuple((name, str(value)) for name, value in brief.overrides.items()),
        version=_version("system-design-workbook"),
        findings=(
            *((str(problem.severity), _sentence(problem)) for problem in plan.problems if problem.severity != "info"),
            *(("error", f"{one.name} could not be made. {one.error}") for one in unmade),
        ),
    )


def _sentence(problem: Any) -> str:
    return " ".join(
        part
        for part in (
            f"{problem.place}:" if problem.place else "",
            problem.what if problem.what.endswith(".") else f"{problem.what}.",
            problem.remedy,
        )
        if part
    )


def _summary(
    plan: Plan, sections: Sequence[SectionResult], unmade: Sequence[Unmade], files: list[str]
) -> dict[str, Any]:
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
        **({"unmade": [{"name": one.name, "error": one.error} for one in unmade]} if unmade else {}),
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
