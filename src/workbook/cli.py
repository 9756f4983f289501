"""The command: `workbook new|run|batch|show|steps|plan|verify|estimate|check`.

Exit status 0 is good; 1 says the work is done and a finding is an error (over budget, a limit not met); 2 is a brief, an option or
a folder that can't be used, or an interrupted run; 3 is a fault of the workbook.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbook import _door
from workbook._explained import explained
from workbook._given import Bad, pairs, size, sweeps
from workbook._printed import Form, as_dict, as_json_text, print_estimate, written

if TYPE_CHECKING:
    from workbook.plan import Plan

app = typer.Typer(
    name="workbook",
    help="A design document that compiles: one short brief becomes a complete High-Level System Design.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

BriefName = Annotated[str, typer.Argument(help="A brief: a YAML file, or the name of an example.", metavar="BRIEF")]
Overrides = Annotated[
    list[str],
    typer.Option(
        "--set",
        help="Lay a value over the brief, as populations.users.daily_active=5M; repeatable.",
        metavar="PATH=VALUE",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Write JSON for a program to read.")]


def _version(wanted: bool) -> None:
    if wanted:
        from workbook import __version__

        print(__version__)
        raise typer.Exit


@app.callback()
def _whole(
    version: Annotated[
        bool, typer.Option("--version", help="Say the version and stop.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a fault of the workbook.")] = False,
) -> None:
    """The options before a command; both are dealt with before it runs."""


@app.command()
def new(
    sentence: Annotated[
        str, typer.Argument(help='What to design, as in "Design a ticket shop for 2 million people a day".')
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="The file to write; an existing one is left alone.", dir_okay=False),
    ] = None,
) -> None:
    """Begin a brief from one sentence."""
    from workbook.guide import new as begin

    text = begin(sentence)
    if output is None:
        print(text, end="")
        return
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Bad(f"{output} is there already. Choose another name with -o, or remove it.") from None
    except OSError as error:
        raise Bad(f"{output} cannot be written: {error.strerror}. Choose another place with -o.") from None
    print(f"{output} is begun. See what follows from it with: workbook run {output} -o report")


@app.command()
def run(
    brief: BriefName,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The folder for the report; made if it is not there.", file_okay=True)
    ],
    overrides: Overrides = [],  # noqa: B006 (typer reads the default, nobody changes it)
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=1, max=64, help="Notebooks at a time; by default one more than cores."),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Show the artifacts to their engines first; the report says which accepted them."
        ),
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Execute the notebooks for a brief and write the report."""
    from workbook.run import preload

    preload.start()
    from workbook.run import run as whole_run

    found = whole_run(brief, pairs(overrides), output, jobs=jobs, progress=not quiet, verify=verify)
    for section in found.failed:
        _say(f"Section {section.number} ({section.title}) could not be made: {section.reason}")
    _findings(found.problems)
    for one in found.unmade:
        _say(f"{one.name} could not be made: {one.error}")
    if found.kept:
        _say(
            f"The report that was there has {found.kept} sections and stays as it was. "
            f"What was made this time is in {found.output_dir}."
        )
    _door.say(str(found.report), sys.stdout)
    raise typer.Exit(found.exit_status)


@app.command()
def batch(
    briefs: Annotated[
        list[str], typer.Argument(help="Briefs: YAML files, folders of them, names of examples.", metavar="BRIEF...")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="The folder for the reports and the table over them; made if it is not there."
        ),
    ],
    overrides: Annotated[
        list[str],
        typer.Option(
            "--set",
            help="Lay a value over the briefs, or try several, as populations.users.daily_active=1k,1M,1B; several --set are combined. "
            'A value with a comma in it stands in brackets or in quotes of its own: system="A, B","C".',
            metavar="PATH=VALUE,VALUE",
        ),
    ] = [],  # noqa: B006
    workers: Annotated[
        int | None,
        typer.Option("--workers", "-w", min=1, max=256, help="Briefs at a time; as many as cores unless said."),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            help="Let a Dask cluster do it: tcp://host:8786, or a scheduler file. Its workers must see the output folder.",
        ),
    ] = None,
    timeout: Annotated[float, typer.Option("--timeout", min=1, help="Seconds that one brief may take.")] = 120,
    memory: Annotated[str, typer.Option("--memory", help="Memory that one brief may take, as 2G or 500M.")] = "2G",
    verify: Annotated[
        bool,
        typer.Option(
            "--verify", help="Show the artifacts to their engines first; the report says which accepted them."
        ),
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="Make also the reports that are there already.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar.")] = False,
) -> None:
    """Make the reports of many briefs, and one table over them all.

    One that fails, hangs or eats memory does not stop the others. Called again, it makes what is missing or was changed.
    """
    from workbook.run.batch import batch as whole_batch

    found = whole_batch(
        briefs, output, sweep=sweeps(overrides), workers=workers, scheduler=scheduler, timeout=timeout, memory=size(memory), verify=verify,
        again=again, progress=not quiet,
    )  # fmt: skip
    there = len(found.rows) - len(found.failed)
    if found.interrupted:
        raise Bad(
            f"The batch was interrupted. {there} of {len(found.rows)} reports are there, see {found.summary}. Call it again for the rest."
        )
    if found.failed:
        _say(
            f"{there} of {len(found.rows)} reports are there. Call it again to retry the other{'s' if len(found.failed) > 1 else ''}."
        )
    _door.say(str(found.summary), sys.stdout)
    raise typer.Exit(found.exit_status)


@app.command()
def show(
    brief: BriefName,
    part: Annotated[str, typer.Argument(help="A section, subsection or block: 2, 2.2 or 6.2.messages.")],
    form: Annotated[Form, typer.Option("--format", "-f", help="How to write it.")] = Form.text,
    overrides: Overrides = [],  # noqa: B006
) -> None:
    """Show one part of the document."""
    from workbook.document import section
    from workbook.document import show as drawing

    number = part.partition(".")[0]
    if not number.isdigit() or not 0 <= int(number) <= 13:
        raise Bad(
            f'"{part}" is not a part of the document. Write a section, a subsection or a block, as in 2, 2.2 or 6.2.messages.'
        )
    whole = section(_derived(brief, overrides), int(number), flips=True)
    if part == number:
        print(drawing.section_html(whole) if form is Form.html else written(drawing.section_markdown(whole), form))
        return
    for block in whole.walk():
        if block.id == part:
            print(drawing.html(block) if form is Form.html else written(drawing.markdown(block), form))
            return
    raise Bad(
        f'There is no "{part}" in this design. Section {number} has {", ".join(block.id for block in whole.walk())}.'
    )


@app.command()
def steps(
    brief: BriefName,
    operation: Annotated[str | None, typer.Argument(help="One operation; all of them unless said.")] = None,
    overrides: Overrides = [],  # noqa: B006
) -> None:
    """Show what is done step by step, as built: with what choices and promises have added."""
    from workbook.run.listing import listing

    plan = _derived(brief, overrides)
    known = plan.world.programs
    if operation is not None and operation not in known:
        from workbook.brief.problems import nearest

        remedy = nearest(operation, known) or f"This design has {', '.join(known)}."
        raise Bad(f'There is no operation "{operation}" in this design. {remedy}')
    print(listing(plan, [operation] if operation is not None else list(known)))


@app.command()
def plan(
    brief: BriefName,
    overrides: Overrides = [],  # noqa: B006
    as_json: AsJson = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Attack the promises first, and say how that came out.")
    ] = False,
) -> None:
    """Write the whole design for a program to read: structures, steps, promises, choices, tiers, what is unknown."""
    from workbook.proof.promises import verdicts
    from workbook.run.contract import contract

    if not as_json:
        raise Bad("A plan is written for programs. Call it with --json, or see `workbook show` and `workbook steps`.")
    found = _derived(brief, overrides)
    said = verdicts.verify(found) if verify else {}
    print(json.dumps(contract(found, said), indent=2, ensure_ascii=False, allow_nan=False))


@app.command()
def verify(
    brief: BriefName,
    promise: Annotated[list[str], typer.Option("--promise", help="Only this promise; repeatable.", metavar="ID")] = [],  # noqa: B006
    overrides: Overrides = [],  # noqa: B006
    seed: Annotated[int, typer.Option("--seed", min=0, help="Another seed tries other histories.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Attack every promise of a design on a real database, and once more with what keeps it taken out."""
    from workbook.brief.problems import nearest
    from workbook.proof.promises import verdicts
    from workbook.proof.promises.base import Tested

    found = _derived(brief, overrides)
    known = [k.pledge.id for k in found.world.kept]
    for name in promise:
        if name not in known:
            remedy = nearest(name, known) or f"This design promises {', '.join(known) or 'nothing'}."
            raise Bad(f'There is no promise "{name}" in this design. {remedy}')
    said = verdicts.verify(found, seed=seed, promises=promise or None)
    if as_json:
        from workbook.proof.record import Record, dumped

        print(dumped(Record({}, said)))
    else:
        from workbook.run.listing import verdict

        print("\n".join(verdict(v) for v in said.values()) or "This design promises nothing.")
    broken = [v for v in said.values() if v.tested in (Tested.FAILED, Tested.STAND_IN_FAILED)]
    raise typer.Exit(1 if broken else 0)


@app.command()
def estimate(
    brief: BriefName,
    overrides: Overrides = [],  # noqa: B006
    as_json: AsJson = False,
    with_range: Annotated[bool, typer.Option("--range", help="With the 5-95 % range of each number.")] = False,
    flip_points: Annotated[
        bool, typer.Option("--flip-points", help="With the demand or weight at which each decision changes.")
    ] = False,
) -> None:
    """Say how much is asked of the system, and what was decided."""
    found = _derived(brief, overrides).estimate(range=with_range, flip_points=flip_points)
    if as_json:
        print(as_json_text(found))
    else:
        print_estimate(found)


@app.command()
def check(brief: BriefName, overrides: Overrides = [], as_json: AsJson = False) -> None:  # noqa: B006
    """Say what is wrong with a brief, and what the design it leads to does not meet."""
    from workbook.brief import BriefError

    try:
        plan = _derived(brief, overrides)
    except BriefError as error:
        if not as_json:
            raise
        print(as_json_text({"valid": False, "problems": [as_dict(problem) for problem in error.problems]}))
        raise typer.Exit(2) from None
    from workbook.review import review

    problems = plan.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    answers = review(plan)
    if as_json:
        checks = [
            {f: getattr(a, f) for f in ("id", "title", "state", "details", "remedy", "accepted")} for a in answers
        ]
        found = {"valid": True, "problems": [as_dict(problem) for problem in problems], "checks": checks}
        print(as_json_text(found))
    else:
        for problem in problems:
            print(f"{problem.severity} [{problem.id}]: {problem}")
        for answer in answers:
            accepted = f" (accepted: {answer.accepted})" if answer.accepted else ""
            print(f"{answer.title} [{answer.id}]: {answer.state}{accepted}")
            for detail in answer.details:
                print(f"    {detail}")
            if answer.state == "fails" and not answer.accepted:
                print(f"    {answer.remedy}")
        print(f"{plan.brief.name} can be read; {len(errors)} of {len(problems)} findings are errors.")
    raise typer.Exit(1 if errors else 0)


def _derived(brief: str, overrides: Sequence[str]) -> Plan:
    from workbook.brief import load
    from workbook.plan import derive

    return derive(load(brief, pairs(overrides)))


def _findings(problems: Sequence[Any]) -> None:
    for problem in problems:
        if problem.severity == "error":
            _say(f"Not met: {problem}")


def _say(text: str) -> None:
    _door.say(text)


_INTERRUPTED = 130
"""What typer makes of Ctrl-C."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its status."""
    _door.open_streams()
    _door.end_on_signals()
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    given = [argument for argument in given if argument != "--debug"]
    if not debug:
        _door.keep_quiet()
    try:
        if _door.folder_is_gone():
            raise Bad("The folder that this was started in is gone. Change to another one, and run it again.")
        status = app(given, standalone_mode=False)
        if status == _INTERRUPTED:
            raise KeyboardInterrupt
    except Exception as error:  # noqa: BLE001 (the door: whatever comes is explained)
        status = explained(error, debug)
    except KeyboardInterrupt:
        _say("Interrupted. Nothing was written.")
        status = 2
    try:
        sys.stdout.flush()
    except OSError as error:
        _door.mute(sys.stdout)
        if not isinstance(error, BrokenPipeError):
            status = explained(error, debug)
    sys.exit(status if isinstance(status, int) else 0)
