"""YAML as a person would write it: in the order given, no anchors, several lines as a block."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from workbook.artifacts.writing.text import one_line, quoted

_CHARACTER = r"[ -~\u00a1-\u2027\u2030-\ud7ff]"
_ORDINARY = re.compile(rf"{_CHARACTER}*|(?:{_CHARACTER}|(?<! )\n)*(?<! ){_CHARACTER}(?<! )\n?")
"""Text that libyaml writes like PyYAML: one line, or a block without stray blanks; nothing that either of them escapes."""
_LONGEST_KEY = 100
_OTHERWISE = re.compile(
    r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan|null|true|false|[yn]",
    re.IGNORECASE,
)
"""Text that YAML 1.2 or a reader of single letters takes for something else, where PyYAML, of YAML 1.1, sees text."""
_Compiled: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Unusual(Exception):
    """Something that libyaml would write in another way."""


class _Plain(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


class _Fast(_Compiled):  # type: ignore[misc]
    """Writes five times as fast, and refuses what it would write in another way than `_Plain`."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def represent_mapping(
        self, tag: str, mapping: Mapping[Any, Any], flow_style: bool | None = None
    ) -> yaml.MappingNode:
        if not all(0 < len(str(key)) <= _LONGEST_KEY for key in mapping):
            raise _Unusual
        node: yaml.MappingNode = super().represent_mapping(tag, mapping, flow_style)
        return node


def _text(dumper: Any, value: str) -> yaml.ScalarNode:
    style = "'" if _OTHERWISE.fullmatch(value) else None
    if "\n" in value:
        style = "|"
    node: yaml.ScalarNode = dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)
    return node


def _ordinary_text(dumper: Any, value: str) -> yaml.ScalarNode:
    if not _ORDINARY.fullmatch(value):
        raise _Unusual
    return _text(dumper, value)


_Plain.add_representer(str, _text)
_Fast.add_representer(str, _ordinary_text)


def string(text: str) -> str:
    """A text in double quotes, for a place in a line."""
    return quoted(text)


def comment(text: str) -> str:
    """A line that readers skip."""
    return f"# {one_line(text)}".rstrip()


def dumped(value: Any) -> str:
    """Values as a document."""
    try:
        return _written(value, _Fast)
    except _Unusual:
        return _written(value, _Plain)


def _written(value: Any, dumper: Any) -> str:
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=150))
