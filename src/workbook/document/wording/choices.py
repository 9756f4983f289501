"""Why something was chosen, in a sentence."""

from __future__ import annotations

from workbook.document import words as w
from workbook.plan.passes.model import Decided

CLOSE = 1e-9


def reason(decided: Decided) -> str:
    """What decided it: the pin, the limits of the others, or the criterion that weighed most."""
    chosen = decided.of(decided.chosen.id)
    if decided.pinned:
        gives = gives_up(decided)
        why = f": {decided.pinned.why}" if decided.pinned.why else ""
        why += f" ({decided.pinned.owner})" if decided.pinned.owner else ""
        return f"{decided.chosen.name} is pinned by the brief{why}{f'. It gives up {gives}' if gives else ''}."
    rival = decided.of(decided.runner_up.id) if decided.runner_up else None
    if rival is None:
        return f"{decided.chosen.name} is the only one{_evidence(decided)}."
    if rival.excuses:
        return f"{decided.chosen.name}: {rival.option.name} is out ({rival.excuses[0]})."
    gaps = {c: weight * (chosen.scores[c].value - rival.scores[c].value) for c, weight in decided.weights.items()}
    decisive = max(gaps, key=lambda c: gaps[c], default="")
    if not decisive or gaps[decisive] <= CLOSE:
        return f"{decided.chosen.name} is as good as {rival.option.name}, and simpler."
    mine, theirs = str(chosen.scores[decisive].evidence), str(rival.scores[decisive].evidence)
    against = f" ({mine})" if mine else ""
    if theirs and theirs != mine:
        against = f" ({mine}; {rival.option.name}: {theirs})"
    return f"{decided.chosen.name} wins over {rival.option.name}: {decisive}{against}."


def subject(decided: Decided) -> str:
    """What a choice is about, in words: the context, structure or what a capability is used for."""
    return w.words(decided.subject.partition(".")[2] or decided.subject)


def gives_up(decided: Decided) -> str:
    """What a pin costs: limits that it breaks, or what the best option has ahead."""
    chosen = decided.of(decided.chosen.id)
    if chosen.excuses:
        return "; ".join(str(e) for e in chosen.excuses)
    best = max(decided.judged, key=lambda j: (not j.excuses, j.total))
    if best.option.id == chosen.option.id:
        return ""
    gaps = {c: weight * (best.scores[c].value - chosen.scores[c].value) for c, weight in decided.weights.items()}
    most = max(gaps, key=lambda c: gaps[c])
    return f"{most}, where {best.option.name} is ahead by {gaps[most]:.2f}"


def _evidence(decided: Decided) -> str:
    chosen = decided.of(decided.chosen.id)
    said = next((str(s.evidence) for s in chosen.scores.values() if s.evidence), "")
    return f": {said}" if said else ""
