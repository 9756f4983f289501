"""How a workbook is executed: notebooks by papermill, and one report from what they put out."""

from workbook.run.pipeline import RunResult, SectionResult, run
from workbook.run.tasks import BadRun, Interrupted

__all__ = ["BadRun", "Interrupted", "RunResult", "SectionResult", "run"]
