"""What languages with braces have in common."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.artifacts.code.language import Asked
from workbook.artifacts.code.layout import laid
from workbook.artifacts.code.printer import Printer, ends, wrap
from workbook.artifacts.code.variables import Kind


class Braces(Printer):
    """Blocks in braces, comments behind slashes."""

    longest = 110
    last_comma = ","
    aligned = False
    end = ";"

    def spread(self, text: str, end: str | None = None) -> None:
        """A statement, on several lines where it is long."""
        after = self.end if end is None else end
        room = self.longest - self.depth * len(self.indent.expandtabs(4)) - len(after)
        *most, last = laid(text, room, self.indent, self.elements, self.last_comma, self.aligned)
        for one in most:
            self.line(one)
        self.line(f"{last}{after}")

    def elements(self, head: str, parts: list[str]) -> list[str]:
        """What stands on a line when a call is broken."""
        return parts

    def comment(self, text: str) -> None:
        for one in wrap(text):
            self.line(f"// {one}".replace("\\", "/"))

    def closing(self) -> None:
        if not ends(self.program.parts):
            self.stop()
        self.depth -= 1
        self.line("}")

    def begin_if(self, test: str) -> None:
        self.line(f"if ({test}) {{")

    def begin_else(self) -> None:
        self.line("} else {")

    def end_if(self) -> None:
        self.line("}")

    def end_block(self) -> None:
        self.line("}")

    def break_loop(self) -> None:
        self.line("break;")

    def empty(self) -> None:
        return

    def spoken(self, name: str) -> str:
        """A store or a part as a field of `app`."""
        return self.spelling(name)

    def texts(self, names: Iterable[str]) -> list[str]:
        """Names as texts."""
        return [self.text(n) for n in names]

    def number(self, value: float) -> str:
        return f"{value:.15g}"

    def truth(self, value: bool) -> str:
        return "true" if value else "false"

    def all_of(self, tests: list[str]) -> str:
        return " && ".join(f"({t})" if " || " in t and len(tests) > 1 else t for t in tests)

    def any_of(self, tests: list[str]) -> str:
        return " || ".join(tests)

    def failed(self, asked: Asked, target: str) -> str:
        """The test by which something was refused."""
        if asked.fewer:
            return f"{self.length(target)} < {asked.fewer}"
        return self.found(target, asked.gives or Kind.ROW, present=False)
