"""Many briefs, or one brief under many values, each in processes of its own, with one table over all of them."""

from workbook.run.batch.gather import BatchResult, batch
from workbook.run.batch.row import Row
from workbook.run.batch.supervise import one
from workbook.run.batch.sweep import alternatives

__all__ = ["BatchResult", "Row", "alternatives", "batch", "one"]
