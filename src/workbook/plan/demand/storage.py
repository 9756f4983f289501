"""How much is kept. Arrays run over entities, then samples; matrices over operations, entities, samples."""

from __future__ import annotations

import numpy as np

from workbook.plan.units import Array, total, unit


@unit("1/day", "calls per day x rows per call / {dedup}", "entities")
def rows_per_day(calls_per_day: Array, rows_per_call: Array, dedup: Array) -> Array:
    """New rows in a day: what create and upload add, and what operations create besides, less what was there already."""
    return total(calls_per_day[:, None, :] * rows_per_call) / dedup


@unit("B/day", "{rows_per_day} x {row_bytes} / {compression}", "entities")
def bytes_per_day(rows_per_day: Array, row_bytes: Array, compression: Array) -> Array:
    """New bytes in a day, after compression."""
    return rows_per_day * row_bytes / compression


@unit("B", "{bytes_per_day} x 365", "entities")
def bytes_per_year(bytes_per_day: Array, year: Array) -> Array:
    """New bytes in a year of 365 days."""
    return bytes_per_day * year


@unit("B", "{bytes_per_year} x {replicas}", "entities")
def bytes_per_year_replicated(bytes_per_year: Array, replicas: Array) -> Array:
    """New bytes in a year with every copy. Source: workflows, "daily_data_created x 365 x replication_factor"."""
    return bytes_per_year * replicas


@unit("1", "{initial_rows} + {rows_per_day} x {kept}", "entities")
def rows_retained(initial_rows: Array, rows_per_day: Array, kept: Array) -> Array:
    """Rows at the end of the horizon: those there from the start, and those of the days kept."""
    return initial_rows + rows_per_day * kept


@unit("day", "the shorter of retention and horizon", "entities")
def kept(retention: Array, horizon: Array) -> Array:
    """How long rows stay within the plan's horizon."""
    return np.minimum(retention, horizon)


@unit("B", "{initial_rows} x {row_bytes} / {compression}", "entities")
def bytes_initial(initial_rows: Array, row_bytes: Array, compression: Array) -> Array:
    """Bytes there from the start."""
    return initial_rows * row_bytes / compression


@unit("B", "{rows_retained} x {row_bytes} / {compression}", "entities")
def bytes_retained(rows_retained: Array, row_bytes: Array, compression: Array) -> Array:
    """Bytes at the end of the horizon, one copy."""
    return rows_retained * row_bytes / compression


@unit("B", "{bytes_retained} x {replicas}", "entities")
def bytes_retained_replicated(bytes_retained: Array, replicas: Array) -> Array:
    """Bytes at the end of the horizon, every copy."""
    return bytes_retained * replicas


@unit("B", "smaller of {hot} x {rows_read_per_day} x {row_bytes} / {compression} and {bytes_retained}", "entities")
def cache_bytes(
    hot: Array, rows_read_per_day: Array, row_bytes: Array, compression: Array, bytes_retained: Array, one_day: Array
) -> Array:
    """Working set worth keeping in memory: the hot share of a day's reads, at most everything there is."""
    return np.minimum(hot * rows_read_per_day * one_day * row_bytes / compression, bytes_retained)


@unit("1/day", "calls per day of reads x items", "entities")
def rows_read_per_day(calls_per_day: Array, rows_read_per_call: Array) -> Array:
    """Rows that reads return in a day."""
    return total(calls_per_day[:, None, :] * rows_read_per_call)


@unit("B", "sum over entities")
def storage_bytes_initial(bytes_initial: Array, is_stored: Array) -> Array:
    """Bytes there from the start, of all that is stored."""
    return total(bytes_initial * is_stored)


@unit("B/day", "sum over entities")
def storage_bytes_per_day(bytes_per_day: Array, is_stored: Array) -> Array:
    """New bytes in a day, of all that is stored."""
    return total(bytes_per_day * is_stored)


@unit("B", "sum over entities")
def storage_bytes_per_year(bytes_per_year: Array, is_stored: Array) -> Array:
    """New bytes in a year, of all that is stored."""
    return total(bytes_per_year * is_stored)


@unit("B", "sum over entities")
def storage_bytes_per_year_replicated(bytes_per_year_replicated: Array, is_stored: Array) -> Array:
    """New bytes in a year with every copy."""
    return total(bytes_per_year_replicated * is_stored)


@unit("B", "sum over entities")
def storage_bytes_retained(bytes_retained: Array, is_stored: Array) -> Array:
    """Bytes at the end of the horizon, one copy."""
    return total(bytes_retained * is_stored)


@unit("B", "sum over entities")
def storage_bytes_retained_replicated(bytes_retained_replicated: Array, is_stored: Array) -> Array:
    """Bytes at the end of the horizon, every copy."""
    return total(bytes_retained_replicated * is_stored)


@unit("B", "{storage_bytes_retained_replicated} / (1 - {headroom})")
def storage_bytes_provisioned(storage_bytes_retained_replicated: Array, headroom: Array) -> Array:
    """Bytes to buy, so that the headroom stays free."""
    return storage_bytes_retained_replicated / (1 - headroom)


@unit("B", "sum over entities held in memory")
def memory_bytes(bytes_retained: Array, is_stored: Array) -> Array:
    """Bytes of what is held in memory and never stored."""
    return total(bytes_retained * (1 - is_stored))


@unit("B", "sum over entities")
def total_cache_bytes(cache_bytes: Array, is_stored: Array) -> Array:
    """Working set of all entities that are stored."""
    return total(cache_bytes * is_stored)
