"""What is said of an error at the door, and the status that the command ends with."""

from __future__ import annotations

import sys

import typer

from workbook import _door
from workbook._given import Bad


def explained(error: Exception, debug: bool) -> int:
    """The message for an error and the exit status: 2 where the user can mend it, 3 where we have to."""
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, BrokenPipeError):
        _door.mute(sys.stdout)
        return 0
    if isinstance(error, typer.Abort):
        _door.say("Interrupted. Nothing was written.")
        return 2
    if hasattr(error, "format_message"):
        message = error.format_message()
        _door.say(message if message.startswith("Usage") else f"{message} Try: workbook --help")
        return 2
    from workbook.brief import BriefError
    from workbook.catalog.loader import CatalogError
    from workbook.run.machine import remedy
    from workbook.run.tasks import BadRun, Interrupted

    if isinstance(error, Bad | BriefError | CatalogError | BadRun | Interrupted):
        _door.say(str(error))
        return 2
    if said := remedy(error):
        _door.say(said)
        return 2
    if debug:
        import traceback

        traceback.print_exception(error)
    lines = str(error).splitlines()
    hint = "" if debug else " Run it again with --debug for the traceback."
    _door.say(f"This is a fault of the workbook: {type(error).__name__}: {lines[0] if lines else ''}.{hint}")
    return 3
