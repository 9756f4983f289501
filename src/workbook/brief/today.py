"""Which day it is: the one thing that a report depends on beside its brief and the catalog. Nothing that is derived asks it."""

from __future__ import annotations

import os
from datetime import date

from workbook.brief.problems import BriefError, Problem

VARIABLE = "WORKBOOK_TODAY"


def today() -> date:
    """The day by the clock, or the one that `WORKBOOK_TODAY` names. Raises BriefError where that is no date."""
    said = os.environ.get(VARIABLE)
    if not said:
        return date.today()
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise BriefError([Problem(VARIABLE, f'"{said[:60]}" is not a date', "Write it as in 2027-01-31.")]) from None
