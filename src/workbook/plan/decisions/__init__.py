"""Which option, and why not the others? One decision a file; `engine` finds and asks them."""

from workbook.plan.decisions.base import ContextLoad, Decided, Judged, Option, World
from workbook.plan.decisions.engine import answers, decide, decisions

__all__ = ["ContextLoad", "Decided", "Judged", "Option", "World", "answers", "decide", "decisions"]
