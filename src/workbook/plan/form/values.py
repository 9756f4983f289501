"""Gives the names in values and conditions their meaning."""

from __future__ import annotations

from dataclasses import replace

from workbook.brief.fields import FieldType
from workbook.brief.problems import nearest
from workbook.brief.steps import syntax
from workbook.plan.form.scope import BOOL, ID, NUMBER, Scope, Unresolved
from workbook.plan.form.terms import Applied, Compared, Every, Found, Ref, Root, Sum, Test, Value

TRUTHS = ("true", "false")


def resolve(value: syntax.Value, scope: Scope, own: str = "", wanted: FieldType | None = None) -> Value:
    """A value with its names resolved.

    `own` is the structure whose fields may stand bare, `wanted` the type of the field it is for: its enum values are known then,
    and what the body sends takes it. Raises Unresolved.
    """
    if isinstance(value, syntax.Amount):
        return value
    if isinstance(value, syntax.Each):
        return Every(_each(value, scope, wanted))
    if isinstance(value, syntax.Function):
        return Applied(value.name, resolve(value.value, scope, own))
    if isinstance(value, syntax.Binary):
        return Sum(value.operator, resolve(value.left, scope, own, wanted), resolve(value.right, scope, own, wanted))
    return path(value, scope, own, wanted)


def _each(value: syntax.Each, scope: Scope, wanted: FieldType | None) -> Ref:
    many = replace(wanted, many=max(1.0, wanted.many)) if wanted else None
    found = path(value.path, scope, "", many)
    if found.root is Root.BODY:
        return replace(found, many=True)
    if not found.many:
        raise Unresolved(f'"each {value.path}": {value.path} is one value, not a list. Leave each out.')
    return found


def path(value: syntax.Path, scope: Scope, own: str = "", wanted: FieldType | None = None) -> Ref:
    """What a name means. Raises Unresolved where it means nothing."""
    first, *rest = value.parts
    if not rest and wanted and first in wanted.values:
        return Ref(Root.WORD, first, type=wanted)
    if not rest and first in TRUTHS:
        return Ref(Root.WORD, first, type=BOOL)
    if not rest and own and first in scope.fields(own):
        return _own(own, (first,), scope, str(value))
    if first in scope.bound:
        return scope.ref(first, tuple(rest), str(value))
    root = scope.root(first, tuple(rest), str(value))
    if root is not None:
        return _sent(root, scope, wanted) if root.root is Root.BODY else root
    if own and first in scope.fields(own):
        return _own(own, value.parts, scope, str(value))
    if not rest and first in scope.form.tunables:
        return Ref(Root.TUNABLE, first, type=NUMBER)
    raise Unresolved(_meaningless(value, scope, own, wanted))


def _own(structure: str, parts: tuple[str, ...], scope: Scope, written: str) -> Ref:
    type_, end = scope.follow(structure, parts, written)
    return Ref(Root.OWN, "", parts, type_, end, type_.many > 0)


def _sent(found: Ref, scope: Scope, wanted: FieldType | None) -> Ref:
    """A field of the request takes the type of what it is used for; a list wins over one."""
    if not found.fields:
        return found
    name = found.fields[0]
    known = scope.body.get(name)
    if wanted is not None and (known is None or (wanted.many and not known.many) or _says_more(wanted, known)):
        scope.body[name] = replace(wanted, default=None)
    elif known is None:
        scope.body[name] = ID if wanted is None else wanted
    type_ = scope.body[name]
    return replace(found, type=type_, structure=type_.ref, many=type_.many > 0)


def _says_more(wanted: FieldType, known: FieldType) -> bool:
    """Whether a reference says of what an identifier is one."""
    return bool(wanted.ref) and known.kind == "id" and bool(wanted.many) == bool(known.many)


def _meaningless(value: syntax.Path, scope: Scope, own: str, wanted: FieldType | None) -> str:
    first = value.parts[0]
    names = [*scope.names(), *scope.fields(own), *(wanted.values if wanted else ())]
    hint = nearest(first, names)
    if first in ("caller", "body", "event", "item", "lost"):
        return f'"{value}": there is no {first} in an operation that starts {scope.operation.starts.kind.value}.'
    return f'"{value}" means nothing here. {hint or "Known are " + ", ".join(names) + "."}'


def conditions(said: tuple[syntax.Condition, ...], scope: Scope, own: str = "") -> tuple[Test, ...]:
    """Conditions with their names resolved. Raises Unresolved."""
    return tuple(_condition(c, scope, own) for c in said)


def _condition(said: syntax.Condition, scope: Scope, own: str) -> Test:
    if isinstance(said, syntax.Chance):
        return said
    if isinstance(said, syntax.Presence):
        name = said.path.parts[0]
        if name not in scope.bound:
            raise Unresolved(f'"{said}": no step before it gives {said.path}. {nearest(name, scope.bound)}'.strip())
        return Found(str(said.path), said.present)
    left = resolve(said.left, scope, own, _counted(said))
    wanted = type_of(left)
    right = tuple(resolve(v, scope, own, wanted) for v in said.right)
    if wanted is None and isinstance(left, Ref) and left.root is Root.BODY:
        left = resolve(said.left, scope, own, type_of(right[0]))
    return Compared(left, said.operator, right)


def _counted(said: syntax.Comparison) -> FieldType | None:
    """What the request says is a number where it is compared with one."""
    plain = all(isinstance(v, syntax.Amount) and v.quantity.kind == "number" for v in said.right)
    return NUMBER if plain and isinstance(said.left, syntax.Path) and said.left.parts[0] == "body" else None


def type_of(value: Value) -> FieldType | None:
    """The type of a value, where it is known."""
    if isinstance(value, Ref):
        return value.type
    if isinstance(value, Every):
        return replace(value.of.type, many=0.0) if value.of.type else None
    if isinstance(value, Sum):
        return type_of(value.left) or type_of(value.right)
    if isinstance(value, Applied):
        return ID if value.function == "hash" else NUMBER
    return None
