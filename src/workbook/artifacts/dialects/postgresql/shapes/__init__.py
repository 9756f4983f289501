"""Statements of further shapes: one module each. CONTRIBUTING.md, "A shape in a dialect"."""
