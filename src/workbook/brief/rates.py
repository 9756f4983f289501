"""Rates as people say them: `40 per users per day`, `10M/month`, `10 per view_order`, `1 per 15 s during ride`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from workbook.brief.quantities import LONGEST, TIME_UNITS, NotAQuantity, Quantity, meant, parse, shown

WRITE = (
    "Write a number per time, per member or per operation, as in 40 per users per day, 10M/month, 3 per view, 10 % of search "
    "or 1 per 15 s during ride."
)
_NAME = r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_]+)?"
_SHARE_OF = re.compile(rf"(.*%.*?)\s+of\s+({_NAME})", re.DOTALL)
_DURING = re.compile(rf"(.*?)\s+during\s+({_NAME})", re.DOTALL)
_PART = re.compile(rf"(?:([\d][\d_.,]*\s?[kMBT]?)\s+)?({_NAME})|([\d][\d_.,]*[kMBT]?)\s*([A-Za-zµ]+)")


@dataclass(frozen=True, slots=True)
class Rate:
    """One term of a rate.

    `members`: amount x population / (per x seconds). `total`: amount / seconds. `funnel`: amount x calls (or items) of another
    operation / per. `during`: what another operation has in progress x amount / seconds.
    """

    kind: Literal["members", "total", "funnel", "during"]
    amount: Quantity
    of: str = ""
    attribute: str = ""
    per: float = 1.0
    seconds: float = 1.0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """A population given as a share of another: `10 % of rooms`."""

    amount: Quantity
    of: str
    attribute: str = ""
    text: str = ""


def _bad(text: str, why: str = "", hint: str = "") -> NotAQuantity:
    remedy = f"{hint} {WRITE}" if hint else WRITE
    return NotAQuantity(f'"{shown(text)}" is not a rate{": " + why if why else ""}. {remedy}')


def _name(text: str) -> tuple[str, str]:
    name, _, attribute = text.partition(".")
    return name, attribute


@lru_cache(maxsize=4096)
def parse_rate(text: str) -> Rate:
    """Read one rate. Raises NotAQuantity with what was read and what to write instead."""
    stripped = text.strip()
    if len(stripped) > LONGEST:
        raise _bad(stripped)
    share = _SHARE_OF.fullmatch(stripped)
    if share:
        name, attribute = _name(share[2])
        return Rate("funnel", parse(share[1], "share"), name, attribute, text=stripped)
    during = _DURING.fullmatch(stripped)
    head, *parts = (p.strip() for p in re.split(r"\s+per\s+|/", during[1] if during else stripped))
    try:
        amount = parse(head, "number")
    except NotAQuantity as error:
        if "is negative" in str(error):
            raise NotAQuantity(f'"{shown(stripped)}" is negative: nothing is called less than never. {WRITE}') from None
        likely = meant(head, "number")
        if likely:
            raise _bad(
                stripped, f'"{head}" is not a number', f"Did you mean {stripped.replace(head, likely, 1)}?"
            ) from None
        raise _bad(stripped) from None
    seconds: float | None = None
    of = ""
    per = 1.0
    for part in parts:
        found = _PART.fullmatch(part)
        if not found:
            raise _bad(stripped, f'"{part}" is neither a time nor a name')
        count = parse(found[1] or found[3] or "1", "number").best
        word = found[2] or found[4]
        likely = meant(part, "time") if found[3] and word not in TIME_UNITS else ""
        if likely:
            raise _bad(stripped, f'"{part}" is not a time', f"Did you mean {likely}?")
        if not count > 0:
            raise _bad(stripped, f'"{part}" divides by zero')
        if word in TIME_UNITS:
            if seconds is not None:
                raise _bad(stripped, "it has two times")
            seconds = count * TIME_UNITS[word]
        elif of:
            raise _bad(stripped, "it has two names")
        else:
            of, per = word, count
    name, attribute = _name(of)
    if during:
        if of or seconds is None:
            raise _bad(stripped, "what goes on during an operation has one time and no other name")
        name, attribute = _name(during[2])
        return Rate("during", amount, name, attribute, seconds=seconds, text=stripped)
    if of and seconds is not None:
        return Rate("members", amount, name, attribute, per, seconds, stripped)
    if of:
        return Rate("funnel", amount, name, attribute, per, text=stripped)
    if seconds is not None:
        return Rate("total", amount, seconds=seconds, text=stripped)
    raise _bad(stripped, "it says neither per what time nor per whom")


def parse_share_of(text: str) -> Share:
    """Read `10 % of rooms`. Raises NotAQuantity."""
    found = _SHARE_OF.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if not found:
        raise NotAQuantity(f'"{shown(text)}" is not a share of a population. Write it as in 10 % of rooms.')
    name, attribute = _name(found[2])
    return Share(parse(found[1], "share"), name, attribute, text.strip())
