"""The first line: complete, demand, decisions, design, sizing. `derive` runs it."""

from workbook.plan.plan import Plan, derive

__all__ = ["Plan", "derive"]
