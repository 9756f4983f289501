"""Where the jobs of a batch are done: by threads that each supervise processes here, or by the workers of a Dask cluster."""

from __future__ import annotations

import logging
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from workbook.run.batch import supervise
from workbook.run.tasks import BadRun

_PATIENCE = 15
"""Seconds in which a scheduler has to answer."""


@contextmanager
def local(workers: int | None) -> Iterator[Executor]:
    """This machine, so many briefs at a time."""
    supervise.start()
    with ThreadPoolExecutor(workers or os.cpu_count() or 1, thread_name_prefix="workbook-batch") as pool:
        yield pool


@contextmanager
def cluster(scheduler: str) -> Iterator[Executor]:
    """The workers of the Dask scheduler at this address, or of that scheduler file. Raises BadRun where it does not answer."""
    try:
        from distributed import Client
    except ImportError:
        raise BadRun(
            '--scheduler needs Dask, which is not installed. Install it with: pip install "system-design-workbook[cluster]"'
        ) from None
    for name in [name for name in logging.root.manager.loggerDict if name.split(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            if Path(scheduler).is_file():
                client = Client(scheduler_file=scheduler, timeout=_PATIENCE, set_as_default=False)
            else:
                _answers(scheduler)
                client = Client(scheduler, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, TimeoutError, TypeError, KeyError) as error:
            why = next(iter(str(error).splitlines()), type(error).__name__).rstrip(".")
            raise BadRun(
                f"No Dask scheduler answers at {scheduler}: {why}. Is it running, and is the address as tcp://host:8786?"
            ) from None
        with client:
            if not client.nthreads():
                print(
                    f"The scheduler at {scheduler} has no workers yet; the batch begins when one comes.",
                    file=sys.stderr,
                )
            yield client.get_executor(pure=False, retries=0)


def _answers(address: str) -> None:
    """Whether anybody listens there, before Dask tries for half a minute. Raises OSError or ValueError where nobody does."""
    from distributed.comm.addressing import parse_address, parse_host_port
    from distributed.comm.registry import get_backend

    protocol, place = parse_address(address)
    get_backend(protocol)
    if protocol in ("tcp", "tls"):
        socket.create_connection(parse_host_port(place), _PATIENCE).close()
