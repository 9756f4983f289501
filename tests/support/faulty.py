"""A `workbook run` to which something happens: what surrounds it, and where it waits until that has happened.

It is a fork of the warm process of the tests where the fault allows, else (`cold`) an interpreter of its own.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

LAST = "summary.json"
"""The file that is moved when a fault comes in the middle of moving them: the others are in their places."""


def forked(connection: socket.socket, plan: Mapping[str, Any]) -> None:
    """Run as `plan` says, in a fork that takes a fork of itself for its warm process, as one of a batch does."""
    from workbook.run import preload, warm

    warm.adopt(preload.environment(Path(plan["home"])), preload.MODULES, leave=[connection])
    run(plan)


def run(plan: Mapping[str, Any]) -> None:
    """Run as `plan` says; ends the process."""
    closed = plan.get("close", ())
    for number, place in ((0, os.devnull), (1, plan["stdout"]), (2, plan["stderr"])):
        if number not in closed:
            opened = os.open(place, os.O_RDWR | os.O_CREAT if number else os.O_RDONLY)
            os.dup2(opened, number, inheritable=True)
            os.close(opened)
    for number in plan.get("nobody reads", ()):
        reading, writing = os.pipe()
        os.dup2(writing, number, inheritable=True)
        os.close(reading)
        os.close(writing)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # tests under nohup would hand on that it is ignored
    for name in plan.get("ignores", ()):
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)

    if plan.get("gone"):
        os.rmdir(os.getcwd())

    from workbook import cli
    from workbook.run import designs, pipeline, publishing

    pipeline.run = partial(pipeline.run, notebooks=Path(plan["notebooks"]), jobs=1)
    wait = partial(_wait, Path(plan["reached"]), Path(plan["go"]))
    if plan.get("at") == "designs":
        pipeline.write_designs = _before(designs.write_designs, wait)
    if plan.get("at") == "moving":
        publishing._aside = _at_the_last(publishing._aside, wait)
    if "moving fails" in plan:
        publishing._aside = _at_the_last(publishing._aside, partial(_fail, plan["moving fails"]))
    for name, value in plan.get("limits", {}).items():
        resource.setrlimit(getattr(resource, name), (value, value))
    cli.main(plan["arguments"])


def _wait(reached: Path, go: Path) -> None:
    reached.touch()
    while not go.exists():
        time.sleep(0.01)


def _fail(number: int) -> None:
    raise OSError(number, os.strerror(number), "report.html")


def _before(work: Callable[..., Any], first: Callable[[], None]) -> Callable[..., Any]:
    def both(*given: Any) -> Any:
        first()
        return work(*given)

    return both


def _at_the_last(work: Callable[..., Any], then: Callable[[], None]) -> Callable[..., Any]:
    def both(place: Path, *given: Any) -> Any:
        if place.name == LAST:
            then()
        return work(place, *given)

    return both


if __name__ == "__main__":
    run(json.loads(sys.argv[1]))
