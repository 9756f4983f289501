"""Lines of the bill in words."""

from __future__ import annotations

from workbook.plan.sizing.model import Item

_NAMES = {
    Item.GATEWAY: "Gateway",
    Item.COMPUTE: "Compute",
    Item.DATABASE: "Databases",
    Item.CACHE: "Memory",
    Item.STREAM: "Streams and queues",
    Item.OBJECTS: "Object storage",
    Item.SEARCH: "Search",
    Item.TRAFFIC_OUT: "Traffic out",
    Item.CDN: "CDN",
    Item.CROSS_ZONE: "Traffic across zones",
    Item.INTEGRATIONS: "Other companies' services",
    Item.OBSERVED: "Logs and metrics",
    Item.NON_PRODUCTION: "Non-production",
    Item.SUPPORT: "Support",
}


def name(item: Item) -> str:
    """What a line is called."""
    return _NAMES[item]
