"""Messages over a stream socket: a channel, the parts' lengths, the parts. The same bytes a ZeroMQ socket would carry."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

_HEAD = struct.Struct("!cI")
_LENGTH = struct.Struct("!Q")

Parts = list[bytes]

SHELL, IOPUB = b"s", b"i"
"""The channels of a kernel: requests and their replies, and what it publishes."""

LENGTH = struct.Struct("!I")
"""Before what a child is told to do."""

ASKED = b"f"
"""What a request to the warm process is."""

STALE = "stale"
"""The answer of a warm process whose files have changed since."""


def packed(channel: bytes, parts: Sequence[bytes | memoryview]) -> list[bytes | memoryview]:
    """What to send for a message of these parts on a channel (one byte)."""
    views = [memoryview(part).cast("B") for part in parts]
    return [_HEAD.pack(channel, len(views)) + b"".join(_LENGTH.pack(len(view)) for view in views), *views]


def exactly(read: Callable[[int], bytes], count: int) -> bytes:
    """So many bytes from `read`. Raises EOFError where the other side closes before."""
    pieces = []
    while count:
        piece = read(min(count, 1 << 20))
        if not piece:
            raise EOFError
        pieces.append(piece)
        count -= len(piece)
    return b"".join(pieces)


class Reader:
    """Bytes in as they come, whole messages out."""

    def __init__(self) -> None:
        self._have = bytearray()

    def feed(self, data: bytes) -> Iterator[tuple[bytes, Parts]]:
        """The messages, as (channel, parts), that these bytes complete."""
        self._have += data
        while (found := self._next()) is not None:
            yield found

    def _next(self) -> tuple[bytes, Parts] | None:
        have = self._have
        if len(have) < _HEAD.size:
            return None
        channel, count = _HEAD.unpack_from(have)
        start = _HEAD.size + count * _LENGTH.size
        if len(have) < start:
            return None
        lengths = [_LENGTH.unpack_from(have, _HEAD.size + index * _LENGTH.size)[0] for index in range(count)]
        end = start + sum(lengths)
        if len(have) < end:
            return None
        parts = []
        for length in lengths:
            parts.append(bytes(have[start : start + length]))
            start += length
        del have[:end]
        return channel, parts
