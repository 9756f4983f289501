"""What is wanted? The language of briefs: quantities, the strict model, reading, saving and edits."""

from workbook.brief.load import Brief, examples, find, load, loads
from workbook.brief.problems import BriefError, Problem

__all__ = ["Brief", "BriefError", "Problem", "examples", "find", "load", "loads"]
