"""One example's words stay out of another's report, and the reports differ as their briefs do."""

from __future__ import annotations

import itertools
import re
from functools import cache

import pytest

from workbook.brief import load, loads
from workbook.document import build
from workbook.document.show import section_markdown
from workbook.guide import new
from workbook.plan import Plan, derive

BRIEFS = ("chat", "feed", "music", "clinic")
WORDS_PER_SECTION = {
    0: 750,
    1: 3500,
    2: 4500,
    3: 6500,
    4: 4500,
    5: 9500,
    6: 13000,
    7: 2500,
    8: 5000,
    9: 7500,
    10: 3000,
    11: 2200,
    12: 3200,
    13: 1750,
}
"""Words of tables and prose together, code left out. The deep sections may be long; the summary may not."""


@cache
def _plan(name: str) -> Plan:
    return derive(load(name))


@cache
def _markdown(name: str) -> str:
    return "\n".join(section_markdown(s) for s in build(_plan(name)))


def _without_code(text: str) -> str:
    return re.sub(r"(?ms)^(`{3,}).*?^\1\s*$", "", text)


def _names(name: str) -> set[str]:
    model = _plan(name).complete.model
    return {*model.entities, *model.operations, *model.features}


@pytest.mark.parametrize(("one", "other"), list(itertools.permutations(BRIEFS, 2)))
def test_no_word_of_another_example(one: str, other: str) -> None:
    """No entity, operation or feature of one example stands in another's report, unless its own brief says the word."""
    from workbook import _files

    own_words = set(
        re.findall(
            r"[a-z]+(?:[_ ][a-z]+)*", _files.path(f"assets/briefs/{one}.yaml").read_text(encoding="utf-8").lower()
        )
    )
    text = _markdown(one).lower()
    found = []
    for name in _names(other) - _names(one):
        for form in {name.lower(), name.replace("_", " ").lower()}:
            said = any(re.search(rf"\b{re.escape(form)}s?\b", w) for w in own_words)
            if not said and re.search(rf"(?<![a-z_]){re.escape(form)}s?(?![a-z_])", text):
                found.append(form)
    assert found == []


def _prose(name: str) -> list[str]:
    """Lines that are sentences: neither headings, tables nor code; names of the brief masked, numbers kept."""
    model = _plan(name).complete.model
    parts = (model.entities, model.operations, model.features, model.populations, model.personas, model.integrations)
    masked = {form for part in parts for n in part for form in (n, n.replace("_", " "))} | {model.system}
    titles = {f.title for f in model.features.values() if f.title}
    pattern = re.compile("|".join(sorted((re.escape(m.lower()) for m in masked | titles), key=len, reverse=True)))
    lines = []
    for line in _without_code(_markdown(name)).splitlines():
        stripped = line.strip()
        if (
            not stripped
            or stripped.startswith(("|", "#", "```"))
            or re.fullmatch(r"\*\*[^*]*\*\*", stripped)
            or len(stripped.split()) < 4
        ):
            continue
        lines.append(pattern.sub("X", stripped.lower()))
    return lines


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(BRIEFS, 2)))
def test_prose_differs(one: str, other: str, capsys: pytest.CaptureFixture[str]) -> None:
    """At most 35 % of the prose lines of two reports are the same once the names of the briefs are masked."""
    first, second = _prose(one), set(_prose(other))
    same = [line for line in first if line in second]
    share = len(same) / max(1, len(first))
    with capsys.disabled():
        print(f"\n{one} and {other}: {share:.0%} of {len(first)} prose lines are the same")
    assert len(first) >= 20
    assert share <= 0.35, same[:20]


@pytest.mark.parametrize("brief", BRIEFS)
@pytest.mark.requirement("HX6", "H0")
def test_word_budget(brief: str) -> None:
    """Each section keeps its budget of words, and the summary is two to four paragraphs."""
    over = {}
    for section in build(_plan(brief)):
        count = len(_without_code(section_markdown(section)).split())
        if count > WORDS_PER_SECTION[section.number]:
            over[section.number] = count
    assert over == {}
    summary = build(_plan(brief))[0].subsections[0].blocks[0]
    assert 2 <= len(summary.paragraphs) <= 4  # type: ignore[attr-defined]


@pytest.mark.parametrize("brief", BRIEFS)
@pytest.mark.requirement("HX5")
def test_markdown_is_plain(brief: str) -> None:
    """The Markdown has no image, no HTML tag outside code, and tables."""
    text = _without_code(_markdown(brief))
    bare = re.sub(r"`[^`\n]*`", "", text)
    assert "![" not in bare
    assert re.search(r"</?(table|div|span|img|br|p|svg|script)\b", bare) is None
    assert text.count("| ---") > 20


@pytest.mark.requirement("HV3")
def test_feed_customization() -> None:
    """The document's own customization shows: Java, Kafka, Redis, Post creation, Feed generation."""
    text = _markdown("feed")
    for word in ("Java", "Kafka", "Redis", "Post creation", "Feed generation"):
        assert word in text
    assert _plan("feed").design.critical_write == "publish_post"
    assert _plan("feed").design.critical_read == "load_feed"


@pytest.mark.requirement("HV3")
def test_chat_customization() -> None:
    """The WhatsApp-like chat has delivery, real-time sync, storage, groups and end-to-end encryption as P0."""
    model = _plan("chat").complete.model
    for feature in ("message_delivery", "realtime_sync", "message_history", "large_chats", "end_to_end_encryption"):
        assert model.features[feature].priority == "P0"


@pytest.mark.parametrize(
    ("sentence", "system"),
    [
        (
            "Design a scalable chat system like WhatsApp. Include message delivery, real-time sync, storage, groups, and end-to-end encryption",
            "Chat system",
        ),
        ("A website where guests of a hotel chain book rooms", "hotel"),
        ("Keep account of what zebras eat", "zebra"),
    ],
)
def test_a_sentence_is_enough(sentence: str, system: str) -> None:
    """A sentence becomes a brief that derives and gives all fourteen sections."""
    plan = derive(loads(new(sentence)))
    assert len(build(plan)) == 14
    assert system.lower() in (plan.complete.model.system + plan.complete.model.statement).lower()
