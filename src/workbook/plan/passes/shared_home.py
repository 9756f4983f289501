"""Lowering: what is written all or nothing belongs to one logical service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from workbook.plan.form.model import Form
from workbook.plan.passes import asked
from workbook.plan.passes.handled import Handled
from workbook.plan.passes.model import Option, Pass, Phase
from workbook.plan.passes.world import World


class SharedHome(Pass):
    """A transaction lies in one store, so contexts whose structures change together become one."""

    id = "shared_home"
    phase = Phase.STYLE
    after = ("architecture_style", "repeatable", "handled")

    def subjects(self, world: World) -> Iterable[str]:
        return ("",) if any(_contexts(g, world.form) > 1 for g in asked.together(world)) else ()

    def rewrite(self, world: World, subject: str, option: Option | None) -> World:
        joined: dict[str, str] = {}
        sizes = Counter(s.context for s in world.form.structures.values() if s.added_by != Handled.id)
        for group in asked.together(world):
            named = {_root(world.form.structures[n].context, joined) for n in group}
            keeps = min(named, key=lambda c: (-sizes[c], c))
            joined.update({c: keeps for c in named if c != keeps})
        form = world.form
        structures = {
            n: replace(s, context=_root(s.context, joined)) for n, s in form.structures.items() if s.context in joined
        }
        topics = {
            n: replace(t, context=_root(t.context, joined)) for n, t in form.topics.items() if t.context in joined
        }
        operations = {
            n: replace(o, context=_root(o.context, joined)) for n, o in form.operations.items() if o.context in joined
        }
        return world.with_form(
            replace(
                form,
                structures={**form.structures, **structures},
                topics={**form.topics, **topics},
                operations={**form.operations, **operations},
            )
        )


def _contexts(group: Iterable[str], form: Form) -> int:
    return len({form.structures[n].context for n in group})


def _root(context: str, joined: dict[str, str]) -> str:
    while context in joined:
        context = joined[context]
    return context
