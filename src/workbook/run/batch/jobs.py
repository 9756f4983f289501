"""What a batch has to do: one job for each brief and each choice of values, with a folder that stays the same from call to call."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypedDict

from workbook import __version__
from workbook.brief import BriefError, examples, find
from workbook.brief.load import read
from workbook.run.batch.row import Row, Status
from workbook.run.batch.sweep import combinations, marked, safe, slug
from workbook.run.tasks import BadRun
from workbook.run.writing import SUMMARY

RECORD = "batch.json"
"""The row of a report that is done, kept beside it."""


class Job(TypedDict):
    """One report to make, in plain values that travel to another machine."""

    name: str
    brief: str
    text: str
    example: str
    overrides: dict[str, str]
    folder: str
    output: str
    verify: bool
    notebooks: str
    version: str
    identity: str
    token: str
    timeout: float
    memory: int
    jobs: int


@dataclass(frozen=True)
class Options:
    """What holds for every job of a batch."""

    output: Path
    token: str = ""
    timeout: float = 120.0
    memory: int = 2 << 30
    verify: bool = False
    notebooks: Path | None = None
    jobs: int = 1


@dataclass(frozen=True)
class Source:
    """A brief that was asked for: its text, or why there is none."""

    asked: str
    path: Path | None
    text: str
    problem: str = ""

    @property
    def stem(self) -> str:
        """What its folder is called, if nothing else is called so."""
        return safe((self.path or Path(self.asked)).stem)


def sources(asked: Sequence[str | Path]) -> list[Source]:
    """The briefs that are meant, each once; a folder stands for all briefs in it. Raises BadRun for a folder without any."""
    found: dict[str, Source] = {}
    for one in asked:
        for item in _inside(one):
            source = _source(item)
            found.setdefault(str(source.path.resolve()) if source.path else str(item), source)
    return list(found.values())


def _inside(asked: str | Path) -> list[str | Path]:
    folder = Path(asked)
    if not folder.is_dir() or str(asked) in examples():
        return [asked]
    found = sorted(path for path in folder.iterdir() if path.suffix in (".yaml", ".yml") and path.is_file())
    if not found:
        raise BadRun(f"{asked} holds no briefs. Name a folder with files as chat.yaml.")
    return list(found)


def _source(asked: str | Path) -> Source:
    path = None
    try:
        path = find(asked)
        return Source(str(asked), path, read(path))
    except BriefError as error:
        return Source(str(asked), path, "", str(error))


def jobs(found: Sequence[Source], sweep: Mapping[str, Sequence[str]], options: Options) -> Iterator[tuple[Job, str]]:
    """Every job, with the reason why it can't be done where there is one."""
    names = _names(found)
    swept = any(len(values) > 1 for values in sweep.values())
    chosen = list(combinations(sweep))
    varied = {path for path, values in sweep.items() if len(values) > 1}
    places = [slug({path: value for path, value in one.items() if path in varied}) for one in chosen]
    same = Counter(place.casefold() for place in places)
    places = [
        f"{p}-{marked(str(sorted(one.items())))}" if same[p.casefold()] > 1 else p
        for p, one in zip(places, chosen, strict=True)
    ]
    own = _own_notebooks(options.notebooks)
    for source, name in zip(found, names, strict=True):
        for place, values in zip(places, chosen, strict=True):
            where = f"{name}/{place}" if swept else name
            yield _job(source, where, values, options, own), source.problem


def _names(found: Sequence[Source]) -> list[str]:
    """A folder for each: the brief's own name, with its folder's before where two have the same."""
    names = [source.stem for source in found]
    for longer in (_with_folder, _with_mark):
        same = Counter(name.casefold() for name in names)
        names = [
            longer(source) if same[name.casefold()] > 1 else name for source, name in zip(found, names, strict=True)
        ]
    return names


def _with_folder(source: Source) -> str:
    return f"{safe(source.path.resolve().parent.name)}-{source.stem}" if source.path else source.stem


def _with_mark(source: Source) -> str:
    return f"{source.stem}-{marked(str((source.path or Path(source.asked)).resolve()))}"


def _own_notebooks(folder: Path | None) -> str:
    """What identifies notebooks that are not the package's: their content."""
    if folder is None:
        return ""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.ipynb")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _job(source: Source, place: str, values: dict[str, str], options: Options, own: str) -> Job:
    example = source.path.stem if source.path and source.asked in examples() else ""
    said = json.dumps([source.text, values, options.verify, own, __version__], sort_keys=True)
    return Job(
        name=place,
        brief=source.path.name if source.path else source.asked,
        text=source.text,
        example=example,
        overrides=values,
        folder=str(options.output / place),
        output=str(options.output),
        verify=options.verify,
        notebooks=str(options.notebooks.resolve()) if options.notebooks else "",
        version=__version__,
        identity=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest()[:16],
        token=options.token,
        timeout=options.timeout,
        memory=options.memory,
        jobs=options.jobs,
    )


def row(job: Job, status: Status, message: str, **more: Any) -> Row:
    """A row for this job."""
    return Row(job["name"], job["brief"], job["name"], status.value, message, overrides=job["overrides"], **more)


def remember(job: Job, found: Row) -> None:
    """Keep the row beside its report, so that a later batch need not make it again."""
    text = json.dumps({"identity": job["identity"], "row": found.plain()}, indent=2, ensure_ascii=False)
    (Path(job["folder"]) / RECORD).write_text(text + "\n", encoding="utf-8")


def remembered(job: Job) -> Row | None:
    """The row of this very job, if its report is there; nothing where another run has written into the folder since."""
    folder = Path(job["folder"])
    try:
        kept = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        found = Row.of({**kept["row"], "name": job["name"], "folder": job["name"]})
        same = summary["brief"]["revision"] == found.revision and summary["overrides"] == dict(found.overrides)
        whole = all(section["status"] == "done" for section in summary["sections"])
        return (
            found
            if kept["identity"] == job["identity"] and same and whole and (folder / "report.html").is_file()
            else None
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
