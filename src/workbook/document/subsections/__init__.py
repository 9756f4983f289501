"""Further subsections: one module each. CONTRIBUTING.md, "A subsection"."""
