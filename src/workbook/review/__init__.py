"""Is it sound? Checks on the design, each its own documentation."""

from workbook.review.base import DoesNotApply, Fails, Result, Waiting, checks, failed, review

__all__ = ["DoesNotApply", "Fails", "Result", "Waiting", "checks", "failed", "review"]
