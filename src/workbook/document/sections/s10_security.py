"""10 Security, compliance and privacy."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.brief.promises import PromiseKind
from workbook.brief.steps.syntax import Start
from workbook.catalog import loader
from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table, Tone
from workbook.document.page import Page
from workbook.document.wording import promises
from workbook.document.wording import security as say
from workbook.plan.operate.privacy import ALWAYS, NEEDS, answer, grants, holdings, receivers, wide
from workbook.plan.operate.threats import body_at_most, fair_a_minute, threats

NUMBER = 10
TITLE = "Security, compliance and privacy"
GUARDED = frozenset({"health", "payment", "secret"})
TOKEN_MINUTES, GUARDED_MINUTES = 60, 15
"""How long an access token lasts, and where data are of the guarded kinds (our assumption: a stolen one is soon worth nothing)."""
SECRET_DAYS, CERTIFICATE_HOURS = 90, 24
"""After which secrets and certificates are replaced (our assumption)."""
AUDIT = "dependency audit"
"""The scan that the pipeline does, as BRIEF.md calls it; others need a step or a service beside the system."""


def build(page: Page) -> Iterator[Subsection]:
    """Authentication, access rules, compliance, input and abuse."""
    yield _authentication(page)
    yield _access(page)
    yield _compliance(page)
    yield _input(page)


def _authentication(page: Page) -> Subsection:
    design, chosen = page.plan.design, page.plan.decisions
    marked = {s.sensitive for s in page.structures.values()} & GUARDED
    minutes = GUARDED_MINUTES if marked else TOKEN_MINUTES
    services = [page.title(s.id) for s in design.services]
    rows: list[tuple[str, str, str]] = []
    if "identity" in chosen:
        how = f"OpenID Connect, authorization code with PKCE, through {chosen['identity'].chosen.name}"
        rows.append(("People", how, f"access token of {minutes} min, refresh token replaced at each use"))
        rows.append(("Roles", "one for each persona, in the token", say.tokens(page)))
    hooks = [n for n, p in page.programs.items() if p.starts is Start.WEBHOOK]
    if hooks:
        rows.append(("Webhooks", "signature of the sender over body and time", w.listed(hooks)))
    if len(services) > 1:
        how = f"mTLS, certificates of {CERTIFICATE_HOURS} h, renewed by themselves"
        rows.append(("Service to service", how, ", ".join(services)))
    else:
        rows.append(("Service to service", "one process: no calls to authenticate", services[0] if services else "–"))
    reached = [page.title(s.id) for s in design.stores]
    if reached:
        rows.append(("Stores", "TLS, an account for each service, rights on its own tables only", ", ".join(reached)))
    outside = page.plan.world.form.integrations
    keys = f"passwords of stores{f', keys of {w.listed(outside, 4)}' if outside else ''}"
    if "secrets" in chosen:
        how = f"{chosen['secrets'].chosen.name}; rotated every {SECRET_DAYS} days, read at start, never in an image"
        rows.append(("Secrets", how, keys))
    classes: dict[str, list[str]] = {}
    for name, structure in page.structures.items():
        if structure.sensitive and not structure.of:
            classes.setdefault(structure.sensitive, []).append(name)
    about = "; ".join(f"{kind}: {w.listed(names, 6)}" for kind, names in classes.items())
    rows.append(("Encryption", "TLS 1.3 on every hop; AES-256 at rest with keys of the cloud", "all data"))
    rows.append(
        ("Logs", "fields of marked structures are left out", about or "nothing is marked as sensitive in the brief")
    )
    table = Table(id="10.1.auth", columns=("What", "How", "For"), rows=tuple(rows))
    return Subsection(id="10.1", title="Authentication", blocks=(table,))


def _access(page: Page) -> Subsection:
    rows = tuple(
        (w.code(g.structure), w.words(g.persona), say.done(g.commands), say.rows(g), w.listed(g.operations, 3))
        for g in grants(page.plan.design)
    )
    if not rows:
        text = "No persona calls an operation, so there is no rule. Say `by` at the operations of the brief."
        note = Note(id="10.2.rules", title="No rules", text=text, tone="warning")
        return Subsection(id="10.2", title="Access rules", blocks=(note,))
    blocks: list[Block] = [
        Table(
            id="10.2.rules",
            title="Who may do what with which rows, as the steps themselves ask",
            columns=("Structure", "Role", "May", "Rows", "By"),
            rows=rows,
        ),
        *_fields(page),
    ]
    open_ = list(dict.fromkeys(r.structure for r in wide(page.plan.design)))
    narrowed = [g for g in grants(page.plan.design) if not g.rule.everything]
    text = say.enforced(page, bool(narrowed), open_)
    tone: Tone = "warning" if open_ else "info"
    blocks.append(Note(id="10.2.enforced", title="Where it is enforced", text=text, tone=tone))
    return Subsection(id="10.2", title="Access rules", blocks=tuple(blocks))


def _fields(page: Page) -> Iterator[Table]:
    """Promises of privacy, with the fields that they are about."""
    rows = []
    for keeping in page.plan.world.kept:
        if keeping.pledge.kind is PromiseKind.PRIVATE:
            said = keeping.pledge.said
            named = [*said.get("fields", ()), *said.get("sealed", ())]
            fields = ", ".join(w.code(str(f)) for f in named)
            promise = w.sentence(promises.promise(keeping.pledge))
            rows.append((promise, fields or "all fields", promises.kept(keeping, page.steps)))
    if rows:
        yield Table(
            id="10.2.private", title="Promises of privacy", columns=("Promise", "Fields", "Kept by"), rows=tuple(rows)
        )


def _compliance(page: Page) -> Subsection:
    named, known = list(page.plan.complete.model.quality.compliance), loader.compliance()
    rows: list[tuple[str, str, str, str]] = []
    for need in NEEDS:
        asked = [(known[n].name, r) for n in named if n in known for r in known[n].rules if r.needs == need]
        if asked or need in ALWAYS:
            found = answer(need, page.plan.design)
            articles: dict[str, list[str]] = {}
            for law, rule in asked:
                articles.setdefault(law, []).append(rule.article)
            source = "; ".join(
                f"{law} {', '.join(dict.fromkeys(a for a in every if a))}" for law, every in articles.items()
            )
            text = f"{need}: {' '.join(r.text for _, r in asked)}" if asked else need
            rows.append((source or "good practice", text, say.met(found), say.answer(found, page)))
    for name in named:
        if name not in known:
            rows.append((name, "not in the catalog", "**open**", "Ask counsel; add it as a file (CONTRIBUTING.md)."))
    laws = ", ".join(known[n].name if n in known else n for n in named)
    blocks: list[Block] = [
        Table(
            id="10.3.rules",
            title=laws or "No law is named in the brief",
            columns=("Source", "Asks for", "Here", "Answer"),
            rows=tuple(rows),
            note="Whether a law applies, and whether this answers it, is for counsel to say." if named else "",
        ),
        *_data(page),
    ]
    return Subsection(id="10.3", title="Compliance", blocks=tuple(blocks))


def _data(page: Page) -> Iterator[Table]:
    held = holdings(page.plan.design)
    if held:
        rows = tuple(
            (
                w.code(h.structure),
                h.sensitive or "refers to a person",
                page.title(h.store),
                say.ends(h),
                say.copies(h, page),
            )
            for h in held
        )
        yield Table(
            id="10.3.data",
            title="Data about people: where they lie, when they end, who has copies",
            columns=("Structure", "Class", "Store", "Ends", "Copies"),
            rows=rows,
        )
    sent = receivers(page.plan.design)
    if sent:
        rows3 = tuple((w.words(n), w.listed(s, 5) or "nothing that refers to a person") for n, s in sent.items())
        yield Table(id="10.3.receivers", title="Who else receives them", columns=("System", "Gets"), rows=rows3)


def _input(page: Page) -> Subsection:
    design = page.plan.design
    rows = tuple(
        (
            w.code(f"{e.method} {e.path}"),
            say.checked(e),
            w.size(body_at_most(design, e.operation)) if e.body else "none",
        )
        for e in design.endpoints
        if e.request
    )
    blocks: list[Block] = []
    if rows:
        blocks.append(
            Table(
                id="10.4.input",
                title="Input: checked against the schema of the API, unknown fields refused",
                columns=("Endpoint", "Checked", "Body at most"),
                align="<<>",
                rows=rows,
            )
        )
    blocks += [_limits(page), *_scanning(page), _threats(page)]
    return Subsection(id="10.4", title="Input and abuse", blocks=tuple(blocks))


def _limits(page: Page) -> Table:
    tiers = page.plan.complete.model.tiers
    counted = say.limited(page)
    rows = tuple((w.words(n), " + ".join(r.text for r in t.limit), "brief", counted) for n, t in tiers.items())
    if not rows:
        fair = f"{w.count(fair_a_minute(page.plan.design))}/min"
        rows = (("everybody", fair, "assumed: twenty times the mean caller at peak", counted),)
    return Table(
        id="10.4.limits",
        title="Rate limits: beyond them 429 with Retry-After",
        columns=("Tier", "Limit", "Origin", "Counted by"),
        rows=rows,
    )


def _scanning(page: Page) -> Iterator[Table]:
    tool = str(page.plan.design.language.details.get("dependency_audit", AUDIT))
    rows = [(AUDIT, f"{w.code(tool)} in the pipeline ([12.2](#12.2)), each build")]
    for scan in page.plan.complete.model.quality.scanning:
        if scan != AUDIT:
            rows.append(
                (scan, "**not built**: no step of an operation does it; add one, or a service beside the system")
            )
    yield Table(id="10.4.scanning", title="Scanning", columns=("What", "Where"), rows=tuple(rows))


def _threats(page: Page) -> Table:
    rows = tuple((t.attack.value, say.threat(t, page)) for t in threats(page.plan.design, page.plan.sizing))
    return Table(
        id="10.4.threats",
        title="What an attacker would try",
        columns=("Attack", "What stands against it"),
        rows=rows or (("none", "nobody calls, and nothing is called"),),
    )
