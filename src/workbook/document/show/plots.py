"""A Plot as a plain plotly figure: a dict, no plotly import, no template."""

from __future__ import annotations

import html
import math
from typing import Any

from workbook.document.blocks import Plot, Series

from .inline import words

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#A6761D")
"""Okabe and Ito's set, its yellow and black replaced: they vanish on a white or a black page."""

_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "hexagon")
_INK = "#757575"  # 4.6:1 on white and on black: a figure does not know the theme it is shown in
_GRID = "rgba(128,128,128,0.22)"
_MARK = "#D1493F"


def figure(plot: Plot) -> dict[str, Any]:
    """The figure: `data` and `layout`, ready for `Plotly.newPlot` or `application/vnd.plotly.v1+json`."""
    draw = {"line": _line, "bar": _bar, "stacked": _bar, "pie": _pie}[plot.kind]
    return {
        "data": [draw(series, index, len(plot.series)) for index, series in enumerate(plot.series)],
        "layout": _layout(plot),
    }


def _text(label: str) -> str:
    """Plotly reads a little HTML in labels; none of ours is meant as such."""
    return html.escape(words(label), quote=False)


def _values(values: tuple[Any, ...]) -> list[Any]:
    """JSON knows no NaN and no infinity: a gap in the line says the same."""
    return [_value(v) for v in values]


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _line(series: Series, index: int, _count: int) -> dict[str, Any]:
    colour = COLOURS[index % len(COLOURS)]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "lines+markers" if len(series.x) <= 30 else "lines",
        "name": _text(series.name),
        "x": _values(series.x),
        "y": _values(series.y),
        "line": {"color": colour, "width": 2.5, "dash": ("solid", "dash", "dot")[index // len(COLOURS) % 3]},
    }
    if trace["mode"] == "lines+markers":
        trace["marker"] = {"color": colour, "size": 7, "symbol": _SYMBOLS[index % len(_SYMBOLS)]}
    return trace


def _bar(series: Series, index: int, _count: int) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": _text(series.name),
        "x": _values(series.x),
        "y": _values(series.y),
        "marker": {"color": COLOURS[index % len(COLOURS)], "line": {"width": 0}},
    }


def _pie(series: Series, index: int, count: int) -> dict[str, Any]:
    colours = [COLOURS[i % len(COLOURS)] for i in range(len(series.x))]
    return {
        "type": "pie",
        "name": _text(series.name),
        "labels": _values(series.x),
        "values": _values(series.y),
        "hole": 0.45,
        "sort": False,
        "direction": "clockwise",
        "textinfo": "label+percent",
        "textposition": "outside",
        "automargin": True,
        "title": {"text": _text(series.name)} if count > 1 else {"text": ""},
        "marker": {"colors": colours, "line": {"width": 1, "color": "rgba(255,255,255,0.6)"}},
        "domain": {"x": [index / count, (index + 1) / count - (0.02 if count > 1 else 0)]},
    }


def _layout(plot: Plot) -> dict[str, Any]:
    several = len(plot.series) > 1 and plot.kind != "pie"
    layout: dict[str, Any] = {
        "autosize": True,
        "height": 400,
        "margin": {"l": 64, "r": 24, "t": 24, "b": 56, "pad": 4},
        "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13, "color": _INK},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": list(COLOURS),
        "showlegend": several,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "hovermode": "closest" if plot.kind == "pie" else "x unified",
        "hoverlabel": {"font": {"color": "#1f2328"}, "bgcolor": "#ffffff"},
    }
    if plot.title:
        layout["title"] = {"text": _text(plot.title), "x": 0, "xref": "paper", "xanchor": "left", "font": {"size": 15}}
        layout["margin"]["t"] = 76 if several else 48
    if plot.kind == "pie":
        layout["margin"] = {"l": 16, "r": 16, "t": layout["margin"]["t"] + 24, "b": 24}
        return layout
    layout["xaxis"] = _axis(plot.x_label, log=plot.log_x) | {"showgrid": plot.kind == "line"}
    layout["yaxis"] = _axis(plot.y_label, log=plot.log_y) | {"rangemode": "normal" if plot.log_y else "tozero"}
    if plot.kind != "line":
        layout["barmode"] = "stack" if plot.kind == "stacked" else "group"
        layout["bargap"] = 0.3
    if plot.marks:
        layout["shapes"] = [_mark(label, value) for label, value in plot.marks]
    return layout


def _axis(label: str, *, log: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {
        "title": {"text": _text(label), "standoff": 12, "font": {"size": 13}},
        "automargin": True,
        "gridcolor": _GRID,
        "linecolor": _GRID,
        "zerolinecolor": _GRID,
        "exponentformat": "SI",
        "ticks": "outside",
        "tickcolor": _GRID,
    }
    if log:
        axis |= {"type": "log", "dtick": 1}
    return axis


def _mark(label: str, value: float) -> dict[str, Any]:
    return {
        "type": "line",
        "layer": "above",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": "y",
        "y0": value,
        "y1": value,
        "line": {"color": _MARK, "width": 1.5, "dash": "dot"},
        "label": {
            "text": _text(label),
            "textposition": "start",
            "yanchor": "bottom",
            "font": {"size": 12, "color": _MARK},
        },
    }
