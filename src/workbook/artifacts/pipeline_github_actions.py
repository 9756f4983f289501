"""The pipeline as a GitHub Actions file: seven stages, each waiting for the one before."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.writing import github_actions as actions
from workbook.artifacts.writing.yaml import dumped
from workbook.plan import Plan
from workbook.plan.operate.rollout import rollout

KIND = "pipeline"
DIALECTS: tuple[str, ...] = ()
STAGES = ("lint", "test", "build", "security-scan", "deploy-staging", "integration-test", "deploy-production")
_COMMANDS: dict[str, tuple[str, str, str, str]] = {
    "python": (
        "pip install uv && uv sync --frozen",
        "uv run ruff check . && uv run ruff format --check . && uv run mypy .",
        "uv run pytest",
        "uvx pip-audit",
    ),
    "java": (
        "mvn -B -q dependency:go-offline",
        "mvn -B checkstyle:check",
        "mvn -B verify",
        "mvn -B org.owasp:dependency-check-maven:check",
    ),
    "go": (
        "go mod download",
        "golangci-lint run && go vet ./...",
        "go test -race ./...",
        "go run golang.org/x/vuln/cmd/govulncheck@latest ./...",
    ),
    "typescript": (
        "corepack enable && pnpm install --frozen-lockfile",
        "pnpm eslint . && pnpm prettier --check . && pnpm tsc --noEmit",
        "pnpm vitest run",
        "pnpm audit --prod",
    ),
}
_SETUP = {
    "python": ("actions/setup-python@v5", "python-version"),
    "java": ("actions/setup-java@v4", "java-version"),
    "go": ("actions/setup-go@v5", "go-version"),
    "typescript": ("actions/setup-node@v4", "node-version"),
}


def make(plan: Plan) -> Iterable[Artifact]:
    """One workflow file."""
    text = (
        "# deploy/apply ENVIRONMENT COMMIT [--percent N], deploy/migrate ENVIRONMENT and deploy/burns ENVIRONMENT are the team's own scripts.\n"
        "# Pin each step of others to a commit before use.\n"
    ) + dumped(workflow(plan))
    yield Artifact(
        kind=KIND,
        subject="github_actions",
        title="Pipeline for GitHub Actions",
        path="pipeline/ci.yml",
        language="yaml",
        text=text,
        dialect="github_actions",
    )


def workflow(plan: Plan) -> dict[str, Any]:
    """The workflow as plain values."""
    language = plan.design.language
    fetch, lint, test, audit = _COMMANDS.get(language.dialect, ("make setup", "make lint", "make test", "make audit"))
    before = [{"uses": "actions/checkout@v4"}, *_setup(plan), {"name": "fetch dependencies", "run": fetch}]
    checkout = before[:1]
    write, read = (
        plan.design.critical_write or plan.design.critical_read,
        plan.design.critical_read or plan.design.critical_write,
    )
    services = [s.id.lower() for s in plan.design.services]  # a registry takes no capitals
    image = "ghcr.io/${{ github.repository }}/${{ matrix.service }}:${{ github.sha }}"
    first = rollout(plan.design, plan.sizing)
    percent = round(first.share * 100)
    scanned = [s for s in plan.complete.model.quality.scanning if "dependency" not in s]
    scans = [actions.comment(f"by its own tool: {s}") for s in scanned]
    steps: dict[str, dict[str, Any]] = {
        "lint": {"steps": [*before, {"name": "lint", "run": lint}]},
        "test": {"steps": [*before, {"name": "tests, among them a worker given one event twice", "run": test}]},
        "build": {
            "permissions": {"contents": "read", "packages": "write"},
            "strategy": {"matrix": {"service": services}},
            "steps": [
                *checkout,
                {
                    "name": "log in",
                    "run": 'echo "${{ github.token }}" | docker login ghcr.io -u "${{ github.actor }}" --password-stdin',
                },
                {
                    "name": "image",
                    "run": f"docker build --build-arg SERVICE=${{{{ matrix.service }}}} -t {image} .\ndocker push {image}\n",
                },
            ],
        },
        "security-scan": {
            "steps": [*before, {"name": "known holes in dependencies", "run": "\n".join([audit, *scans])}]
        },
        "deploy-staging": {
            "environment": "staging",
            "steps": [
                *checkout,
                {
                    "name": "migrate forward, then roll out",
                    "run": 'deploy/migrate staging\ndeploy/apply staging "$GITHUB_SHA"\n',
                },
            ],
        },
        "integration-test": {
            "steps": [
                *before,
                {
                    "name": f"{write.replace('_', ' ')}, then {read.replace('_', ' ')} sees it",
                    "run": "deploy/smoke staging",
                    "env": {"WRITE_OPERATION": write, "READ_OPERATION": read},
                },
            ]
        },
        "deploy-production": {
            "environment": "production",
            "steps": [
                *checkout,
                {"name": "migrate forward", "run": "deploy/migrate production"},
                {
                    "name": f"{percent} % first",
                    "run": f'deploy/apply production "$GITHUB_SHA" --percent {percent}\nsleep {first.seconds:.0f}\n',
                },
                {
                    "name": "all, or back when the error budget burns",
                    "run": 'if deploy/burns production; then\n  deploy/apply production "${{ github.event.before }}"\n  exit 1\nfi\ndeploy/apply production "$GITHUB_SHA"\n',
                },
            ],
        },
    }
    jobs: dict[str, Any] = {}
    for number, stage in enumerate(STAGES):
        needs = {"needs": STAGES[number - 1]} if number else {}
        deployed = {"if": "github.ref == 'refs/heads/main'"} if number >= STAGES.index("deploy-staging") else {}
        jobs[stage] = {"runs-on": "ubuntu-latest", "timeout-minutes": 30, **needs, **deployed, **steps[stage]}
    return {
        "name": actions.string(plan.complete.model.system),
        "on": {"push": {"branches": ["main"]}, "pull_request": {}},
        "permissions": {"contents": "read"},
        "concurrency": {"group": "${{ github.workflow }}-${{ github.ref }}", "cancel-in-progress": False},
        "jobs": jobs,
    }


def _setup(plan: Plan) -> list[dict[str, Any]]:
    language = plan.design.language
    if language.dialect not in _SETUP:
        return []
    action, key = _SETUP[language.dialect]
    extra = {"distribution": "temurin"} if language.dialect == "java" else {}
    return [{"uses": action, "with": {key: str(language.details.get("version", "")), **extra}}]
