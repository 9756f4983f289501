"""A notebook comes out as if papermill had started a kernel for it."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
import yaml

CASES = yaml.safe_load((Path(__file__).parent / "notebooks.yaml").read_text())
RANDOM = (
    (r"0x[0-9a-f]{6,}", "<address>"),
    (r"\bThread-\d+", "Thread-N"),  # an ordinary kernel has several of its own
    (r"\d+(?:\.\d+)?(?:e\+\d+)? [mnμ]?s\b", "<duration>"),
    (r"20\d\d-\d\d-\d\dT[\d:.]+Z", "<time>"),
    (r"ipykernel_\d+/\d+\.py", "<cell file>"),
)
TIMES = ("start_time", "end_time", "duration")


def plain(outcome: Any) -> list[str]:
    """Everything a notebook says, one line each, without times, random numbers, addresses and temporary paths."""
    whole = widgets_named(json.loads(nbformat.writes(outcome.notebook)))
    for one in (whole, *whole["cells"]):
        one.pop("id", None)
        about = one["metadata"].get("papermill", {})
        about.update({name: "a time" for name in TIMES if about.get(name) is not None})
        if "outputs" in one:
            one["outputs"] = gathered(one["outputs"])
    text = json.dumps([whole, repr(outcome.error)], indent=1, ensure_ascii=False, sort_keys=True).replace(
        str(outcome.folder), "<folder>"
    )
    ids: dict[str, str] = {}
    text = re.sub(
        r"\b[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\b",
        lambda found: ids.setdefault(found[0], f"<id {len(ids)}>"),
        text,
    )
    for pattern, into in RANDOM:
        text = re.sub(pattern, into, text)
    return text.split("\n")


def widgets_named(notebook: Any) -> Any:
    """The notebook with each widget named by its state and the widgets in it: a file lists them by their random names."""
    states = (
        notebook["metadata"].get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    )

    @cache
    def named(name: str) -> str:
        return f"widget {hashlib.sha1(renamed(states[name]).encode()).hexdigest()[:10]}"

    def renamed(part: Any) -> str:
        return re.sub(
            r"[0-9a-f]{32}", lambda found: named(found[0]) if found[0] in states else found[0], json.dumps(part)
        )

    return json.loads(renamed(notebook))


def gathered(outputs: list[Any]) -> list[Any]:
    """Outputs with what was printed between two others together, standard output first.

    A kernel sends both streams every 0.2 seconds and at a cell's end, so where they are cut is chance.
    """
    found: list[Any] = []
    for output in outputs:
        if output["output_type"] != "stream":
            found.append(output)
            continue
        if not found or "stdout" not in found[-1]:
            found.append({"stdout": "", "stderr": ""})
        found[-1][output["name"]] += "".join(output["text"])
    return [{name: text.split("\n") for name, text in one.items()} if "stdout" in one else one for one in found]


ROOT = Path(__file__).resolve().parents[2]
SECTIONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
PATIENCE = 60
"""Seconds for a cell. Now and then papermill's own client misses a reply that has come, and sees it only when it stops waiting."""


@pytest.mark.parametrize("name", CASES)
def test_every_output_of_a_notebook_is_the_same(name: str, both: Callable[..., tuple[Any, Any]]) -> None:
    """What any kind of cell prints, shows, raises and leaves in the notebook's metadata."""
    theirs, ours = both(CASES[name], execution_timeout=PATIENCE)
    assert plain(ours) == plain(theirs)


def test_f2_no_random_tip_is_compared(both: Callable[..., tuple[Any, Any]]) -> None:
    """IPython ends its banner in one of twenty tips by chance; under these tests it says none, so a banner is always the same."""
    theirs, ours = both(["get_ipython().enable_tip, 'Tip:' in get_ipython().banner"])
    for outcome in (theirs, ours):
        assert outcome.notebook.cells[0].outputs[0].data["text/plain"] == "(False, False)"


def test_a_section_is_the_same(both: Callable[..., tuple[Any, Any]]) -> None:
    """Our own notebooks, one after the other in one, with parameters injected into the cell that declares them."""
    cells = [cell for path in SECTIONS for cell in nbformat.read(path, as_version=4).cells]
    whole = nbformat.read(SECTIONS[0], as_version=4)
    declared = [cell for cell in cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(SECTIONS) == len(declared) == 14
    whole.cells = [declared[0], *(cell for cell in cells if cell not in declared)]
    for number, cell in enumerate(whole.cells):
        cell["id"] = f"cell-{number}"
    theirs, ours = both(whole, parameters={"brief": "chat"}, execution_timeout=60)
    assert theirs.error is None
    assert plain(ours) == plain(theirs)
    assert [cell.metadata.tags for cell in ours.notebook.cells[:2]] == [["parameters"], ["injected-parameters"]]


def test_lines_keep_their_order_where_they_are_flushed(run: Callable[..., Any]) -> None:
    """Two streams and what is displayed arrive as they were sent, with no waiting in between."""
    source = """
import sys
for n in range(20):
    print(n, flush=True); print(-n, file=sys.stderr, flush=True); display(n)
    print("unflushed", n); display("after it"); sys.stdout.flush()
"""
    outputs = run([source]).cells[0].outputs
    found = [output.get("text") or output.data["text/plain"] for output in outputs]
    assert found == [
        text for n in range(20) for text in (f"{n}\n", f"{-n}\n", f"{n}", "unflushed " + f"{n}\n", "'after it'")
    ]


def test_text_that_cannot_be_sent_is_lost_and_the_cell_goes_on(run: Callable[..., Any]) -> None:
    """Half a surrogate pair is no text: ipykernel's thread says so and lives, and so does a kernel without that thread."""
    found = run(["print('half: \\ud83d')", "print('next')"], execution_timeout=PATIENCE)
    assert "surrogates not allowed" in found.cells[0].outputs[0].text
    assert found.cells[1].outputs[0].text == "next\n"
