"""What the options of the command mean, beyond what its parser knows."""

from __future__ import annotations

import re
from collections.abc import Sequence


class Bad(Exception):
    """What the user asked for can't be done; the message says why and what to do."""


def pairs(given: Sequence[str]) -> dict[str, str]:
    """`PATH=VALUE` of `--set`. Raises Bad."""
    found = {}
    for pair in given:
        path, separator, value = pair.partition("=")
        if not separator or not path.strip():
            raise Bad(f"--set {pair}: write a path and a value, as in --set populations.users.daily_active=5M.")
        found[path.strip()] = value.strip()
    return found


def sweeps(given: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """`PATH=VALUE,VALUE` of `--set` in a batch. Raises Bad."""
    from workbook.run.batch import alternatives

    found = {}
    for path, text in pairs(given).items():
        try:
            found[path] = alternatives(text)
        except ValueError as error:
            raise Bad(
                f"--set {path}={text}: {error}. Separate values with single commas, as in {path}=1k,1M."
            ) from None
    return found


def size(text: str) -> int:
    """Bytes of memory. Raises Bad."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", text.strip(), re.IGNORECASE)
    size = int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " ")) if found else 0
    if size < 256 << 20:
        raise Bad(f"--memory {text}: write at least 256M, as in 500M or 2G.")
    return size
