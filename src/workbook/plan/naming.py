"""Names that every reader can tell apart.

Engines, languages and file systems compare names differently: without case, without underscores, only the first 63 bytes. A brief's own
names stay as written; what stands beside them is kept apart from them here. `same` is what stays of a name whatever the spelling.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from itertools import count

HASH = 6


def same(name: str) -> str:
    """What is left of a name in every spelling: `userName`, `user_name` and `UserName` are one."""
    return name.replace("_", "").lower()


def shortened(name: str, longest: int) -> str:
    """A name of at most so many letters: a longer one keeps its beginning, a short hash of the whole, and its last word."""
    if len(name) <= longest:
        return name
    mark = hashlib.sha256(name.encode()).hexdigest()[:HASH]
    stem, _, end = name.rpartition("_")
    if not stem or len(end) > longest // 2:
        return f"{name[: longest - HASH - 1].rstrip('_')}_{mark}"
    return f"{stem[: longest - HASH - len(end) - 2].rstrip('_')}_{mark}_{end}"


class Space:
    """A space of names in which no two are alike. What is taken or reserved gets an end of its own, then a number."""

    def __init__(
        self, reserved: Iterable[str] = (), *, longest: int, end: str, alike: Callable[[str], str] = same
    ) -> None:
        self._alike, self._longest, self._end = alike, longest, end
        self._reserved = {r.lower() for r in reserved}
        self._taken: set[str] = set()

    def take(self, wanted: str, room: int = 0) -> str:
        """The name itself where it is free and leaves room for what is added to it."""
        return next(n for n in self._tries(wanted, self._longest - room) if self._claimed(n))

    def take_all(self, wanted: Iterable[str]) -> dict[str, str]:
        """A name for each: first all that can stay as they are, so that a clash changes only those that come later."""
        names = list(wanted)
        made = {n: n for n in names if len(n) <= self._longest and self._claimed(n)}
        return {n: made.get(n) or self.take(n) for n in names}

    def reserve(self, name: str) -> None:
        """Keeps a name from being given."""
        self._reserved.add(name.lower())

    def _tries(self, wanted: str, longest: int) -> Iterable[str]:
        yield shortened(wanted, longest)
        if self._end:
            yield shortened(f"{wanted}{self._end}", longest)
        yield from (shortened(f"{wanted}_{n}", longest) for n in count(2))

    def _claimed(self, name: str) -> bool:
        if name.lower() in self._reserved or self._alike(name) in self._taken:
            return False
        self._taken.add(self._alike(name))
        return True
