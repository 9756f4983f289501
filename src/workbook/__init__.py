"""A design document that compiles: one short brief becomes a complete High-Level System Design.

`workbook.open` is what a notebook holds in hand, `workbook.load` and `workbook.derive` what a program does. Each is imported
when it is first asked for, so that `import workbook` costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbook.book import Book, open
    from workbook.brief.load import load
    from workbook.plan import derive

__all__ = ["Book", "__version__", "derive", "load", "open"]

_PLACES = {"Book": "workbook.book", "open": "workbook.book", "load": "workbook.brief", "derive": "workbook.plan"}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version

        try:
            return version("system-design-workbook")
        except PackageNotFoundError:
            return "0+source"
    if name in _PLACES:
        from importlib import import_module

        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'workbook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
