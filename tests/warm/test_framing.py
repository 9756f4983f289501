"""Messages survive whatever pieces their bytes arrive in."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbook.run.warm.client import _Stream
from workbook.run.warm.framing import Reader, exactly, packed

MESSAGES = st.lists(
    st.tuples(st.sampled_from([b"s", b"i", b"\0"]), st.lists(st.binary(max_size=40), max_size=5)), max_size=6
)


@given(MESSAGES, st.data())
def test_any_split_gives_the_same_messages(messages: list[tuple[bytes, list[bytes]]], data: st.DataObject) -> None:
    """Cut the stream anywhere, also inside a length: the same messages come out, in order, and nothing is left."""
    stream = b"".join(bytes(piece) for channel, parts in messages for piece in packed(channel, parts))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    reader = Reader()
    pieces = [stream[start:end] for start, end in itertools.pairwise([0, *cuts, len(stream)])]
    assert [message for piece in pieces for message in reader.feed(piece)] == messages
    assert not reader._have


@given(st.binary(min_size=1), st.integers(1, 9))
def test_exactly_so_many_bytes_or_the_end(text: bytes, step: int) -> None:
    """A short read is followed by another; where the other side closes before, that is an error."""
    left = bytearray(text)

    def read(count: int) -> bytes:
        piece = bytes(left[: min(count, step)])
        del left[: len(piece)]
        return piece

    assert exactly(read, len(text)) == text
    with pytest.raises(EOFError):
        exactly(read, 1)


def test_memory_of_any_shape_is_a_part() -> None:
    """A widget's buffer may be an array of numbers: its bytes count, not its items."""
    numbers = memoryview(bytes(range(16))).cast("I")
    ((channel, parts),) = Reader().feed(b"".join(bytes(piece) for piece in packed(b"s", [numbers])))
    assert (channel, parts) == (b"s", [bytes(range(16))])


def test_without_room_for_what_a_kernel_says_the_kernel_counts_as_dead() -> None:
    """Asked again at once it would fail again, for ever, and fill the log; whoever waits is told of the end instead."""

    class Full:
        """A connection whose messages find no memory."""

        def fileno(self) -> int:
            """Any."""
            return 0

        def recv(self, size: int) -> bytes:
            """There is always something, and never room for it."""
            raise MemoryError

    stream = _Stream(SimpleNamespace(connection=Full()), None)  # type: ignore[arg-type]
    stream._receive()
    assert stream.ended
