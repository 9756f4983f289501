"""One step in Redis: by verb and kind, the commands that do it, with sample values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbook.artifacts.dialects.redis.layout import Kind, Laid, laid
from workbook.artifacts.writing import redis
from workbook.artifacts.writing.text import compact
from workbook.brief.steps.syntax import Amount, Verb
from workbook.plan.fold import samples
from workbook.plan.form.model import Form, Program, Step, most_kept
from workbook.plan.form.terms import Compared, Every, Given, Ref, Root, Value

REMOVE_IF = "if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return redis.call('DEL', KEYS[1]) end return 0"
REMOVE_FIELD_IF = (
    "local row = redis.call('HGET', KEYS[1], ARGV[1]) if row and cjson.decode(row)[ARGV[2]] == ARGV[3] "
    "then return redis.call('HDEL', KEYS[1], ARGV[1]) end return 0"
)
PAGE = 20
"""Members of a page in the examples."""


class NoCommand(Exception):
    """Redis does not do this yet."""


class Commands:
    """The commands of one program's steps. `ttl`: seconds that rows of a structure stand, by structure."""

    def __init__(self, form: Form, program: Program, ttl: Mapping[str, float | None]) -> None:
        self.form, self.program, self.ttl = form, program, ttl

    def of(self, step: Step) -> list[str]:
        """What a step sends. Raises NoCommand."""
        place = laid(self.form.structures[step.target])
        builders = {
            Verb.PUT: self._put,
            Verb.APPEND: self._put,
            Verb.GET: self._get,
            Verb.LIST: self._list,
            Verb.COUNT: self._count,
            Verb.REMOVE: self._remove,
            Verb.ADD: self._add,
            Verb.NEXT: self._add,
            Verb.RANK: self._rank,
            Verb.CLAIM: self._claim,
        }
        build = builders.get(step.verb)
        if build is None:
            raise NoCommand(f"Redis has no command for {step.verb} on a {place.structure.shape.value} yet")
        return [" ".join(part for part in words) for words in build(step, place)]

    # Values

    def _value(self, given: Given) -> Any:
        found = samples.of_value(given.value, self.form, self.program)
        return found[0] if isinstance(found, list) and found else found

    def _by(self, step: Step) -> dict[str, Any]:
        return {g.field: self._value(g) for g in (*step.by, *step.sets)}

    def _named(self, step: Step, place: Laid, fields: tuple[str, ...]) -> list[str]:
        """Parts of a key: those of the sample row, so that every example speaks of the same one, unless the step names a value."""
        row = samples.row(place.structure)
        said = {g.field: self._value(g) for g in (*step.by, *step.sets) if _is_said(g.value) or g.field not in row}
        return [str(said.get(f, row.get(f, f))) for f in fields]

    def _key(self, step: Step, place: Laid) -> str:
        return redis.string(":".join([place.structure.id, *self._named(step, place, place.keyed)]))

    def _inner(self, step: Step, place: Laid) -> str:
        return redis.string(":".join(self._named(step, place, place.inner)))

    def _fields(self, step: Step, place: Laid) -> dict[str, Any]:
        known = self._by(step)
        return {n: known[n] for n in place.structure.fields if n in known and n not in place.keyed}

    def _expiry(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        seconds = self.ttl.get(step.target)
        if seconds:
            yield ("EXPIRE", self._key(step, place), f"{max(1, round(seconds))}")

    # Builders

    def _put(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        key = self._key(step, place)
        if place.kind is Kind.TOGETHER:
            row = {n: v for n, v in self._by(step).items() if n not in place.keyed}
            yield ("HSET", key, self._inner(step, place), redis.string(compact(row)))
        elif place.kind is Kind.SORTED_SET:
            yield ("ZADD", key, _number(self._score(step, place)), self._inner(step, place))
            yield from self._trimmed(key, place)
        elif place.kind is Kind.SET:
            yield ("SADD", key, self._inner(step, place))
        else:
            fields = self._fields(step, place) or {"present": 1}
            yield ("HSET", key, *(w for n, v in fields.items() for w in (n, redis.string(_text(v)))))
        yield from self._expiry(step, place)

    def _trimmed(self, key: str, place: Laid) -> Iterator[tuple[str, ...]]:
        """Only so many stay: those of the largest score."""
        most = most_kept(place.structure)
        if most is not None:
            stay = round(float(samples.of_value(most, self.form, self.program)))
            yield ("ZREMRANGEBYRANK", key, "0", str(-stay - 1))

    def _score(self, step: Step, place: Laid) -> Any:
        name = str(place.structure.settings.get("score", ""))
        return self._by(step).get(name, 1)

    def _get(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        given = {g.field for g in step.by}
        key = self._key(step, place)
        if place.kind is Kind.TOGETHER and given >= set(place.inner):
            yield ("HGET", key, self._inner(step, place))
        elif place.kind is Kind.TOGETHER:
            yield ("HGETALL", key)
        elif place.kind is Kind.SORTED_SET:
            yield ("ZSCORE", key, self._inner(step, place))
        elif place.kind is Kind.SET:
            yield ("SISMEMBER", key, self._inner(step, place))
        elif any(isinstance(g.value, Every) for g in step.by):
            yield ("HGETALL", key)
        else:
            yield ("HGETALL", key)

    def _list(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        key = self._key(step, place)
        if place.kind is Kind.SORTED_SET:
            down = ("REV",) if step.order is None or step.order[1] else ()
            most = samples.of_value(step.limit, self.form, self.program) if step.limit is not None else PAGE
            yield ("ZRANGE", key, "0", str(round(float(most)) - 1), *down, "WITHSCORES")
        elif place.kind is Kind.SET:
            yield ("SMEMBERS", key)
        elif place.kind is Kind.TOGETHER:
            yield ("HVALS", key)
        else:
            raise NoCommand(f"rows of {place.structure.id} lie under keys of their own: nothing lists them")

    def _count(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        word = {Kind.SORTED_SET: "ZCARD", Kind.SET: "SCARD", Kind.TOGETHER: "HLEN"}.get(place.kind)
        if word is None:
            raise NoCommand(f"rows of {place.structure.id} lie under keys of their own: nothing counts them")
        yield (word, self._key(step, place))

    def _rank(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        if place.kind is not Kind.SORTED_SET:
            raise NoCommand(f"{place.structure.id} has no order to rank by")
        yield ("ZREVRANK", self._key(step, place), self._inner(step, place))

    def _remove(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        key = self._key(step, place)
        tests = [t for t in step.only_if if isinstance(t, Compared)]
        if tests and (len(tests) > 1 or tests[0].operator != "="):
            raise NoCommand(f"Redis compares one field of {place.structure.id} here, and by equality")
        if place.kind is Kind.SORTED_SET:
            yield ("ZREM", key, self._inner(step, place))
        elif place.kind is Kind.SET:
            yield ("SREM", key, self._inner(step, place))
        elif place.kind is Kind.TOGETHER:
            field = self._inner(step, place)
            yield (
                ("EVAL", f'"{REMOVE_FIELD_IF}"', "1", key, field, *self._compared(tests[0]))
                if tests
                else ("HDEL", key, field)
            )
        else:
            yield ("EVAL", f'"{REMOVE_IF}"', "1", key, *self._compared(tests[0])) if tests else ("DEL", key)

    def _compared(self, test: Compared) -> tuple[str, str]:
        name = test.left.fields[0] if isinstance(test.left, Ref) and test.left.root is Root.OWN else str(test.left)
        return redis.string(name), redis.string(_text(samples.of_value(test.right[0], self.form, self.program)))

    def _add(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        key = self._key(step, place)
        amounts = {g.field: self._value(g) for g in step.plus} or {step.field or "number": 1}
        for field, amount in amounts.items():
            if place.kind is Kind.SORTED_SET:
                yield ("ZINCRBY", key, _number(amount), self._inner(step, place))
            elif place.kind is Kind.TOGETHER:
                raise NoCommand(f"rows of {place.structure.id} lie together as JSON: nothing counts in them")
            else:
                yield (
                    "HINCRBY",
                    key,
                    redis.string(field),
                    f"{round(float(amount)) if isinstance(amount, int | float) else 1}",
                )
        yield from self._expiry(step, place)

    def _claim(self, step: Step, place: Laid) -> Iterator[tuple[str, ...]]:
        """Whoever gets OK has it."""
        seconds = self.ttl.get(step.target) or 60.0
        yield ("SET", self._key(step, place), redis.string("claimed"), "NX", "EX", f"{max(1, round(seconds))}")


def _is_said(value: Value) -> bool:
    """Whether the step itself says what a value is."""
    return isinstance(value, Amount) or (isinstance(value, Ref) and value.root in (Root.WORD, Root.TUNABLE, Root.HERE))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else compact(value)


def _number(value: Any) -> str:
    return f"{value:.15g}" if isinstance(value, int | float) else "1"
