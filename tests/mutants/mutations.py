"""Mistakes to be made: those that are named, and others drawn from what cosmic-ray finds in the code."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import parso
import yaml
from cosmic_ray import plugins
from cosmic_ray.ast import ast_nodes
from cosmic_ray.mutating import mutate_code
from parso.tree import NodeOrLeaf

HERE = Path(__file__).parent
SOURCE = Path("src/workbook")
FOLDERS = ("plan/form", "plan/passes", "plan/fold", "plan/load", "artifacts/dialects")
UNSEEN = frozenset({"decorator", "annassign", "tfpdef", "import_from", "import_name", "assert_stmt"})
"""Where a mistake changes nothing that runs: types, and what is kept for speed."""
SKIPPED = ("core/RemoveDecorator", "core/VariableInserter", "core/VariableReplacer")
"""Operators that ask for arguments, or take away what only makes it faster."""


@dataclass(frozen=True)
class Mutation:
    """One mistake in one file."""

    title: str
    file: Path
    code: str

    @property
    def place(self) -> str:
        """The file below the package."""
        return self.file.relative_to(SOURCE).as_posix()


def named(root: Path) -> Iterator[Mutation]:
    """The mistakes of `named.yaml`."""
    for title, said in yaml.safe_load((HERE / "named.yaml").read_text("utf-8")).items():
        file = SOURCE / said["file"]
        code = (root / file).read_text("utf-8")
        if code.count(said["was"]) != 1:
            raise SystemExit(f"tests/mutants/named.yaml: {title}: {said['file']} has not once: {said['was']}")
        yield Mutation(title, file, code.replace(said["was"], said["now"]))


def drawn(root: Path, seed: int, count: int) -> Iterator[Mutation]:
    """As many others, each from another place where that can be."""
    files = sorted(f for folder in FOLDERS for f in (root / SOURCE / folder).rglob("*.py"))
    places = [place for file in files for place in _places(file)]
    for file, operator, occurrence, line in random.Random(seed).sample(places, count):
        code = mutate_code(file.read_text("utf-8"), plugins.get_operator(operator)(), occurrence)
        where = file.relative_to(root)
        title = f"{where.relative_to(SOURCE)}:{line} {operator.removeprefix('core/')} {occurrence}"
        yield Mutation(title, where, code)


Place = tuple[Path, str, int, int]


def _places(file: Path) -> list[Place]:
    """Every line of a file where operators find something, with one of them: a long expression is not drawn more often."""
    tree = parso.parse(file.read_text("utf-8"))
    nodes = list(ast_nodes(tree))
    by_line: dict[int, list[Place]] = {}
    for name in sorted(plugins.operator_names()):
        if name in SKIPPED:
            continue
        operator = plugins.get_operator(name)()
        occurrence = -1
        for node in nodes:
            for _ in operator.mutation_positions(node):
                occurrence += 1
                if not _unseen(node):
                    line = node.start_pos[0]
                    by_line.setdefault(line, []).append((file, name, occurrence, line))
    rng = random.Random(file.name)
    return [rng.choice(found) for _, found in sorted(by_line.items())]


def _unseen(node: NodeOrLeaf) -> bool:
    """Whether a node is part of a type, an import or a decorator."""
    below, above = node, node.parent
    while above is not None:
        if above.type in UNSEEN:
            return above.type != "annassign" or below is not above.children[-1]
        if above.type == "funcdef" and below is not above.children[-1]:
            return True
        below, above = above, above.parent
    return False
