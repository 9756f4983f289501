"""Finds the modules of a folder: those of the package, then one's own beside it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType


def names(folder: Path, kind: str) -> tuple[str, ...]:
    """What `modules` would find, by name and without importing anything."""
    roots = filter(None, os.environ.get("WORKBOOK_PLUGINS", "").split(os.pathsep))
    own = [path.stem for root in roots for path in sorted((Path(root) / kind).glob("*.py"))]
    return (*(info.name for info in pkgutil.iter_modules([str(folder)])), *own)


def modules(package: str, folder: Path, kind: str) -> Iterator[ModuleType]:
    """Every module of a package's folder, then every file of `kind`/ below each entry of `WORKBOOK_PLUGINS` (a search path)."""
    for info in pkgutil.iter_modules([str(folder)]):
        yield importlib.import_module(f"{package}.{info.name}")
    for root in filter(None, os.environ.get("WORKBOOK_PLUGINS", "").split(os.pathsep)):
        for path in sorted((Path(root) / kind).glob("*.py")):
            spec = importlib.util.spec_from_file_location(f"workbook_plugin_{kind}.{path.stem}", path)
            if spec and spec.loader:
                module = importlib.util.module_from_spec(spec)
                sys.modules[spec.name] = module
                spec.loader.exec_module(module)
                yield module
