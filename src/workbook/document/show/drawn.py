"""A diagram as a picture: drawn by the `diagrams` package and graphviz, one SVG that travels by itself."""

from __future__ import annotations

import base64
import hashlib
import html
import importlib
import re
import subprocess
import tempfile
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from workbook import _temporary
from workbook.document.blocks import Diagram, Edge, Node

from .ascii_text import plain

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_FONT = "Helvetica,Arial,sans-serif"
_ICON_POINTS = 48
_LABEL_COLUMNS = 18
_ROW = 7
_GROUP_COLOURS = ("#EAF2FB", "#EDF6EC", "#F3EEFA", "#FDF5E4", "#FBECEC", "#E9F6F6")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)+")


class Missing(Exception):
    """Something outside Python that the picture needs is not installed."""


def svg(diagram: Diagram) -> str:
    """The picture as one SVG element without any reference to the outside. The same diagram gives the same bytes.

    Raises `Missing` where graphviz is not installed.
    """
    graphviz: Any = importlib.import_module("graphviz")
    with _temporary.held(Path(tempfile.gettempdir()), f"{_temporary.PREFIX}picture-") as folder:
        try:
            _draw(diagram, folder / "picture")
        except graphviz.ExecutableNotFound:
            raise Missing("graphviz: the program `dot` is not installed, so there is no picture") from None
        except subprocess.CalledProcessError as error:
            raise Missing(f"graphviz: `dot` gave up on this diagram (exit {error.returncode})") from error
        drawn = (folder / "picture.svg").read_text(encoding="utf-8")
    return _self_contained(drawn, diagram)


def _draw(diagram: Diagram, file: Path) -> None:
    import diagrams

    number = {node.id: index for index, node in enumerate(diagram.nodes)}
    ranks = _ranks(diagram)
    groups = list(dict.fromkeys(plain(node.group) for node in diagram.nodes if plain(node.group)))
    canvas = diagrams.Diagram(
        "",
        filename=str(file),
        outformat="svg",
        show=False,
        direction="TB",
        graph_attr={
            "bgcolor": "transparent", "splines": "spline", "newrank": "true", "pad": "0.2", "nodesep": "0.35", "ranksep": "0.7",
            "fontname": _FONT, "fontsize": "13", "label": "", "compound": "true", "remincross": "true",
        },
        node_attr={"fontname": _FONT, "fontsize": "12", "fixedsize": "false", "width": "0.3", "height": "0.3", "margin": "0.04"},
        edge_attr={"color": "#6B7785", "arrowsize": "0.7"},
    )  # fmt: skip
    with canvas:
        shapes: dict[str, Any] = {}
        for place, group in enumerate(groups):
            attributes = {
                "label": _html_label(group),
                "bgcolor": _GROUP_COLOURS[place % len(_GROUP_COLOURS)],
                "margin": "14",
                "fontname": _FONT,
            }
            attributes |= {"fontsize": "13", "fontcolor": "#3C4650", "pencolor": "#C3CCD5"}
            with diagrams.Cluster(f"g{place}", graph_attr=attributes):
                shapes |= {node.id: _shape(node, number) for node in diagram.nodes if plain(node.group) == group}
        shapes |= {node.id: _shape(node, number) for node in diagram.nodes if not plain(node.group)}
        for edge in diagram.edges:
            shapes[edge.source] >> _line(edge, ranks) >> shapes[edge.target]
        _align(canvas, ranks, number)


def _shape(node: Node, number: dict[str, int]) -> Any:
    """A node whose icon stands in a table above its name: graphviz measures both, so nothing collides."""
    import diagrams

    name = f"n{number[node.id]}"
    icon = _icon(node.icon)
    lines = [f"<b>{_escaped(line)}</b>" for line in _broken(plain(node.label) or "(unnamed)", 2)]
    below = [
        f'<font point-size="10.5" color="#57606A">{_escaped(line)}</font>' for line in _broken(plain(node.sublabel), 2)
    ]
    rows = "".join(f"<tr><td>{line}</td></tr>" for line in lines + below)
    if icon is None:
        label = f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{rows}</table>>'
        return diagrams.Node(
            label,
            nodeid=name,
            shape="box",
            style="rounded,filled",
            fillcolor="white",
            color="#8C98A4",
            margin="0.14,0.08",
        )
    cell = f'<tr><td fixedsize="true" width="{_ICON_POINTS}" height="{_ICON_POINTS}"><img scale="true" src="{html.escape(str(icon))}"/></td></tr>'
    label = f'<<table border="0" cellborder="0" cellspacing="0" cellpadding="1">{cell}{rows}</table>>'
    return diagrams.Node(label, nodeid=name, shape="plain")


def _line(edge: Edge, ranks: dict[str, int]) -> Any:
    import diagrams

    attributes = {"fontname": _FONT, "fontsize": "10.5", "fontcolor": "#3C4650"}
    if ranks[edge.source] > ranks[edge.target]:
        attributes["constraint"] = "false"
    label = " " + "<br/>".join(_escaped(line) for line in _broken(plain(edge.label), 3)) + " "
    return diagrams.Edge(
        label=f"<{label}>" if edge.label else "", style="dashed" if edge.dashed else "solid", **attributes
    )


def _ranks(diagram: Diagram) -> dict[str, int]:
    """The row of every component: its layer, cut into several rows where it is long."""
    ranks: dict[str, int] = {}
    row = 0
    for layer in sorted({node.layer for node in diagram.nodes}):
        members = sorted((node for node in diagram.nodes if node.layer == layer), key=lambda node: node.group)
        count = -(-len(members) // _ROW)
        share = -(-len(members) // count)
        ranks |= {node.id: row + index // share for index, node in enumerate(members)}
        row += count
    return ranks


def _align(canvas: Any, ranks: dict[str, int], number: dict[str, int]) -> None:
    """Hold the rows in order by an invisible chain."""
    graphviz: Any = importlib.import_module("graphviz")
    rows = sorted(set(ranks.values()))
    for row in rows:
        same = graphviz.Digraph(graph_attr={"rank": "same"})
        same.node(f"row{row}", label="", shape="point", style="invis", width="0", height="0")
        for node, where in ranks.items():
            if where == row:
                same.node(f"n{number[node]}")
        canvas.dot.subgraph(same)
    for upper, lower in pairwise(rows):
        canvas.dot.edge(f"row{upper}", f"row{lower}", style="invis")


def _icon(dotted: str) -> Path | None:
    """The picture behind a dotted path such as `onprem.database.PostgreSQL`, if the package has it."""
    if not _DOTTED.fullmatch(dotted):
        return None
    import diagrams

    module, _, name = dotted.rpartition(".")
    try:
        shape = getattr(importlib.import_module(f"diagrams.{module}"), name, None)
    except ImportError:
        return None
    if not (isinstance(shape, type) and issubclass(shape, diagrams.Node)):
        return None
    folder, file = getattr(shape, "_icon_dir", None), getattr(shape, "_icon", None)
    if not folder or not file:
        return None
    found = Path(diagrams.__file__).resolve().parent.parent / folder / file
    return found if found.is_file() else None


def _broken(text: str, most: int) -> list[str]:
    lines = textwrap.wrap(text, _LABEL_COLUMNS) if text else []
    if len(lines) <= most:
        return lines
    wider = textwrap.wrap(text, _LABEL_COLUMNS + 8)
    return wider if len(wider) <= most else textwrap.wrap(text, _LABEL_COLUMNS + 8, max_lines=most, placeholder=" …")


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)


def _html_label(text: str) -> str:
    return f"<<b>{_escaped(text)}</b>>"


def _self_contained(drawn: str, diagram: Diagram) -> str:
    """Icons become symbols with their bytes inside, once each; graphviz's ids, titles and comments go."""
    root = ElementTree.fromstring(drawn)
    icons: dict[str, str] = {}
    full = {f"n{index}": node for index, node in enumerate(diagram.nodes)}
    for parent in root.iter():
        for place, child in enumerate(parent):
            if child.tag == f"{{{_SVG}}}image":
                file = child.attrib[f"{{{_XLINK}}}href"]
                name = icons.setdefault(file, f"wb-icon-{hashlib.sha256(Path(file).read_bytes()).hexdigest()[:12]}")
                place_and_size = {key: child.attrib[key].removesuffix("px") for key in ("x", "y", "width", "height")}
                parent[place] = ElementTree.Element(f"{{{_SVG}}}use", {"href": f"#{name}", **place_and_size})
        for child in list(parent):
            if child.tag == f"{{{_SVG}}}title":
                node = full.get(child.text or "")
                if node is None:
                    parent.remove(child)
                else:
                    child.text = " - ".join(filter(None, (plain(node.label), plain(node.sublabel))))
        parent.attrib.pop("id", None)
        parent.attrib.pop("font-family", None)
    _size(root)
    root.set("role", "img")
    root.set("aria-label", plain(diagram.title) or "Diagram")
    root.set("font-family", _FONT)
    definitions = ElementTree.Element(f"{{{_SVG}}}defs")
    for file, name in icons.items():
        data = base64.b64encode(Path(file).read_bytes()).decode("ascii")
        symbol = ElementTree.SubElement(definitions, f"{{{_SVG}}}symbol", {"id": name, "viewBox": "0 0 64 64"})
        ElementTree.SubElement(
            symbol, f"{{{_SVG}}}image", {"width": "64", "height": "64", "href": f"data:image/png;base64,{data}"}
        )
    if icons:
        root.insert(0, definitions)
    return re.sub(r">\s*\n\s*<", ">\n<", ElementTree.tostring(root, encoding="us-ascii").decode("ascii"))


def data_uri(picture: str) -> str:
    """The picture as the address of an image: JupyterLab shows that in notebooks it does not trust, too."""
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.encode('ascii')).decode('ascii')}"


def inline_pictures(page: str) -> str:
    """A page whose pictures are SVG elements instead of images: text can be searched, and each icon is kept only once."""
    seen: set[str] = set()

    def first(match: re.Match[str]) -> str:
        known = match[1] in seen
        seen.add(match[1])
        return "" if known else match[0]

    def element(match: re.Match[str]) -> str:
        return re.sub(
            r'<symbol id="(wb-icon-[0-9a-f]+)".*?</symbol>',
            first,
            base64.b64decode(match[1]).decode("ascii"),
            flags=re.DOTALL,
        )

    return re.sub(r'<img class="wb-svg" alt="[^"]*" src="data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)">', element, page)


def _size(root: ElementTree.Element) -> None:
    """In pixels; the style sheet makes it smaller where the page is."""
    for side in ("width", "height"):
        root.set(side, f"{float(root.attrib[side].removesuffix('pt')) * 4 / 3:.0f}")


ElementTree.register_namespace("", _SVG)
