"""Who may do what, where data about people rest, what a law finds here and what an attacker would: in words."""

from __future__ import annotations

from collections.abc import Iterable

from workbook.document import words as w
from workbook.document.page import Page
from workbook.plan.fold.access import Command, Narrowing, Own
from workbook.plan.fold.endpoints import Endpoint
from workbook.plan.operate.privacy import Answer, Ends, Grant, Holding, Met
from workbook.plan.operate.recovery import KEPT_DAYS
from workbook.plan.operate.threats import Attack, Threat, limited_by

_DONE = {
    Command.SELECT: "read",
    Command.INSERT: "add",
    Command.UPDATE: "change",
    Command.DELETE: "remove",
}
_ORDER = tuple(_DONE)


def done(commands: Iterable[Command]) -> str:
    """What may be done."""
    return ", ".join(_DONE[c] for c in sorted(commands, key=_ORDER.index))


def rows(grant: Grant) -> str:
    """With which rows."""
    narrowed = grant.rule.narrowed
    if not narrowed:
        only_adds = grant.commands == (Command.INSERT,)
        return "any" if only_adds else "**all rows**"
    return "; or ".join(_narrowing(n) for n in narrowed)


def _narrowing(one: Narrowing) -> str:
    if isinstance(one, Own):
        path = " of ".join(w.words(f) for f in reversed(one.path))
        whose = f"the caller's {' '.join(w.words(c) for c in one.claim)}" if one.claim else "the caller"
        return f"{path} is {whose}"
    inner = _narrowing(one.narrowed)
    return f"{w.words(one.field)} is that of a {w.words(one.structure)} whose {inner}"


def enforced(page: Page, narrowed: bool, structures: list[str]) -> str:
    """Where rules hold, and what is open to everybody who may call."""
    said = []
    if narrowed:
        said.append("A wrong identifier in a path finds nothing (404): the query itself asks for the caller.")
    else:
        said.append("By role alone: no query asks for the caller.")
    if structures:
        names = w.listed(structures, 6)
        said.append(f"Nothing narrows who reads {names}: every caller with the role sees all rows.")
        said.append("A promise `private` would say whose they are.")
    elif not narrowed:
        said.append("Nothing that is marked as sensitive is read that way.")
    return " ".join(said)


# Data about people ----------------------------------------------------------------------------------------------------


def ends(one: Holding) -> str:
    """How rows come to an end."""
    by = w.listed(one.by, 2)
    term = f"after {w.duration(one.days * 86_400)}" if one.days is not None else ""
    made = {
        Ends.CLOCK: f"{term}, by {by}",
        Ends.STORE: f"{term}, by the store",
        Ends.ASKED: f"when {by} is called",
        Ends.NEVER: f"**said to end {term}, and nothing removes it**" if term else "**never**",
    }
    return made[one.ends].strip(", ")


def copies(one: Holding, page: Page) -> str:
    """Who else holds it."""
    made = [f"{w.words(c)} in {page.title(page.plan.world.homes[c])}" for c in one.copies if c in page.plan.world.homes]
    made += [f"topic {w.code(t)}" for t in one.told]
    made += [f"backups ({KEPT_DAYS} days)"] if one.kept_apart else []
    return ", ".join(made) or "none"


def store(one: Holding, page: Page) -> str:
    """Where it lies."""
    bytes_ = f", bytes in {page.title(one.bytes_in)}" if one.bytes_in else ""
    return f"{page.title(one.store)}{bytes_}"


_STATES = {Met.YES: "answered", Met.PARTLY: "**in part**", Met.NO: "**open**", Met.PEOPLE: "by people"}


def met(one: Answer) -> str:
    """Whether it is answered."""
    return _STATES[one.met]


def answer(one: Answer, page: Page) -> str:
    """What answers a demand, and what is missing."""
    has, lacks = w.listed(one.has, 5), w.listed(one.lacks, 6)
    made = {
        "deletion": _parts(
            f"{has} can be removed on request" if has else "",
            f"no operation removes {lacks} on request: the promise `erased` would ask for it" if lacks else "",
        ),
        "export": f"no operation collects a person's rows of {lacks}: to be added",
        "consent": "nothing records who consented to what and when: to be added where consent is the legal basis",
        "retention": _parts(
            _terms(one), f"{lacks} end at no time: the brief gives no term, or nothing enforces it" if lacks else ""
        ),
        "encryption": f"TLS on every hop; at rest by keys of the cloud in {_titles(one.has, page)}",
        "access": _parts(
            f"{has} are narrowed to whom they concern ([10.2](#10.2))" if has else "",
            f"{lacks} are open to every caller of the role" if lacks else "",
        ),
        "audit": _parts(
            f"each look at {has} leaves a row in its transaction" if has else "",
            f"looks at {lacks} leave none: the promise `traced` would" if lacks else "",
        ),
        "breach": f"who was affected is found in {has}; notice is given by people"
        if has
        else "no trail says who was affected; notice is given by people",
        "residency": f"data rest in {has}; whether that does for users elsewhere is to be judged"
        if has
        else "one region; the brief does not say which",
        "agreement": f"to be signed with {page.plan.decisions['cloud'].chosen.name}{f' and {has}, which get such data' if has else ''}",
        "scope": f"{has} in the stores of the table below",
        "testing": f"{has or 'nothing is said of scans'}; restore drills of [9.3](#9.3), attacks on promises of [13.1](#13.1)",
    }
    return w.sentence(made.get(one.need, "not answered here"))


def _parts(*said: str) -> str:
    return "; ".join(s for s in said if s) or "nothing here is marked or refers to a person"


def _terms(one: Answer) -> str:
    named = [f"{w.words(s)} {w.duration(one.numbers[s] * 86_400)}" for s in one.has if s in one.numbers]
    return ", ".join(named)


def _titles(stores: Iterable[str], page: Page) -> str:
    return ", ".join(dict.fromkeys(page.title(s) for s in stores)) or "no store"


# Input and threats ----------------------------------------------------------------------------------------------------


def checked(endpoint: Endpoint) -> str:
    """What of a request is checked."""
    said = []
    for name, type_ in endpoint.request.items():
        if type_.values:
            said.append(f"{w.code(name)} one of {len(type_.values)}")
        elif type_.length:
            said.append(f"{w.code(name)} ≤ {type_.length}")
    return ", ".join(said[:6]) or "types only"


def limited(page: Page) -> str:
    """What counts calls."""
    by = limited_by(page.plan.design)
    if by in page.structures:
        return f"bucket {w.code(by)}"
    if by:
        return f"{page.title(by)} counts by token, then by address"
    return "**not built**: the gateway does not count by caller, and no step takes from a bucket"


def threat(one: Threat, page: Page) -> str:
    """What stands against it."""
    about, open_ = w.listed(one.about, 5), w.listed(one.open, 6)
    made = {
        Attack.OTHERS_ROWS: f"{about} are asked with the caller in the query" if about else "",
        Attack.INJECTION: f"every value in a statement for {_titles(one.about, page)} is bound, none is written into its text",
        Attack.FLOODING: "" if one.open else f"{limited(page)}; the rest gets 429",
        Attack.REPEATING: "a request that must not count twice carries a key, kept with its answer"
        if len(one.open) < len(one.about)
        else "",
        Attack.FORGED_HOOK: f"{about} check the sender's signature and the time of it",
        Attack.FILE: f"bytes of {about} pass by signed addresses, each for one object and some minutes",
        Attack.SCRIPT: f"{', '.join(w.code(t) for t in one.about[:4])} are stored as they come and escaped where they are shown",
        Attack.EVENT_TWICE: "",
        Attack.OUTSIDE: f"what goes to {about} are the fields of its call and no more",
        Attack.SERVER: _inside(one),
        Attack.CONNECTION: f"{about}: a connection counts against its caller and ends without a sign of life",
    }
    missing = {
        Attack.OTHERS_ROWS: f"{open_}: every row is open to the role",
        Attack.FLOODING: "nothing counts calls by caller",
        Attack.REPEATING: f"{open_} do it again",
        Attack.FILE: f"no step looks at {open_} before others get it",
        Attack.EVENT_TWICE: f"{open_} cannot tell a second time from the first",
        Attack.SERVER: f"{open_}: whoever reads a store or its backups reads them; a promise `private` with `sealed` would hide them",
    }
    said = [made[one.attack]] if made[one.attack] else []
    if one.open and one.attack in missing:
        said.append(f"**open**: {missing[one.attack]}")
    return "; ".join(said)


def _inside(one: Threat) -> str:
    closed = [a for a in one.about if a not in one.open]
    return f"{w.listed(closed, 4)} reach the servers sealed" if closed else ""


def tokens(page: Page) -> str:
    """Who callers are, and what their token says."""
    said = []
    for name, persona in page.plan.world.form.personas.items():
        entity = f" is a row of {w.words(persona.entity)}" if persona.entity else ""
        token = f", the token names {w.listed(persona.token)}" if persona.token else ""
        said.append(f"{w.words(name)}{entity}{token}")
    return "; ".join(said) or "callers"
