"""Voila reads a file of its own name only."""

load_subconfig("jupyter_config.py")  # noqa: F821 (given by the loader)
