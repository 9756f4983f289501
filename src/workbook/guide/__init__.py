"""What to ask next? So far the first step: from a sentence to a brief."""

from workbook.guide.start import new

__all__ = ["new"]
