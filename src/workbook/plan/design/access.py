"""Who may see which rows and fields."""

from __future__ import annotations

from workbook.plan.complete import Complete
from workbook.plan.design.model import AccessRule, Table
from workbook.plan.names import words


def access_rules(complete: Complete, tables: tuple[Table, ...]) -> tuple[AccessRule, ...]:
    """A rule for each table and each persona that touches it; who touches it not at all sees nothing."""
    made: list[AccessRule] = []
    for table in tables:
        if not table.entity or table.purpose:
            continue
        owner = _owner(table, complete)
        private = tuple(c.name for c in table.columns if c.sensitive)
        touching: dict[str, list[str]] = {}
        for name, operation in complete.operations.items():
            if operation.entity == table.entity:
                inside = operation.verb in ("notify", "compute") and operation.by is None
                touching.setdefault(
                    operation.by or ("the system itself" if inside else "any signed-in caller"), []
                ).append(name)
        for persona, operations in touching.items():
            given = {c for q in table.queries if q.operation in operations for c in q.equals}
            asked = sorted(given - set(table.key)) or sorted(given)
            if persona == "the system itself":
                rows = "rows named by the event"
            elif owner:
                rows = f"rows whose `{owner}` is the caller, or to which the caller belongs"
            elif asked:
                rows = f"rows asked for by {', '.join(f'`{c}`' for c in asked)}"
            else:
                rows = "all rows"
            reads = [o for o in operations if complete.operations[o].reads]
            hidden = () if reads and private and set(operations) & set(reads) else private
            made.append(
                AccessRule(
                    table=table.name,
                    persona=words(persona),
                    rows=f"{rows}; may {', '.join(words(o) for o in operations)}",
                    hidden=hidden,
                    owner=owner,
                )
            )
    return tuple(made)


def _owner(table: Table, complete: Complete) -> str:
    """The column that says whose row it is: the first reference to something personal, else to anything."""
    refs = [(n, f.ref) for n, f in complete.entities[table.entity].fields.items() if f.ref]
    personal = [n for n, r in refs if r in complete.entities and complete.entities[r].sensitive]
    return (personal or [n for n, _ in refs] or [""])[0]
