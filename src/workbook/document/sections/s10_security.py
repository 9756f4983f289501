"""10 Security, compliance and privacy."""

from __future__ import annotations

from collections.abc import Iterator

from workbook.catalog import loader
from workbook.catalog.model import Rule
from workbook.document import words as w
from workbook.document.blocks import Block, Note, Subsection, Table
from workbook.document.page import Page
from workbook.plan import vocabulary

NUMBER = 10
TITLE = "Security, compliance and privacy"


def build(page: Page) -> Iterator[Subsection]:
    """Authentication, access rules, compliance, input and abuse."""
    yield _authentication(page)
    yield _access(page)
    yield _compliance(page)
    yield _input(page)


def pick(page: Page, kind: str) -> str:
    """The product of a kind: what the brief has or must use, else the cloud's own for small teams, else the simplest."""
    constraints = page.plan.complete.model.constraints
    offers = vocabulary.offers(kind, constraints.avoid)
    named = [t for t in offers if t.id in (*constraints.must_use, *constraints.existing)]
    cloud = page.plan.complete.cloud
    small = page.plan.complete.team_size <= 10
    at_home = [t for t in offers if small and cloud in t.offered and len(t.offered) == 1]
    return (named or at_home or sorted(offers, key=lambda t: (t.complexity, t.id)))[0].name if offers else "none"


def _authentication(page: Page) -> Subsection:
    plan = page.plan
    personas = sorted({o.by for o in plan.complete.operations.values() if o.by})
    hours = 15 if any(e.sensitive in ("health", "payment") for e in plan.complete.entities.values()) else 60
    services = [s.name for s in plan.design.services]
    rows = (
        (
            "People",
            f"OpenID Connect, authorization code with PKCE, through {pick(page, 'identity')}",
            f"{w.listed(personas) or 'callers'}; access token (JWT, {hours} min), refresh token rotated at each use",
        ),
        (
            "Roles",
            f"RBAC: one role for each of {w.listed(personas) or 'the callers'}",
            "least privilege: a role lists its operations in [10.2](#10.2)",
        ),
        (
            "Service to service",
            "mTLS, certificates of 24 h, renewed by themselves"
            if len(services) > 1
            else "one process: no calls to authenticate",
            f"{', '.join(services[:4])}{' …' if len(services) > 4 else ''}",
        ),
        (
            "Stores",
            "TLS, a user a service with rights on its own tables only",
            ", ".join(s.name for s in plan.design.stores if s.technology.port) or "–",
        ),
        (
            "Secrets",
            f"{pick(page, 'secrets')}; rotated every 90 days, read at start, never in the image",
            f"passwords of stores{', keys of ' + w.listed(plan.complete.model.integrations, 3) if plan.complete.model.integrations else ''}",
        ),
        ("Encryption", "TLS 1.3 in transit; AES-256 at rest with keys of the cloud's KMS", _private(page)),
    )
    return Subsection(
        id="10.1", title="Authentication", blocks=(Table(id="10.1.auth", columns=("What", "How", "For"), rows=rows),)
    )


def _private(page: Page) -> str:
    marked = [f"{w.words(n)} ({e.sensitive})" for n, e in page.plan.complete.entities.items() if e.sensitive]
    return (
        f"{', '.join(marked)}: fields masked in logs"
        if marked
        else f"nothing of {page.plan.complete.model.system} is marked as sensitive"
    )


def _access(page: Page) -> Subsection:
    rules = page.plan.design.access
    rows = tuple((w.code(r.table), r.persona, r.rows, ", ".join(w.code(h) for h in r.hidden) or "none") for r in rules)
    blocks: list[Block] = [
        Table(
            id="10.2.rules",
            columns=("Table", "Role", "Rows", "Fields hidden"),
            rows=rows or (("no table", "–", "–", "–"),),
        )
    ]
    owned = next((r for r in rules if r.owner), None)
    if owned:
        blocks.append(
            Note(
                id="10.2.enforced",
                title="Where it is enforced",
                text=f"In the query, not after it: {w.code(owned.table)} is always asked with {w.code(owned.owner)} of the token, so a wrong identifier in a path finds nothing (404).",
            )
        )
    else:
        first = rules[0].table if rules else page.plan.complete.model.system
        blocks.append(
            Note(
                id="10.2.enforced",
                title="Where it is enforced",
                text=f"By role at the gateway: rows of {w.code(first)} belong to nobody in particular.",
            )
        )
    return Subsection(id="10.2", title="Access rules", blocks=tuple(blocks))


def _compliance(page: Page) -> Subsection:
    plan = page.plan
    named = list(plan.complete.model.quality.compliance)
    rows: list[tuple[str, str, str, str]] = []
    for name in named:
        law = loader.compliance().get(name)
        if law is None:
            rows.append((name, "–", "not in the catalog", "ask counsel; add it as a file (CONTRIBUTING.md)"))
            continue
        rows += [(law.name, rule.article, rule.text, _answer(page, rule)) for rule in law.rules[:14]]
    needs = ("deletion", "export", "consent")
    rows += [
        (
            "Good practice" if not named else "Beside it",
            "–",
            need.capitalize(),
            _answer(page, Rule(text=need, needs=need)),
        )
        for need in needs
        if not any(r[2] for r in rows if need in r[2].lower())
    ]
    return Subsection(
        id="10.3",
        title="Compliance",
        blocks=(
            Table(
                id="10.3.rules",
                title=", ".join(loader.compliance()[n].name if n in loader.compliance() else n for n in named)
                or "No law is named in the brief",
                columns=("Law", "Article", "Asks for", "Answer here"),
                rows=tuple(rows),
            ),
        ),
    )


def _answer(page: Page, rule: Rule) -> str:
    """How this design answers a need, in its own tables and numbers."""
    plan = page.plan
    private = [n for n, e in plan.complete.entities.items() if e.sensitive] or list(plan.complete.entities)[:2]
    tables = ", ".join(w.code(t.name) for n in private for t in plan.design.tables_of(n)[:1]) or "memory only"
    people = next(
        (n for n in private if any(n == f.ref for e in plan.complete.entities.values() for f in e.fields.values())),
        private[0] if private else "caller",
    )
    terms = {e: plan.demand.of_entity("retention", e) for e in private}
    kept = [f"{w.words(e)} {d:,.0f} days" for e, d in terms.items() if d < 1e6]
    endless = [e for e, d in terms.items() if d >= 1e6]
    trail = [
        e
        for e in plan.complete.entities
        if plan.complete.kind(e) == "event" and any(word in e for word in ("trail", "audit", "log", "history"))
    ]
    regions = w.listed(plan.complete.model.constraints.regions) or "one region"
    answers = {
        "deletion": f"a job deletes by {w.words(people)} over {tables}, files and {plan.design.cache.name}; backups forget after 35 days",
        "export": f"one call collects the rows of a {w.words(people)} from {tables} as JSON, ready within a day",
        "consent": f"purpose and time of consent stand beside {w.words(people)}; withdrawal stops the work and starts the deletion",
        "retention": "; ".join(
            [
                *kept,
                *(
                    [f"{w.listed(endless, 4)} until the account is deleted: the brief gives no term, set one"]
                    if endless
                    else []
                ),
            ]
        ),
        "encryption": f"AES-256 at rest, TLS 1.3 in transit; fields of {w.listed(private, 3)} by key of their own",
        "access": f"roles of [10.2](#10.2); {w.listed(sorted({str(o.by) for o in plan.complete.operations.values() if o.by}), 4)}",
        "audit": f"{w.listed(trail)} records every access"
        if trail
        else f"each read and write of {w.listed(private, 2)} is logged with who and why, kept apart for a year",
        "breach": f"alert of [9.4](#9.4) → on call → privacy contact; who is affected is found by {w.words(people)} in the access log",
        "residency": f"data of {plan.complete.model.system} stays in {regions}",
        "agreement": f"signed with {plan.complete.cloud}{' and ' + w.listed(plan.complete.model.integrations, 3) if plan.complete.model.integrations else ''}",
        "scope": f"{w.listed(private, 5)}: nothing else holds it",
        "testing": f"{', '.join(plan.complete.model.quality.scanning) or 'dependency audit'} in the pipeline of [12.2](#12.2); restore drill of [9.3](#9.3)",
    }
    return answers.get(rule.needs, f"see {tables}")


def _input(page: Page) -> Subsection:
    plan = page.plan
    rows = []
    for endpoint in plan.design.endpoints:
        if endpoint.request:
            entity = plan.complete.operations[endpoint.operation].entity
            fields = [
                f"{n} ≤ {f.length}"
                for n, f in plan.complete.entities[entity].fields.items()
                if f.length and f.kind == "string"
            ]
            size = (
                max(1024.0, plan.demand.of_operation("request_bytes", endpoint.operation) * 4)
                if plan.complete.kind(entity) != "object"
                else 16_384.0
            )
            rows.append(
                (
                    w.code(f"{endpoint.method} {endpoint.path}"),
                    f"JSON schema, unknown fields refused{'; ' + ', '.join(fields[:4]) if fields else ''}",
                    w.size(size),
                )
            )
    tiers = tuple(
        (
            w.words(n),
            " + ".join(r.text for r in t.limit),
            _algorithm(page),
            "429 with Retry-After, counted by account, then by address",
        )
        for n, t in plan.complete.model.tiers.items()
    )
    if not tiers:
        users = plan.values.get("populations.users.daily_active")
        fair = (
            plan.demand.total("total_peak_qps") / users.best * 60 * 20
            if users and users.best > 0
            else plan.demand.total("total_peak_qps") * 2
        )
        tiers = (
            (
                "everybody",
                f"{max(10, round(fair, -1)):,.0f}/min (twenty times the mean at peak: our assumption)",
                _algorithm(page),
                "429 with Retry-After, counted by account, then by address",
            ),
        )
    scans = plan.complete.model.quality.scanning or ("dependency audit",)
    uploads = [n for n, o in plan.complete.operations.items() if o.verb == "upload"]
    shown = f"before {w.listed(uploads or [plan.design.critical_write], 2)} is shown to others"
    moments = {"pipeline": "in the pipeline", "content": shown, None: "with a tool of its own, before each release"}
    scanning = [(scan, moments[vocabulary.scan_of(scan)]) for scan in scans]
    return Subsection(
        id="10.4",
        title="Input and abuse",
        blocks=(
            Table(
                id="10.4.input",
                title="Input",
                columns=("Endpoint", "Validation", "Body at most"),
                align="<<>",
                rows=tuple(rows) or (("no endpoint takes a body", "–", "–"),),
            ),
            Table(
                id="10.4.limits", title="Rate limits", columns=("Tier", "Limit", "Algorithm", "Beyond it"), rows=tiers
            ),
            Table(id="10.4.scanning", title="Scanning", columns=("What", "When"), rows=tuple(scanning)),
            Table(
                id="10.4.owasp",
                title="What an attacker would try",
                columns=("Attack", "Answer"),
                rows=tuple(_attacks(page)),
            ),
        ),
    )


def _algorithm(page: Page) -> str:
    shared = page.plan.design.cache.port is not None
    return (
        f"token bucket in {page.plan.design.cache.name}: bursts of a page load pass"
        if shared
        else "token bucket in each instance, limit divided by the instances"
    )


def _attacks(page: Page) -> Iterator[tuple[str, str]]:
    plan = page.plan
    stores = [s.name for s in plan.design.stores if s.role == "database"]
    write = w.words(plan.design.critical_write or plan.design.critical_read)
    yield (
        "Injection",
        f"every value of {', '.join(dict.fromkeys(stores)) or 'the store'} queries is bound, none is pasted",
    )
    yield (
        "Another's rows",
        f"{w.code(plan.design.access[0].table) if plan.design.access else 'rows'} are asked with the owner of the token",
    )
    yield "Repeated or forged calls", f"{write}: idempotency key and signed token; replays get the first answer"
    yield (
        "Flooding",
        f"tier limits, then P1 is shed above {w.rate(plan.demand.total('total_peak_qps') * (1 + plan.world.headroom))}",
    )
    fields = [
        f"{e}.{n}"
        for e, v in plan.complete.entities.items()
        for n, f in v.fields.items()
        if f.kind in ("text", "string") and f.bytes >= 60
    ]
    if fields:
        yield (
            "Script in text",
            f"{', '.join(w.code(f) for f in fields[:3])} are stored as they come and escaped where shown",
        )
    if plan.complete.model.integrations:
        yield (
            "Forged webhooks",
            f"calls from {w.listed(plan.complete.model.integrations, 2)} carry a signature and a time, checked within 5 min",
        )
