"""What steps bear, as formulas. Arrays run over steps (first axis) and samples (last axis); matrices say which step works on what."""

from __future__ import annotations

from workbook.plan.units import Array, unit


@unit("1/s", "{called_per_second} x {runs}", "steps")
def sent_per_second(called_per_second: Array, runs: Array) -> Array:
    """How often each step is sent. Takes the calls of its operation [1/s] and its runs per call [1]."""
    return called_per_second * runs


@unit("1/s", "{sent_per_second} x {keys}", "steps")
def keys_per_second(sent_per_second: Array, keys: Array) -> Array:
    """Keys looked up, events sent or messages pushed: a run may carry many. Takes runs [1/s] and keys a run [1]."""
    return sent_per_second * keys


@unit("1/s", "{sent_per_second} x {rows}", "steps")
def rows_per_second(sent_per_second: Array, rows: Array) -> Array:
    """Rows read or written. Takes runs [1/s] and rows a run [1]."""
    return sent_per_second * rows


@unit("1/s", "sum over the steps that read it", "structures")
def lookups(works_on: Array, reads: Array, keys_per_second: Array) -> Array:
    """Look-ups of each structure. Takes which step works on which structure [1], which steps read [1] and their keys [1/s]."""
    found: Array = works_on @ (reads * keys_per_second)
    return found


@unit("1/s", "sum over the steps that read it", "structures")
def rows_read(works_on: Array, reads: Array, rows_per_second: Array) -> Array:
    """Rows of each structure that are read."""
    found: Array = works_on @ (reads * rows_per_second)
    return found


@unit("1/s", "sum over the steps that write it", "structures")
def rows_written(works_on: Array, writes: Array, rows_per_second: Array) -> Array:
    """Rows of each structure that are written, before copies."""
    found: Array = works_on @ (writes * rows_per_second)
    return found


@unit("1/s", "{called_per_second} of what starts by items x {each}", "structures")
def taken(works_on: Array, called_per_second: Array, each: float) -> Array:
    """What it costs a queue to be worked off: looks and writes for each item, [1] an item, besides the steps."""
    found: Array = works_on @ (called_per_second * each)
    return found
