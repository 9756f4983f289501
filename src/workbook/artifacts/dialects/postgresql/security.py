"""Roles, grants and row security in PostgreSQL, read off the access rules: who is not in a rule has no right at all.

Whoever connects sets `app.caller`, and `app.caller_FIELD` for what the token says besides, before anything else. Rows that another
table narrows are found by functions that see all of it, so that no policy asks itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from workbook.artifacts.dialects.postgresql.expressions import type_of
from workbook.artifacts.dialects.postgresql.tables import READERS
from workbook.artifacts.writing.sql import identifier as name
from workbook.artifacts.writing.sql import string as quoted
from workbook.brief.shapes import Shape
from workbook.brief.steps.syntax import Start, Verb
from workbook.plan.fold.access import Command, Narrowing, Own, Rule, Through, commands
from workbook.plan.fold.layout import Table
from workbook.plan.fold.services import HELD
from workbook.plan.form.model import Form, Program

WORKER = "app_worker"
"""The role of what nobody calls."""
CALLER = "app.caller"
LONGEST = 63


def role(persona: str) -> str:
    """The role of a persona."""
    return f"app_{persona}"


def role_of(program: Program) -> str:
    """The role in which an operation runs."""
    called = program.starts in (Start.CALLER, *HELD) and program.operation.caller
    return role(program.operation.caller) if called else WORKER


def setting(field: str = "") -> str:
    """The session setting that holds the caller, or what their token says besides."""
    return f"{CALLER}_{field}" if field else CALLER


def create(tables: Mapping[str, Table], rules: Iterable[Rule], form: Form, programs: Mapping[str, Program]) -> str:
    """Everything that says who may do what."""
    known = [r for r in rules if r.structure in tables]
    roles = sorted({role(r.persona) for r in known} | {role_of(p) for p in programs.values()} | {WORKER})
    made = [_role(r) for r in roles]
    made += [f"ALTER TABLE {name(t)} ENABLE ROW LEVEL SECURITY;" for t in tables]
    written = _Written(tables, form)
    policies = [written.policy(rule) for rule in known]
    made += [*written.functions.values(), *policies, *_taking(known, programs)]
    made += list(_telling(tables, programs))
    made += list(_working(tables, programs))
    return "\n".join(made) + "\n"


def _role(role_name: str) -> str:
    """Roles belong to the whole server: one that is there already stays."""
    made = f"CREATE ROLE {name(role_name)} NOLOGIN"
    return f"DO $$ BEGIN {made}; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;"


class _Written:
    """Policies as they are written, with the functions that they need."""

    def __init__(self, tables: Mapping[str, Table], form: Form) -> None:
        self.tables, self.form = tables, form
        self.functions: dict[str, str] = {}

    def policy(self, rule: Rule) -> str:
        """The right, and the rows that it is about."""
        tests = [self._test(n, rule.structure, rule.persona) for n in rule.narrowed]
        test = " OR ".join(f"({t})" if len(tests) > 1 else t for t in tests) or "true"
        command = rule.command.value.upper()
        clause = "WITH CHECK" if rule.command is Command.INSERT else "USING"
        title = f"{rule.persona}_{rule.command.value}"[:LONGEST]
        table = name(rule.structure)
        return (
            f"GRANT {command} ON {table} TO {name(role(rule.persona))};\n"
            f"CREATE POLICY {name(title)} ON {table} FOR {command} TO {name(role(rule.persona))} {clause} ({test});"
        )

    def _test(self, narrowing: Narrowing, structure: str, persona: str) -> str:
        if isinstance(narrowing, Through):
            return f"{name(narrowing.field)} IN (SELECT {self._function(narrowing, persona)}())"
        first, *rest = narrowing.path
        if not rest:
            return f"{name(first)} = {self._caller(narrowing, structure, first)}"
        target = self.tables[structure].column(first).type.ref
        key = self.tables[target].key[0]
        behind = Through(first, target, key, Own(tuple(rest), narrowing.claim))
        return f"{name(first)} IN (SELECT {self._function(behind, persona)}())"

    def _caller(self, narrowing: Own, structure: str, field: str) -> str:
        """What the session says of the caller, in the type of the column it is compared with."""
        said = setting("_".join(narrowing.claim))
        type_ = type_of(self.tables[structure].column(field).type)
        return f"nullif(current_setting({quoted(said)}, true), '')::{type_.removesuffix('[]')}"

    def _function(self, through: Through, persona: str) -> str:
        """A function that sees all rows of the other table and gives those that concern the caller."""
        test = self._test(through.narrowed, through.structure, persona)
        path = "_".join((*_path(through.narrowed), *_claim(through.narrowed)))
        title = name(f"own_{through.structure}_{through.other}_by_{path}"[:LONGEST])
        type_ = type_of(self.tables[through.structure].column(through.other).type)
        self.functions.setdefault(
            title,
            f"CREATE FUNCTION {title}() RETURNS SETOF {type_} LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp\n"
            f"AS $$ SELECT {name(through.other)} FROM {name(through.structure)} WHERE {test} $$;",
        )
        return title


def _path(narrowing: Narrowing) -> tuple[str, ...]:
    if isinstance(narrowing, Own):
        return narrowing.path
    return (narrowing.field, *_path(narrowing.narrowed))


def _claim(narrowing: Narrowing) -> tuple[str, ...]:
    return narrowing.claim if isinstance(narrowing, Own) else _claim(narrowing.narrowed)


def _taking(rules: list[Rule], programs: Mapping[str, Program]) -> Iterator[str]:
    """Who takes rows away locks them first, and may change nothing about them."""
    present = {r.structure for r in rules}
    rights = {(r.structure, r.persona): r.command for r in rules if r.command is Command.UPDATE}
    pairs = {
        (s.target, p.operation.caller)
        for p in programs.values()
        for s, _ in p.steps()
        if s.verb is Verb.TAKE and s.shape is not Shape.QUEUE and role_of(p) != WORKER and s.target in present
    }
    for structure, persona in sorted(pairs - set(rights)):
        title, owner = name(f"{persona}_locks"[:LONGEST]), name(role(persona))
        yield f"GRANT UPDATE ON {name(structure)} TO {owner};"
        yield f"CREATE POLICY {title} ON {name(structure)} FOR UPDATE TO {owner} USING (true) WITH CHECK (false);"


def _telling(tables: Mapping[str, Table], programs: Mapping[str, Program]) -> Iterator[str]:
    """Events that rest in the database may be told by whoever's operations tell them, and are read by workers only."""
    pairs = {
        (s.target, role_of(p))
        for p in programs.values()
        for s, _ in p.steps()
        if s.verb is Verb.PUBLISH and s.target in tables
    }
    for topic, teller in sorted(pairs):
        if teller != WORKER:
            yield f"GRANT INSERT ON {name(topic)} TO {name(teller)};"
            yield f"CREATE POLICY {name(f'{teller}_tells'[:LONGEST])} ON {name(topic)} FOR INSERT TO {name(teller)} WITH CHECK (true);"


def _working(tables: Mapping[str, Table], programs: Mapping[str, Program]) -> Iterator[str]:
    """What workers do, they may do with all rows."""
    allowed: dict[str, set[str]] = {}
    for program in programs.values():
        starts = program.operation.starts
        if role_of(program) == WORKER and starts.on in tables:
            allowed.setdefault(starts.on, set()).update(
                ("SELECT", "UPDATE", "DELETE") if starts.kind in _TAKING else ("SELECT",)
            )
        if role_of(program) == WORKER and starts.each in tables:
            allowed.setdefault(starts.each, set()).add("SELECT")
        for step, _ in program.steps():
            if role_of(program) == WORKER and step.target in tables:
                told = ("INSERT",) if step.verb is Verb.PUBLISH else tuple(c.value.upper() for c in commands(step))
                allowed.setdefault(step.target, set()).update(told)
    if any(t.structure.shape is Shape.TOPIC for t in tables.values()):
        yield f"GRANT SELECT, INSERT, UPDATE ON {READERS} TO {name(WORKER)};"
    for table, rights in sorted(allowed.items()):
        if rights:
            yield f"GRANT {', '.join(sorted(rights))} ON {name(table)} TO {name(WORKER)};"
            yield f"CREATE POLICY {name(WORKER)} ON {name(table)} TO {name(WORKER)} USING (true) WITH CHECK (true);"


_TAKING = frozenset({Start.QUEUE, Start.DEAD})
