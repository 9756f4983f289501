"""The text picture holds every component and every call, whatever they are called."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbook.document.blocks import Diagram, Edge, Node
from workbook.document.show.ascii_diagram import ascii, parse
from workbook.document.show.ascii_text import cells, plain, ranges, width, wrap

LABELS = st.one_of(
    st.sampled_from(
        [
            "Orders",
            "Orders service",
            "訂單服務",
            "Kafka 🚀",
            "a" * 130,
            "in 1  out 2",
            "Calls (3 in all)",
            "┌─[C1]──┐",
            "[C2] --> x [C1] : y",
        ]
    ),
    st.text(max_size=40),
    st.text(alphabet="ab é́世界 \t\n[]C1→-.>:…│└", max_size=150),
)


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """Up to 60 components and 150 calls."""
    count = draw(st.integers(1, 12) | st.integers(1, 60))
    nodes = tuple(
        Node(
            id=f"n{i}",
            label=draw(LABELS),
            sublabel=draw(
                st.sampled_from(["", "6 copies", "PostgreSQL 16, one primary and two replicas in three zones, " * 3])
            ),
            layer=draw(st.integers(0, 5)),
            group=draw(
                st.sampled_from(
                    ["", "", "Services", "資料 stores", "A group with a name that is far too long to be drawn " * 3]
                )
            ),
        )
        for i in range(count)
    )
    end = st.integers(0, count - 1).map(lambda i: f"n{i}")
    edges = draw(
        st.lists(
            st.builds(Edge, source=end, target=end, label=LABELS, dashed=st.booleans()),
            max_size=draw(st.sampled_from([5, 30, 150])),
        )
    )
    return Diagram(id="5.1.d", nodes=nodes, edges=tuple(edges))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(diagrams())
def test_the_picture_reads_back(diagram: Diagram) -> None:
    """Every label and every call can be read from the picture, exactly, and no line is wider than 110 columns."""
    picture = ascii(diagram)
    labels, edges = parse(picture)
    number = {node.id: i for i, node in enumerate(diagram.nodes)}
    assert labels == [plain(node.label) or "(unnamed)" for node in diagram.nodes]
    assert edges == [(number[e.source], number[e.target], e.dashed, plain(e.label)) for e in diagram.edges]
    assert all(width(line) <= 110 for line in picture.split("\n"))


def _walk(diagram: Diagram) -> set[tuple[int, int, int]]:
    """Follow every drawn line from the arrow head back to the box it leaves: (source, target, number)."""
    grid = [cells(line) for line in ascii(diagram).split("\n\nCalls")[0].split("\n")]
    owner: dict[tuple[int, int], int] = {}
    for y, row in enumerate(grid):
        for x, mark in enumerate(row):
            if mark == "┌" and row[x + 1 : x + 4] == ["─", "[", "C"]:
                code = int("".join(row[x + 4 : x + 7]).split("]")[0])
                right = row.index("┐", x)
                bottom = next(b for b in range(y + 1, len(grid)) if grid[b][x] == "└")
                owner |= {(r, c): code for r in (y, bottom) for c in range(x, right + 1)}
    ways = {
        "│": "ud",
        ":": "ud",
        "─": "lr",
        "┌": "dr",
        "┐": "dl",
        "└": "ur",
        "┘": "ul",
        "├": "udr",
        "┤": "udl",
        "┬": "dlr",
        "┴": "ulr",
        "┼": "udlr",
    }
    step = {"u": (-1, 0), "d": (1, 0), "l": (0, -1), "r": (0, 1)}
    back = {"u": "d", "d": "u", "l": "r", "r": "l"}

    def at(y: int, x: int) -> str:
        return grid[y][x] if 0 <= y < len(grid) and 0 <= x < len(grid[y]) else " "

    found = set()
    for y, row in enumerate(grid):
        for x, mark in enumerate(row):
            if mark not in "▼▲" or not mark:
                continue
            number = int(re.match(r"\d+", "".join(row[x + 1 : x + 5]))[0])  # type: ignore[index]
            target = owner[(y + 1 if mark == "▼" else y - 1, x)]
            seen, queue = set(), [(y, x, "u" if mark == "▼" else "d")]
            while queue:
                r, c, way = queue.pop()
                dr, dc = step[way]
                r, c = r + dr, c + dc
                if (r, c) in owner:
                    if at(r, c) in "┬┴":
                        found.add((owner[r, c], target, number))
                    continue
                sign = at(r, c)
                if sign == "│" and way in "lr":  # interrupted by a crossing line: it goes on behind it
                    queue.append((r, c, way))
                    continue
                if sign not in ways or (r, c, way) in seen or back[way] not in ways[sign]:
                    continue
                seen.add((r, c, way))
                queue += [(r, c, other) for other in ways[sign] if other != back[way]]
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.integers(1, 24),
    st.lists(st.tuples(st.integers(0, 23), st.integers(0, 23)), max_size=60),
    st.sampled_from([(), (3,), (2, 3)]),
)
def test_the_drawn_lines_tell_no_lies(count: int, pairs: list[tuple[int, int]], dashed: tuple[int, ...]) -> None:
    """A line that is followed from its arrow head ends at the one box that makes this call."""
    nodes = tuple(
        Node(id=str(i), label=f"part {i}", layer=i // 5, group=("", "Front", "Back")[i % 3]) for i in range(count)
    )
    edges = tuple(Edge(source=str(a % count), target=str(b % count), dashed=a % 4 in dashed) for a, b in pairs)
    expected = {(int(e.source) + 1, int(e.target) + 1, n) for n, e in enumerate(edges, 1)}
    assert _walk(Diagram(id="d", nodes=nodes, edges=edges)) <= expected


def test_neighbouring_layers_are_connected() -> None:
    """A simple chain is drawn as a chain, with the call's number at each arrow head."""
    nodes = tuple(Node(id=name, label=name, layer=layer) for layer, name in enumerate(("client", "gateway", "store")))
    diagram = Diagram(
        id="d", nodes=nodes, edges=(Edge(source="client", target="gateway"), Edge(source="gateway", target="store"))
    )
    assert _walk(diagram) == {(1, 2, 1), (2, 3, 2)}


def test_an_edge_to_nowhere_is_refused() -> None:
    """An edge that names no component says which one is missing."""
    with pytest.raises(ValueError, match="needs a component 'b'"):
        ascii(Diagram(id="5.1", nodes=(Node(id="a", label="A"),), edges=(Edge(source="a", target="b"),)))


def test_no_components() -> None:
    """An empty diagram says that it is empty."""
    assert ascii(Diagram(id="5.1", nodes=(), edges=())) == "(no components)"


def test_ranges_and_wrapping() -> None:
    """Numbers are written as ranges; a wrapped text says where a word was broken."""
    assert ranges([1, 2, 3, 5, 8, 9]) == "1-3,5,8,9"
    assert wrap("ab cdefgh i", 4) == [(False, "ab"), (False, "cdef"), (True, "gh i")]
