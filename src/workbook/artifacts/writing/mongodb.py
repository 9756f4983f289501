"""JavaScript of MongoDB's shell."""

from __future__ import annotations

import json
from typing import Any

from workbook.artifacts.writing import typescript
from workbook.catalog import loader

string = typescript.string
comment = typescript.comment


def literal(value: Any, *, indent: int | None = None) -> str:
    """A plain value; JSON is JavaScript."""
    return json.dumps(value, indent=indent)


def collection(name: str) -> str:
    """A collection of the current database: `db.name`, or by a call where the shell has a method of that name."""
    if name in loader.name_rules()["mongodb"].members or not name.isidentifier():
        return f"db.getCollection({string(name)})"
    return f"db.{name}"


def identifier(name: str) -> str:
    """A field as a key of a document."""
    return name if name.isidentifier() and name.isascii() else string(name)
