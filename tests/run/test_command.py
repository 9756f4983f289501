"""The command: what it says, to whom, and with which status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def workbook(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a shell would."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(str(Path(p).resolve()) for p in sys.path if p and Path(p).is_dir()),
    }
    return subprocess.run(
        [sys.executable, "-m", "workbook", *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        timeout=120,
    )


BAD = {
    "no such brief": (("estimate", "nosuch"), "no such file"),
    "no such option": (("estimate", "{brief}", "--jsn"), "--json"),
    "a --set without a value": (("estimate", "{brief}", "--set", "load.peak"), "PATH=VALUE|path and a value"),
    "a --set of an unknown part": (("estimate", "{brief}", "--set", "lod.peak=3x"), "load"),
    "a --set of a nonsense value": (
        ("estimate", "{brief}", "--set", "populations.users.daily_active=5 loads"),
        "not a number",
    ),
    "no such part": (("show", "{brief}", "2.99"), "2.1"),
    "a part that is no number": (("show", "{brief}", "cost"), "6.2.messages"),
    "an output folder that is a file": (("run", "{brief}", "-o", "{brief}"), "-o|file|Choose"),
    "a brief that is a folder": (("check", "{folder}"), "folder"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_done_is_said_in_a_line(case: str, brief: Path, tmp_path: Path) -> None:
    """Status 2, what and what to do on standard error, no traceback, nothing on standard output."""
    arguments, expected = BAD[case]
    before = sorted(tmp_path.rglob("*"))
    found = workbook(*(argument.format(brief=brief, folder=tmp_path) for argument in arguments))
    assert found.returncode == 2, found.stderr
    assert any(word in found.stderr for word in expected.split("|")), found.stderr
    assert "Traceback" not in found.stderr
    assert found.stdout == ""
    assert sorted(tmp_path.rglob("*")) == before


def test_estimate_is_json_for_a_program(brief: Path) -> None:
    """`--json` writes one object, each number with its unit."""
    found = json.loads(workbook("estimate", str(brief), "--json").stdout)
    assert found["operations"]["post"]["per_day"] == {"value": pytest.approx(2000), "unit": "1"}


def test_a_value_set_on_the_command_line_counts_and_the_file_stays(brief: Path) -> None:
    """`--set` is laid over the file."""
    before = brief.read_bytes()
    found = json.loads(workbook("estimate", str(brief), "--json", "--set", "populations.users.daily_active=4k").stdout)
    assert found["operations"]["post"]["per_day"]["value"] == pytest.approx(4000)
    assert brief.read_bytes() == before


def test_show_writes_a_part_as_text_and_as_html(brief: Path) -> None:
    """The same subsection for a terminal and for a page."""
    assert workbook("show", str(brief), "2.2").stdout.startswith("### 2.2")
    assert 'data-block="2.2"' in workbook("show", str(brief), "2.2", "--format", "html").stdout


def test_new_leaves_an_existing_file_alone(tmp_path: Path) -> None:
    """A second `new` into the same file is refused; the first one can be read by `check`."""
    begun = workbook("new", "Design a chat for 2 million people", "-o", "mine.yaml", cwd=tmp_path)
    assert begun.returncode == 0, begun.stderr
    text = (tmp_path / "mine.yaml").read_text()
    again = workbook("new", "Design a shop", "-o", "mine.yaml", cwd=tmp_path)
    assert again.returncode == 2
    assert "is there already" in again.stderr
    assert (tmp_path / "mine.yaml").read_text() == text
    assert workbook("check", "mine.yaml", cwd=tmp_path).returncode in (0, 1)


def test_check_says_every_problem_as_json(tmp_path: Path) -> None:
    """A program gets place, what and remedy of each, and status 2."""
    (tmp_path / "bad.yaml").write_text(
        "workbook: 1\nsystem: X\nquality: {availability: 120 %}\npopulations: {users: lots}\n"
    )
    found = workbook("check", "bad.yaml", "--json", cwd=tmp_path)
    problems = json.loads(found.stdout)["problems"]
    assert found.returncode == 2
    assert any("quality.availability" in problem["place"] for problem in problems)
    assert all(set(problem) == {"severity", "place", "what", "remedy"} for problem in problems)


def test_a_fault_of_ours_is_one_line_with_a_hint(brief: Path, tmp_path: Path) -> None:
    """Status 3, no traceback unless `--debug` asks for it."""
    script = (
        "import sys, workbook.plan as p\ndef broken(*_): raise ZeroDivisionError('oh')\np.derive = broken\n"
        "from workbook.cli import main\nmain(sys.argv[1:])"
    )
    command = [sys.executable, "-c", script, "estimate", str(brief)]
    plain, debug = (
        subprocess.run([*command, *more], capture_output=True, text=True, timeout=60) for more in ((), ("--debug",))
    )
    assert (plain.returncode, debug.returncode) == (3, 3)
    assert plain.stderr.startswith("This is a fault of the workbook: ZeroDivisionError: oh.")
    assert "--debug" in plain.stderr
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr


def test_importing_the_package_costs_nothing() -> None:
    """`import workbook` stays under 0.15 s and brings neither pandas nor plotly nor Hamilton."""
    script = (
        "import sys, time; began = time.perf_counter(); import workbook; print(time.perf_counter() - began);"
        "print([name for name in ('pandas', 'plotly', 'hamilton', 'numpy', 'IPython', 'pydantic') if name in sys.modules])"
    )
    seconds, loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split("\n")[:2]
    assert float(seconds) < 0.15
    assert loaded == "[]"
