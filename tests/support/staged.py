"""A system on a stage: its tables, rights and first rows on the shared server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workbook.brief import loads
from workbook.plan import derive
from workbook.proof.servers import Postgresql
from workbook.proof.stage.cast import Cast, settle_in
from workbook.proof.stage.house import House, database
from workbook.proof.stage.scene import scene


@contextmanager
def staged(server: Postgresql, name: str, brief: str) -> Iterator[Cast]:
    """Those who play in a brief, in a database of that name that is gone afterwards."""
    with database(server, name) as connect:
        house = House(scene(derive(loads(brief))), connect)
        house.build()
        yield settle_in(house)
        house.close()
