"""Alerting rules for Prometheus: the error budget in several windows, slow operations, consumers behind, a cache that misses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from workbook.artifacts.base import Artifact
from workbook.artifacts.writing import prometheus
from workbook.artifacts.writing.yaml import dumped
from workbook.plan import Plan
from workbook.plan.design.model import Topic
from workbook.plan.names import camel, words

KIND = "alerts"
DIALECTS: tuple[str, ...] = ()
RUNBOOK = "9.5"
REQUESTS = "http_server_request_duration_seconds"
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")
BURNS = (
    (14.4, "1h", "5m", "2m", "page"),
    (6.0, "6h", "30m", "15m", "page"),
    (3.0, "1d", "2h", "1h", "ticket"),
    (1.0, "3d", "6h", "3h", "ticket"),
)
"""Factor, long window, short window, how long, severity: Google SRE workbook, chapter 5, table 5-8."""
LAG = {
    "kafka": 'sum by (consumergroup, topic) (kafka_consumergroup_lag{{consumergroup="{group}", topic="{topic}"}})',
    "rabbitmq": 'max(rabbitmq_queue_messages_ready{{queue="{topic}.{group}"}})',
    "sqs": 'max(aws_sqs_approximate_number_of_messages_visible_maximum{{queue_name=~"{plain}_{plain_group}.*"}})',
    "nats": 'max(nats_consumer_num_pending{{consumer_name="{plain_group}"}})',
    "redis_streams": 'max(redis_stream_group_lag{{stream="{topic}", group="{group}"}})',
    "outbox": 'max(outbox_waiting_events{{topic="{topic}"}})',
}
HITS = {
    "redis": ("redis_keyspace_hits_total", "redis_keyspace_misses_total"),
    "memcached": (
        'memcached_commands_total{command="get", status="hit"}',
        'memcached_commands_total{command="get", status="miss"}',
    ),
    "in_process": ("cache_hits_total", "cache_misses_total"),
}
LEAST_HITS = 0.8


def make(plan: Plan) -> Iterable[Artifact]:
    """One rules file."""
    groups = [_budget(plan), _latency(plan), _lag(plan), _cache(plan), _machines(plan)]
    text = dumped({"groups": [g for g in groups if g["rules"]]})
    yield Artifact(
        kind=KIND,
        subject="prometheus",
        title="Alerting rules for Prometheus",
        path="alerts/rules.yml",
        language="yaml",
        text=text,
        dialect="prometheus",
    )


def _alert(name: str, expression: str, lasts: str, severity: str, summary: str) -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression,
        "for": lasts,
        "labels": {"severity": severity},
        "annotations": {"summary": summary, "runbook": RUNBOOK},
    }


def _budget(plan: Plan) -> dict[str, Any]:
    availability = plan.complete.quality("availability").best
    allowed = f"{1 - availability:.6g}"
    rules: list[dict[str, Any]] = []
    for window in WINDOWS:
        bad = f'sum by (service) (rate({REQUESTS}_count{{http_response_status_code=~"5.."}}[{window}]))'
        good = f"sum by (service) (rate({REQUESTS}_count[{window}]))"
        rules.append({"record": f"service:request_errors:ratio_rate{window}", "expr": f"{bad} / {good}"})
    possible = [burn for burn in BURNS if burn[0] * (1 - availability) < 1]
    for factor, long, short, lasts, severity in possible:
        over = [f"service:request_errors:ratio_rate{w} > {factor:g} * {allowed}" for w in (long, short)]
        summary = f"{{{{ $labels.service }}}} burns its error budget ({availability * 100:.6g} % over 30 days) {factor:g} times too fast"
        rules.append(_alert(f"ErrorBudgetBurn{long.upper()}", " and ".join(over), lasts, severity, summary))
    return {"name": "error-budget", "rules": rules}


def _latency(plan: Plan) -> dict[str, Any]:
    rules = []
    for endpoint in plan.design.endpoints:
        name = endpoint.operation
        first = plan.complete.priority(name) == "P0"
        if endpoint.style != "websocket" and (first or name in (plan.design.critical_write, plan.design.critical_read)):
            target = plan.complete.latency(name).best
            expression = f"histogram_quantile(0.99, sum by (le) (rate({REQUESTS}_bucket{{operation={prometheus.string(name)}}}[5m]))) > {target:g}"
            rules.append(
                _alert(
                    f"Slow{camel(plan.complete.names.operation(name))}",
                    expression,
                    "10m",
                    "page" if first else "ticket",
                    f"{prometheus.template(words(name))}: p99 above {target:g} s",
                )
            )
    return {"name": "latency", "rules": rules}


def lag_limit(topic: Topic) -> int:
    """Events waiting that mean ten minutes of work at peak, at least a thousand."""
    return max(1000, round(topic.per_second * 600))


def _lag(plan: Plan) -> dict[str, Any]:
    pattern = LAG.get(plan.design.messaging.dialect, 'max(consumer_lag{{topic="{topic}", group="{group}"}})')
    rules = []
    for topic in plan.design.topics:
        severity = "page" if plan.complete.priority(topic.operation) == "P0" else "ticket"
        groups = topic.groups[:1] if plan.design.messaging.dialect == "outbox" else topic.groups
        for group, _ in groups:
            names = {
                "topic": topic.name,
                "group": group,
                "plain": topic.name.replace(".", "_").replace("-", "_"),
                "plain_group": group.replace("-", "_"),
            }
            expression = f"{pattern.format(**names)} > {lag_limit(topic)}"
            alert = f"Lag{camel(topic.event)}{camel(group.replace('-', '_'))}"
            rules.append(
                _alert(
                    alert,
                    expression,
                    "5m",
                    severity,
                    prometheus.template(f"{group} is more than {lag_limit(topic)} events behind on {topic.name}"),
                )
            )
    return {"name": "lag", "rules": rules}


def _cache(plan: Plan) -> dict[str, Any]:
    rules = []
    if plan.design.caches:
        hits, misses = HITS.get(plan.design.cache.dialect, HITS["in_process"])
        ratio = f"sum(rate({hits}[15m])) / (sum(rate({hits}[15m])) + sum(rate({misses}[15m]))) < {LEAST_HITS:g}"
        rules.append(
            _alert(
                "CacheMisses",
                ratio,
                "15m",
                "ticket",
                f"less than {LEAST_HITS:.0%} of the reads are answered by {plan.design.cache.name}",
            )
        )
    return {"name": "cache", "rules": rules}


def _machines(plan: Plan) -> dict[str, Any]:
    return {
        "name": "machines",
        "rules": [
            _alert(
                "TargetDown", "up == 0", "2m", "page", "{{ $labels.job }} on {{ $labels.instance }} does not answer"
            ),
            _alert(
                "DiskFillsUp",
                'predict_linear(node_filesystem_avail_bytes{fstype!~"tmpfs|overlay"}[6h], 4 * 86400) < 0',
                "1h",
                "ticket",
                "{{ $labels.instance }} {{ $labels.mountpoint }} is full within four days",
            ),
        ],
    }
