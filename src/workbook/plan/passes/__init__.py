"""Choices and lowerings: each pass rewrites the form, one file each; `engine.py` runs them in the order of their phases."""
