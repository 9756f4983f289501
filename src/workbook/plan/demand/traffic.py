"""How often everything is called. Arrays run over operations, then samples."""

from __future__ import annotations

from workbook.plan.units import Array, total, unit


@unit("1/day", "{direct_calls_per_day} + calls of the operations it follows", "operations")
def calls_per_day(direct_calls_per_day: Array, funnel: Array) -> Array:
    """Calls in a day: those of populations and totals, plus the share each operation takes from others.

    Takes direct calls [1/day] and the funnel [1] (calls caused per call of the operation in the second axis), which has no
    cycles. Source: workflows, "RPS = DAU x requests/day / 86400", for each step of a funnel.
    """
    calls = direct_calls_per_day
    for _ in range(funnel.shape[0]):
        following = direct_calls_per_day + (funnel * calls[None, :, :]).sum(axis=1)
        if (following == calls).all():
            break
        calls = following
    return calls


@unit("1/s", "{calls_per_day} / 86,400 s", "operations")
def average_qps(calls_per_day: Array, day: Array) -> Array:
    """Calls per second, averaged over the day. Source: workflows, "/ 86400"."""
    return calls_per_day / day


@unit("1/s", "{calls_per_day} x {active_share} / {active_seconds}", "operations")
def active_qps(calls_per_day: Array, active_share: Array, active_seconds: Array, one_day: Array) -> Array:
    """Calls per second in the active hours. Takes the share of the day's calls [1] that come in them and their length [s]."""
    return calls_per_day * one_day * active_share / active_seconds


@unit("1/s", "{active_qps} x {peak_factor}", "operations")
def peak_qps(active_qps: Array, peak_factor: Array, said_peak_qps: Array, says_peak_qps: Array) -> Array:
    """Calls per second in the busiest minute of a normal day; where the brief says a peak rate, that.

    Holds for daily rhythm, not for launches or attacks. Source: workflows, "peak: ~3-5x".
    """
    return active_qps * peak_factor * (1 - says_peak_qps) + said_peak_qps * says_peak_qps


@unit("1/s", "{average_qps} x {surge_factor}", "operations")
def surge_qps(average_qps: Array, surge_factor: Array) -> Array:
    """Calls per second in a burst beyond the daily peak. The factor is 1 for what does not surge."""
    return average_qps * surge_factor


@unit("1", "{average_qps} x {lasts}", "operations")
def in_progress(average_qps: Array, lasts: Array) -> Array:
    """How many calls are open at the same time. Source: J. D. C. Little, "A Proof for the Queuing Formula L = lambda W", 1961."""
    return average_qps * lasts


@unit("1/day", "sum of calls per day")
def total_calls_per_day(calls_per_day: Array) -> Array:
    """Calls of all operations in a day."""
    return total(calls_per_day)


@unit("1/s", "sum of average QPS")
def total_average_qps(average_qps: Array) -> Array:
    """Average calls per second of all operations."""
    return total(average_qps)


@unit("1/s", "sum of average QPS of reads")
def total_average_read_qps(average_qps: Array, is_read: Array) -> Array:
    """Average reads per second."""
    return total(average_qps * is_read)


@unit("1/s", "sum of average QPS of writes")
def total_average_write_qps(average_qps: Array, is_read: Array) -> Array:
    """Average writes per second."""
    return total(average_qps * (1 - is_read))


@unit("1/s", "sum of active QPS")
def total_active_qps(active_qps: Array) -> Array:
    """Calls per second in the active hours."""
    return total(active_qps)


@unit("1/s", "sum of peak QPS, peaks taken to coincide")
def total_peak_qps(peak_qps: Array) -> Array:
    """Calls per second at peak; the peaks of all operations are taken to coincide."""
    return total(peak_qps)


@unit("1/s", "sum of peak QPS of reads")
def total_peak_read_qps(peak_qps: Array, is_read: Array) -> Array:
    """Reads per second at peak."""
    return total(peak_qps * is_read)


@unit("1/s", "sum of peak QPS of writes")
def total_peak_write_qps(peak_qps: Array, is_read: Array) -> Array:
    """Writes per second at peak."""
    return total(peak_qps * (1 - is_read))


@unit("1/s", "sum of surge QPS")
def total_surge_qps(surge_qps: Array) -> Array:
    """Calls per second in the surge, what does not surge at its average."""
    return total(surge_qps)


@unit("1", "in progress of stream and subscribe, else concurrent users")
def concurrent_connections(in_progress: Array, holds_connection: Array, concurrent_users: Array) -> Array:
    """Connections held open: what streams and subscriptions that say how long they last have in progress, else the users online."""
    nobody_says: Array = 1 - holds_connection.max(axis=0, initial=0)
    return total(in_progress * holds_connection) + concurrent_users * nobody_says
