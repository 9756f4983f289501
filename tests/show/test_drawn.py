"""The picture is one SVG that needs nothing else."""

from __future__ import annotations

import re
import shutil
from xml.etree import ElementTree

import pytest

from workbook.document.blocks import Diagram, Edge, Node
from workbook.document.show import Missing, html, inline_pictures, svg

DIAGRAM = Diagram(
    id="5.1.d",
    title="Containers & <co>",
    nodes=(
        Node(id="web", label="Web <b>clients</b>", icon="onprem.client.Users"),
        Node(
            id="api", label="Orders service", sublabel="6 copies", layer=1, group="Services & more", icon="no.such.Icon"
        ),
        Node(
            id="db",
            label="Store with a name that is much longer than its icon is wide",
            layer=2,
            group="Data",
            icon="onprem.database.PostgreSQL",
        ),
        Node(id="db2", label="Replica", layer=2, group="Data", icon="onprem.database.PostgreSQL"),
        Node(id="os", label="Not an icon", layer=2, icon="os.path.join"),
    ),
    edges=(
        Edge(source="web", target="api", label="HTTPS <x>"),
        Edge(source="api", target="db", label="SQL", dashed=True),
        Edge(source="db", target="web"),
    ),
)

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed")


@pytest.fixture(scope="module")
def picture() -> str:
    """The picture of the diagram above, drawn once."""
    return svg(DIAGRAM)


@needs_dot
def test_same_diagram_same_bytes(picture: str) -> None:
    """Drawing twice gives the same bytes."""
    assert svg(DIAGRAM) == picture


@needs_dot
def test_travels_by_itself(picture: str) -> None:
    """No path of this machine and no address is left inside, but for the names of the XML vocabularies."""
    bare = re.sub(r'xmlns(:\w+)?="[^"]*"', "", re.sub(r"base64,[A-Za-z0-9+/=]+", "", picture))
    assert not re.search(r"https?:|file:|/tmp|/usr|/home|site-packages|resources", bare)
    assert set(re.findall(r'href="([^#"][^,"]*)', picture)) == {"data:image/png;base64"}


@needs_dot
def test_every_label_is_there_and_icons_once(picture: str) -> None:
    """Names, groups and calls can be read, text is text, and two nodes share one icon."""
    root = ElementTree.fromstring(picture)
    words = " ".join("".join(element.itertext()) for element in root.iter("{http://www.w3.org/2000/svg}text"))
    for expected in (
        "Web <b>clients</b>",
        "Orders service",
        "6 copies",
        "Services & more",
        "Data",
        "HTTPS <x>",
        "Replica",
        "Not an icon",
    ):
        assert expected in words
    assert picture.count("<symbol") == 2
    assert picture.count("<use") == 3
    assert "stroke-dasharray" in picture


@needs_dot
def test_pages_hold_images_that_can_become_elements(picture: str) -> None:
    """A block shows the picture as an image; a report makes elements of all of them, each icon once."""
    source = html(DIAGRAM)
    assert "<svg" not in source
    assert picture in inline_pictures(source)
    page = inline_pictures(source + source)
    assert (page.count("<svg"), page.count("<symbol"), page.count("<img")) == (2, 2, 0)


def test_without_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the program `dot` the error says so."""
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Missing, match="graphviz"):
        svg(DIAGRAM)
