"""The first moments of a fork: environment, folder, streams, signals and random numbers as in a process of its own."""

from __future__ import annotations

import atexit
import contextlib
import importlib
import json
import os
import random
import resource
import signal
import socket
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import Any, NoReturn

from workbook.run.warm.framing import LENGTH, exactly


def job(connection: socket.socket, output: int, errors: int) -> Callable[[], Any]:
    """What the client asks this child to do, ready to be called."""
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (errors, 2)):
        os.dup2(source, target, inheritable=True)
        os.close(source)
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        request = json.loads(exactly(connection.recv, LENGTH.unpack(exactly(connection.recv, LENGTH.size))[0]))
    except (EOFError, OSError):
        os._exit(0)  # who asked for this child is gone already
    _environment(request["env"], request["cwd"])
    _chance()
    if request.get("memory"):
        _at_most(request["memory"])
    module, name = request["serve"].split(":")
    return partial(getattr(importlib.import_module(module), name), connection, **request["with"])


def run(job: Callable[[], Any] | None) -> NoReturn:
    """Do it and end this process as an interpreter ends, from wherever in the program it was forked."""
    code = 0
    try:
        if job is not None:
            job()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 (the end of a process)
        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _environment(wanted: dict[str, str], folder: str) -> None:
    zone = os.environ.get("TZ")
    os.environ.clear()
    os.environ.update(wanted)
    if os.environ.get("TZ") != zone:
        time.tzset()
    tempfile.tempdir = None
    with contextlib.suppress(OSError):
        os.chdir(folder)


def _chance() -> None:
    """Every fork begins with the same random state; none may keep it."""
    random.seed()
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy.random" in sys.modules:
        numpy.random.seed()


def _at_most(memory: int) -> None:
    """Let this process have so many bytes of its own beyond what it was forked with; then Python raises MemoryError."""
    with contextlib.suppress(OSError, ValueError):
        pages = int(open("/proc/self/statm").read().split()[5])  # noqa: SIM115
        limit = memory + pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
