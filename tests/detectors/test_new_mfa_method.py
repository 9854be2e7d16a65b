from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import DirectoryChange
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    PARIS,
    STRANGER,
    TOKYO,
    TOR,
    Place,
    alerted,
    changes,
    laptop,
    place,
)
from story import Story, alice, dave, rules, when

FILE = "new_mfa_method"
REGISTERED = "User registered security info"
ANOTHER_EXIT = place(
    "198.51.100.7",
    (64510, "More Relays", ""),
    ("FR", "Paris", 48.8566, 2.3522),
    tags=("tor",),
    feeds=("tor_exit_nodes.txt@example",),
)


def registers(
    where: Place | None = LAGOS, time: str = "09:30", who: str = "alice", **fields: Any
) -> DirectoryChange:
    operation = fields.pop("operation", REGISTERED)
    return changes(who, where, when(time), operation, fields.pop("client", STRANGER), **fields)


@pytest.mark.parametrize(
    ("operation", "changed"),
    [
        (REGISTERED, ()),
        ("User registered all required security info", ()),
        ("Update user", (("StrongAuthenticationMethod", "[]", '[{"MethodType":6}]'),)),
    ],
)
def test_a_stranger_signs_in_and_registers_a_method(
    operation: str, changed: tuple[tuple[str, str, str], ...]
) -> None:
    story = Story(FILE, alice)
    before = story.signs_in(alice, LAGOS, "09:00", STRANGER)
    act = registers(operation=operation, changes=changed)
    found = story.tells([act]).only()
    assert (found.risk_event_type, found.risk_level) == ("x_newMfaMethodAfterRisk", "medium")
    assert found.activity == "user"
    assert {line.event_ids for line in found.explanation.evidence} == {(act.id,), (before.id,)}


def test_a_registration_read_late_follows_the_risk_before_it_not_the_one_after() -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    story.signs_in(alice, TOR, "09:00", STRANGER)
    story.signs_in(alice, ANOTHER_EXIT, "09:40", STRANGER)
    story.tells([registers(TOR, "09:30"), registers(TOR, "08:30")])
    found = [d for d in story.detections() if d.risk_event_type.startswith("x_")]
    assert [(d.risk_level, d.activity_date_time) for d in found] == [("high", when("09:30"))]
    evidence = found[0].explanation.evidence
    assert any(line.label == "Risk before" and "09:00" in line.observed for line in evidence)


def test_while_a_detection_is_open_it_is_high() -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    story.signs_in(alice, TOR, "09:00", STRANGER)
    story.tells([registers(TOR)])
    found = next(d for d in story.detections() if d.risk_event_type.startswith("x_"))
    assert found.risk_level == "high"
    assert {"risk", "same place"} <= rules(found)


def test_what_the_provider_has_found_counts_too() -> None:
    story = Story(FILE, alice)
    risk = {"risk_event_type": "leakedCredentials", "severity": "high"}
    story.tells([alerted("alice", when("08:00"), "Leaked credentials", "Entra", **risk)])
    story.tells([registers()])
    assert [d.risk_level for d in story.detections() if d.origin == "risktui"] == ["high"]


def test_without_any_risk_a_strange_place_alone_is_none() -> None:
    Story(FILE, alice).tells([registers()]).stays_quiet()


def test_a_stranger_in_lagos_and_a_registration_in_paris_with_the_own_laptop() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    story.tells([registers(PARIS, client=laptop("alice"))]).stays_quiet()


@pytest.mark.parametrize("where", [HQ, TOKYO])
def test_at_home_everybody_may_register(where: Place) -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    story.signs_in(alice, TOR, "09:00", STRANGER)
    story.tells([registers(where)])
    assert {d.risk_event_type for d in story.detections()} == {"anonymizedIPAddress"}


def test_once_the_risk_is_closed_it_may_be_done_anywhere() -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    story.signs_in(alice, TOR, "2026-03-01 23:00", STRANGER)
    story.judges(alice, "dismiss", "2026-03-02 23:30")
    story.tells([registers(HOSTING, "2026-03-03 09:00")])
    assert {d.risk_event_type for d in story.detections()} == {"anonymizedIPAddress"}


def test_two_days_later_is_another_matter() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    story.tells([registers(time="2026-03-04 10:00")]).stays_quiet()


def test_a_newcomer_registers_from_home() -> None:
    story = Story(FILE, dave)
    story.signs_in(dave, LAGOS, "09:00", STRANGER)
    story.tells([registers(who="dave")]).stays_quiet("learning")


def test_a_registration_that_failed_is_none() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    story.tells([registers(succeeded=False)]).stays_quiet()


def test_another_change_of_the_account_is_none() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    other = (("City", "Tokyo", "Lagos"),)
    story.tells([registers(operation="Update user", changes=other)]).stays_quiet()
