"""The numbers of a chart as a short table, for those who read text."""

from __future__ import annotations

from workbook.document.blocks import Cell, Plot, Table

LIMIT = 12
"""Longer charts are shown by this many evenly chosen points."""


def numbers(plot: Plot, limit: int = LIMIT) -> Table:
    """A row per x, a column per series; at most `limit` rows, first and last always among them, said in the note."""
    values = [dict(zip(series.x, series.y, strict=False)) for series in plot.series]
    every = list(dict.fromkeys(x for series in plot.series for x in series.x))
    shown = evenly(every, limit)
    rows: list[tuple[Cell, ...]] = [(x, *(column.get(x) for column in values)) for x in shown]
    names = tuple(series.name for series in plot.series)
    if len(names) == 1:
        names = (names[0] or plot.y_label or "value",)
    notes = [plot.note] if plot.note else []
    if plot.marks:
        rows += [(label, *(value for _ in names)) for label, value in plot.marks]
        notes.append(
            "The last rows are limits and marks, not measurements."
            if len(plot.marks) > 1
            else "The last row is a limit or mark."
        )
    if len(shown) < len(every):
        notes.append(f"{len(shown)} of {len(every)} points, evenly chosen.")
    label = (
        " / ".join(part for part in (plot.x_label or "x", plot.y_label) if part)
        if len(names) > 1
        else plot.x_label or "x"
    )
    return Table(
        id=f"{plot.id}.numbers",
        columns=(label, *names),
        rows=tuple(rows),
        align="<" + ">" * len(names),
        note=" ".join(notes),
    )


def evenly(points: list[str | float], limit: int) -> list[str | float]:
    """At most `limit` of the points, evenly spaced, with the first and the last."""
    if len(points) <= limit:
        return points
    return [points[round(i * (len(points) - 1) / (limit - 1))] for i in range(limit)]
