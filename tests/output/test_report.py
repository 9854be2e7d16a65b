"""Incident reports: complete, and nothing in them acts."""

from __future__ import annotations

import msgspec
import pytest
from markdown_it import MarkdownIt

from risktui.model.events import Client, Location
from risktui.model.risk import (
    Detection,
    Evidence,
    Explanation,
    LevelAlgebra,
    RiskLevel,
    RiskState,
    RiskyUser,
    RiskyUserHistoryItem,
    Suppression,
)
from risktui.output.report import Incident, report, text
from risktui.store.sessions import SessionStory, Step

NINE = 1_778_835_600_000
NASTY = "[x](javascript:alert(1)) <script>a|b</script> `c` \x1b[2J\u202e=1+1 http://e.example"


def incident(word: str = "plain") -> Incident:
    why = Explanation(
        headline=word,
        evidence=(Evidence(label=word, observed=word, baseline="never", weight=0.6),),
        level=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH),
        tips=(word,),
    )
    detection = Detection(
        id="d1",
        risk_event_type="passwordSpray",
        risk_level=RiskLevel.HIGH,
        ip_address="203.0.113.9",
        location=Location("NG", "", "Lagos"),
        client=Client(browser=word),
        activity_date_time=NINE,
        detected_date_time=NINE,
        last_updated_date_time=NINE,
        user_id="carol",
        explanation=why,
    )
    user = RiskyUser(id="carol", user_principal_name=word, risk_level=RiskLevel.HIGH, reason=word)
    item = RiskyUserHistoryItem(
        id="h",
        user_id="carol",
        time=NINE,
        risk_level=RiskLevel.NONE,
        risk_state=RiskState.DISMISSED,
        initiated_by="olga",
        place="desk-7 pts/3",
        note=word,
    )
    steps = [Step(time=NINE, kind="file", text=word, place="Lagos, NG", count=41)]
    return Incident(
        user=user,
        detections=[detection],
        history=[item],
        sessions=[SessionStory(session_id="s", begin=NINE, end=NINE, steps=steps, left_out=3)],
        suppressions=[
            Suppression(
                time=NINE,
                user_id="carol",
                risk_event_type="newCountry",
                event_id="e",
                rule="M4",
                reason=word,
            )
        ],
    )


def test_it_tells_what_was_found_what_happened_and_who_decided() -> None:
    told = report(incident("her words"), written=NINE, author="olga@desk-7", label="PROD")
    for part in (
        "# Incident report: her words",
        "### 2026-05-15T09:00:00.000Z passwordSpray: high",
        "| 60% | her words | her words | never |",
        "- Place: Lagos, NG",
        "| 2026-05-15T09:00:00.000Z | her words (×41) | Lagos, NG |  |",
        "3 steps more.",
        "| olga, desk-7 pts/3 | her words |",
        "| newCountry | M4 | her words |",
        "PROD · written 2026-05-15T09:00:00.000Z by olga@desk-7 with risktui",
    ):
        assert part in told, part


def test_what_an_attacker_wrote_is_neither_markup_nor_link_nor_table() -> None:
    told = report(incident(NASTY), written=NINE)
    assert "<script" not in told.replace("\\<script", "")
    assert "](javascript:" not in told
    assert "[x]" not in told
    assert "http://" not in told
    assert "\x1b" not in told
    assert "\u202e" not in told
    rows = [line for line in told.splitlines() if line.startswith("| 60%")]
    assert [row.replace("\\|", "").count("|") for row in rows] == [5]


def test_a_text_stays_on_its_line_and_within_bounds() -> None:
    assert "\n" not in text("a\nb\r\n# c")
    assert len(text("y" * 100_000)) < 2_000


def test_somebody_without_any_risk_has_a_report_too() -> None:
    told = report(Incident(user=RiskyUser(id="eve")), written=NINE)
    assert "Nothing." in told
    assert "## What happened" not in told


def _shapes(markdown: str) -> list[str]:
    """What a reader of GitHub's Markdown makes of it: blocks, links, images, but no words."""
    reader = MarkdownIt("gfm-like")
    assert reader.linkify is not None
    reader.linkify.set({"fuzzy_link": False, "fuzzy_email": False})  # which GitHub does not do
    inline = ("text", "softbreak", "text_special")
    return [
        each.type
        for block in reader.parse(markdown)
        for each in (block, *(block.children or ()))
        if each.type not in inline
    ]


@pytest.mark.parametrize(
    "word",
    [
        *("1. one", "2) two", "- x", "+ x", "* x", "--- ", "=== ", "> q", "# x", "    code"),
        *(
            "~~~",
            "```",
            "a`b",
            "![x](//evil.com)",
            "//evil.com/x",
            "https://evil.com",
            "ftp://evil.com",
        ),
        *("http&#58;//evil.com", "www.evil.com/", "[a]: //evil.com", "<!-- ", "| a |", "\\", "x  "),
    ],
)
def test_no_name_begins_a_list_a_rule_or_a_link_where_it_stands_alone(word: str) -> None:
    hostile = incident(word)
    user = msgspec.structs.replace(hostile.user, id=word)
    plain = _shapes(report(incident(), written=NINE))
    assert _shapes(report(msgspec.structs.replace(hostile, user=user), written=NINE)) == plain


def test_an_address_stays_readable() -> None:
    assert text("203.0.113.9") == "203.0.113.9"
    assert text("2026-03-02") == "2026-03-02"


def test_of_what_was_held_back_the_latest_are_told_and_the_rest_is_counted() -> None:
    told = incident("x")
    held = [
        msgspec.structs.replace(told.suppressions[0], time=NINE + n, event_id=f"e{n}", rule=f"R{n}")
        for n in range(250)
    ]
    written = report(msgspec.structs.replace(told, suppressions=held), written=NINE)
    assert "50 earlier ones more." in written
    assert "| R249 |" in written
    assert "| R49 |" not in written
