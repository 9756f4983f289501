"""A program of its own that runs a server as long as its standard input stays open: the server ends with who asked for it.

Its argument is JSON: `commands`, run one after the other, the last of them the server; `folder`, taken away in the end; `end`, the
signal that ends a server in good order. Imports nothing of the workbook, so that it starts at once.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys

_PATIENCE = 10
"""Seconds for a server to end in good order."""


def main(argument: str) -> int:
    """Run the commands; returns the status of the last one that ran."""
    given = json.loads(argument)
    wake, waker = os.pipe()
    for end in (wake, waker):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(waker)
    status = 0
    for command in given["commands"]:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        if not _wanted_until_it_ends(process, wake):
            _end(process, given["end"])
            shutil.rmtree(given["folder"], ignore_errors=True)
            return 1
        status = process.returncode
        if status != 0:
            break
    return status


def _wanted_until_it_ends(process: subprocess.Popen[bytes], wake: int) -> bool:
    """Wait for its end; says no where nobody wants it any more."""
    while process.poll() is None:
        ready, _, _ = select.select([0, wake], [], [])
        if 0 in ready:
            return False
        os.read(wake, 4096)
    return True


def _end(process: subprocess.Popen[bytes], number: int) -> None:
    process.send_signal(number)
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
