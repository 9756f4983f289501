"""How many bytes flow, and how many deliveries they become. Before compression, without protocol overhead."""

from __future__ import annotations

from workbook.plan.units import Array, total, unit


@unit("B", "said, or row bytes x rows written", "operations")
def request_bytes(said_request: Array, says_request: Array, row_bytes: Array, rows_sent_per_call: Array) -> Array:
    """Bytes of one request: said, or the rows it carries for create, upload and update, else nothing."""
    return said_request * says_request + total(row_bytes[None, :, :] * rows_sent_per_call, 1) * (1 - says_request)


@unit("B", "said, or row bytes x items", "operations")
def response_bytes(said_response: Array, says_response: Array, row_bytes: Array, rows_read_per_call: Array) -> Array:
    """Bytes of one response: said, or the rows a read returns, else nothing."""
    return said_response * says_response + total(row_bytes[None, :, :] * rows_read_per_call, 1) * (1 - says_response)


@unit("B", "{response_bytes} + {fan_out} x {delivered_bytes}", "operations")
def sent_bytes(response_bytes: Array, fan_out: Array, delivered_bytes: Array) -> Array:
    """Bytes that leave for one call: the response, and what each recipient gets."""
    return response_bytes + fan_out * delivered_bytes


@unit("B", "said, or {request_bytes}", "operations")
def delivered_bytes(said_delivers: Array, says_delivers: Array, request_bytes: Array) -> Array:
    """Bytes that each recipient gets: said, or the request."""
    return said_delivers * says_delivers + request_bytes * (1 - says_delivers)


@unit("bit/s", "{average_qps} x {request_bytes} x 8", "operations")
def ingress(average_qps: Array, request_bytes: Array, bits: Array) -> Array:
    """Bits per second that come in. Source: workflows, "avg_request_size x RPS"."""
    return average_qps * request_bytes * bits


@unit("bit/s", "{average_qps} x {sent_bytes} x 8", "operations")
def egress(average_qps: Array, sent_bytes: Array, bits: Array) -> Array:
    """Bits per second that go out."""
    return average_qps * sent_bytes * bits


@unit("bit/s", "{peak_qps} x {request_bytes} x 8", "operations")
def peak_ingress(peak_qps: Array, request_bytes: Array, bits: Array) -> Array:
    """Bits per second that come in at peak."""
    return peak_qps * request_bytes * bits


@unit("bit/s", "{peak_qps} x {sent_bytes} x 8", "operations")
def peak_egress(peak_qps: Array, sent_bytes: Array, bits: Array) -> Array:
    """Bits per second that go out at peak."""
    return peak_qps * sent_bytes * bits


@unit("bit/s", "sum over operations")
def total_ingress(ingress: Array) -> Array:
    """Bits per second that come in."""
    return total(ingress)


@unit("bit/s", "sum over operations")
def total_egress(egress: Array) -> Array:
    """Bits per second that go out."""
    return total(egress)


@unit("bit/s", "sum over operations")
def total_peak_ingress(peak_ingress: Array) -> Array:
    """Bits per second that come in at peak."""
    return total(peak_ingress)


@unit("bit/s", "sum over operations")
def total_peak_egress(peak_egress: Array) -> Array:
    """Bits per second that go out at peak."""
    return total(peak_egress)


@unit("1/s", "{average_qps} x {recipients}", "operations")
def deliveries_per_second(average_qps: Array, recipients: Array) -> Array:
    """Deliveries per second: one a recipient; without a fan-out, one a call of notify and of what is asynchronous."""
    return average_qps * recipients


@unit("1/day", "{calls_per_day} x {recipients}", "operations")
def deliveries_per_day(calls_per_day: Array, recipients: Array) -> Array:
    """Deliveries in a day."""
    return calls_per_day * recipients


@unit("1/s", "sum over operations")
def messages_per_second(deliveries_per_second: Array) -> Array:
    """Deliveries per second of all operations."""
    return total(deliveries_per_second)


@unit("s", "(1 - {availability}) x 365 days")
def downtime(availability: Array, year_seconds: Array) -> Array:
    """Seconds a year that the availability target leaves for being down. Source: workflows, "99.9 % = ~8.7 h/year"."""
    return (1 - availability) * year_seconds
