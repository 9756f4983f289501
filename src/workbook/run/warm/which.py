"""Which kernels can be forked, what their warm process imports, and the one remark where they can't."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

KERNEL = "workbook.run.warm.kernel"
"""What every warm process imports: ipykernel, ready to be forked."""

IMPORTS = "WORKBOOK_WARM_IMPORTS"
"""The variable that names more modules for the warm process to import, separated by commas."""

_said: set[str] = set()
_ORDINARY = "%s: an ordinary kernel is started for each notebook."


def forkable(command: Sequence[str]) -> Sequence[str] | None:
    """The arguments of a kernel's command that concern ipykernel, without the connection file.

    None where the command is not ipykernel on this interpreter.
    """
    if "ipykernel_launcher" not in command:
        return None
    place = command.index("ipykernel_launcher")
    program = command[0]
    same = program == sys.executable or (not Path(program).is_absolute() and Path(program).name.startswith("python"))
    options = [one for one in command[1 : place - 1] if one != "-Xfrozen_modules=off"]
    if not same or options or command[place - 1] != "-m":
        return None
    rest = list(command[place + 1 :])
    if "-f" in rest:
        del rest[rest.index("-f") : rest.index("-f") + 2]
    return rest


def named(environment: Mapping[str, str]) -> Sequence[str]:
    """The modules that the user wants imported."""
    return tuple(name.strip() for name in environment.get(IMPORTS, "").split(",") if name.strip())


def ordinary(why: str, log: logging.Logger, text: str = _ORDINARY) -> None:
    """Say once in this process why something is started and not forked; `text` says what follows from `why`."""
    if text % why not in _said:
        _said.add(text % why)
        log.warning(text, why)
