"""Alerting rules for Prometheus: the signals of the design, each with its runbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.writing.prometheus import template
from workbook.artifacts.writing.yaml import dumped
from workbook.plan import Plan
from workbook.plan.names import words
from workbook.plan.operate.runbooks import Book, book_of, books
from workbook.plan.operate.signal import REQUESTS, Signal, Unit
from workbook.plan.operate.signals import burns, ratio, signals

KIND = "alerts"
DIALECTS: tuple[str, ...] = ()
RUNBOOK = "9.5"
BAD = 'http_response_status_code=~"5.."'


def make(plan: Plan) -> Iterable[Artifact]:
    """One rules file."""
    found = signals(plan.design, plan.sizing)
    known = books(plan.design, plan.sizing)
    groups: dict[str, list[dict[str, Any]]] = {}
    for signal in found:
        groups.setdefault(signal.watch.value.replace(" ", "-"), []).append(_rule(signal, known))
    recorded = list(_recorded(plan))
    made = [{"name": "recorded", "rules": recorded}] if recorded else []
    made += [{"name": name, "rules": rules} for name, rules in groups.items()]
    yield Artifact(
        kind=KIND,
        subject="prometheus",
        title="Alerting rules for Prometheus",
        path="alerts/rules.yml",
        language="yaml",
        text=dumped({"groups": made}),
        dialect="prometheus",
    )


def _recorded(plan: Plan) -> Iterator[dict[str, Any]]:
    """The shares of failed calls over the windows in use."""
    used = [w for b in burns(plan.design) for w in (b.short, b.long)]
    for window in dict.fromkeys(used):
        bad = f"sum(rate({REQUESTS}_count{{{BAD}}}[{window}]))"
        yield {"record": ratio(window), "expr": f"{bad} / sum(rate({REQUESTS}_count[{window}]))"}


def _rule(signal: Signal, known: tuple[Book, ...]) -> dict[str, Any]:
    book = book_of(signal, known)
    runbook = f"{RUNBOOK} {book.title}" if book is not None else RUNBOOK
    return {
        "alert": signal.id,
        "expr": signal.expression,
        "for": f"{signal.lasts:.0f}s",
        "labels": {"severity": signal.told.value},
        "annotations": {"summary": template(_summary(signal)), "runbook": template(runbook)},
    }


def _summary(signal: Signal) -> str:
    about = words(signal.about)
    side = "below" if signal.below else "above"
    return f"{f'{about}: ' if about else ''}{signal.watch.value} {side} {_limit(signal)}"


def _limit(signal: Signal) -> str:
    if signal.unit is Unit.SHARE:
        return f"{signal.limit:.4%}".replace(".0000", "")
    return f"{signal.limit:g} s" if signal.unit is Unit.SECONDS else f"{signal.limit:,.0f}"
