from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import Client
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    MOBILE,
    STRANGER,
    TOKYO,
    alerted,
    laptop,
)
from story import Story, alice, neighbour, rules, when

FILE = "attacker_in_the_middle"
PRODUCT = "Microsoft Defender XDR"
COMPROMISED = "User compromised in AiTM phishing attack"
ATTEMPT = "Possible AiTM phishing attempt"
HOME: dict[str, Any] = {
    "app_id": "4765445b-32c6-49b0-83e6-1d93765276ca",
    "app_display_name": "OfficeHome",
    "session_id": "s-1",
}
AXIOS = Client(user_agent="axios/1.7.2")
LISTED = neighbour(HOSTING, 150, tags=("aitm",), feeds=("kits.txt@example",))


@pytest.mark.parametrize("title", [COMPROMISED, COMPROMISED.upper()])
def test_defenders_verdict_is_high_at_once(title: str) -> None:
    found = Story(FILE, alice).tells([alerted("alice", when("09:00"), title, PRODUCT)]).only()
    assert (found.risk_level, found.activity, found.request_id) == ("high", "user", "")


def test_a_chain_of_four_kinds_is_high() -> None:
    story = Story(FILE, alice)
    first = story.signs_in(alice, HOSTING, "09:00", STRANGER, **HOME)
    story.reads(alice, LAGOS, "09:20", session_id="s-1", client=STRANGER)
    story.stays_quiet()
    story.sets_rule(alice, LAGOS, "09:30")
    found = story.only()
    assert found.risk_level == "high"
    assert {"H1", "H2", "H3", "H8"} <= rules(found)
    assert found.event_ids[0] == first.id


def test_the_program_of_a_kit_and_its_session_elsewhere() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", AXIOS, **HOME)
    story.signs_in(alice, HOSTING, "09:10", STRANGER, session_id="s-1", is_interactive=False)
    assert {"H1", "H3", "H4"} <= rules(story.only())


@pytest.mark.parametrize("alert_first", [True, False])
def test_an_attempt_and_a_suspicious_sign_in_together(alert_first: bool) -> None:
    story = Story(FILE, alice)
    alert = alerted("alice", when("08:50" if alert_first else "09:10"), ATTEMPT, PRODUCT)
    if alert_first:
        story.tells([alert])
    story.signs_in(alice, HOSTING, "09:00", STRANGER, **HOME)
    if not alert_first:
        story.tells([alert])
    assert story.only().risk_level == "high"


def test_a_known_proxy_and_the_session_elsewhere() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LISTED, "09:00", STRANGER, session_id="s-1")
    story.reads(alice, LAGOS, "09:05", session_id="s-1")
    found = story.only()
    assert found.risk_level == "high"
    assert found.explanation.feeds == ("kits.txt@example",)


def test_a_known_proxy_where_the_password_was_wrong_is_nothing() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LISTED, "09:00", STRANGER, session_id="s-1", error_code=50126)
    story.reads(alice, LAGOS, "09:05", session_id="s-1")
    story.stays_quiet()


def test_the_portals_page_from_the_office_is_ordinary() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", laptop("alice"), **HOME)
    story.sets_rule(alice, HQ, "09:10")
    story.stays_quiet()


def test_an_attempt_alone_is_a_note() -> None:
    story = Story(FILE, alice).tells([alerted("alice", when("09:00"), ATTEMPT, PRODUCT)])
    story.stays_quiet("attempt")


def test_three_points_of_a_strange_sign_in_are_other_detectors_business() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HOSTING, "09:00", STRANGER, **HOME)
    story.reads(alice, LAGOS, "09:20", session_id="s-1", client=STRANGER)
    story.stays_quiet()


def test_a_proxy_of_the_organisations_own_is_held_back() -> None:
    own = '[attackerinTheMiddle]\nown_proxies = ["203.0.113.14"]'
    story = Story(FILE, alice, settings=own)
    story.signs_in(alice, HOSTING, "09:00", STRANGER, **HOME)
    story.reads(alice, LAGOS, "09:20", session_id="s-1", client=STRANGER)
    story.sets_rule(alice, LAGOS, "09:30")
    story.stays_quiet("own proxy")


def test_a_phone_between_home_and_carrier_is_ordinary() -> None:
    story = Story(FILE, alice)
    phone = Client(user_agent="Mozilla/5.0 (iPhone)", browser="Safari", operating_system="iOS 18")
    story.signs_in(alice, TOKYO, "09:00", phone, **HOME)
    story.signs_in(alice, MOBILE, "09:20", phone, **HOME)
    story.sets_rule(alice, MOBILE, "09:30")
    story.stays_quiet()


@pytest.mark.parametrize(
    "title",
    ["Mimikatz credential theft tool", "A potentially malicious URL click was detected"],
)
def test_other_alerts_are_another_matter(title: str) -> None:
    Story(FILE, alice).tells([alerted("alice", when("09:00"), title, PRODUCT)]).stays_quiet()


def test_outlook_read_by_a_proxy_is_told_of() -> None:
    agent = "Client=OWA;Action=ViaProxy"
    story = Story(FILE, alice)
    story.signs_in(alice, HOSTING, "09:00", Client(user_agent=agent), session_id="s-1")
    story.reads(alice, LAGOS, "09:20", session_id="s-1")
    assert {"H2", "H3", "H5"} <= rules(story.only())
