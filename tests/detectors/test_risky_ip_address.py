from __future__ import annotations

import json
from typing import Any

import pytest

from risktui.detect import ApiCall, Client, DirectoryChange, Event, MailSent
from risktui.detect.examples import (
    LONDON,
    NEW_YORK,
    TOKYO,
    TOR,
    VPN,
    Place,
    does,
    place,
    reads,
    sets_rule,
)
from risktui.logs.formats.registry import decode
from story import Person, Story, alice, carol, colleagues, erin, neighbour, rules, told, when

FILE = "risky_ip_address"
PROXY = neighbour(NEW_YORK, 150, tags=("proxy",), asn=64520)
PRIVATE_VPN = neighbour(LONDON, 50, tags=("vpn",), asn=64521)
RELAY = neighbour(NEW_YORK, 160, tags=("relay", "vpn"), asn=64522)


def acts(kind: type[Event], who: Person, where: Place, time: str, **fields: Any) -> Event:
    """Any other activity, whose records seldom say with which program."""
    return does(kind, who.name, where, when(time), Client(), **fields)


def test_a_file_opened_from_tor_is_medium() -> None:
    story = Story(FILE, alice)
    event = story.reads(alice, TOR, "09:00")
    found = story.only()
    assert found.risk_level == "medium"
    assert found.activity == "user"
    assert found.detection_timing_type == "offline"
    assert found.event_ids == (event.id,)


def test_an_inbox_rule_five_minutes_later_makes_it_high_and_one() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOR, "09:00")
    story.sets_rule(alice, TOR, "09:05")
    found = story.only()
    assert found.risk_level == "high"
    assert found.count == 2
    assert "act" in rules(found)


def test_a_listed_ipv6_vpn_is_low() -> None:
    v6 = place("2001:db8:ffff::1", (64523, "Veil", ""), ("SE", "Malmö", 55.6, 13.0), tags=("vpn",))
    story = Story(FILE, carol)
    story.reads(carol, v6, "09:00")
    assert story.only().risk_level == "low"


@pytest.mark.parametrize("kind", ["proxy", "residential"])
def test_a_proxy_is_medium(kind: str) -> None:
    story = Story(FILE, carol)
    story.reads(carol, neighbour(PROXY, 151, tags=(kind,)), "09:00")
    assert story.only().risk_level == "medium"


@pytest.mark.parametrize(
    ("kind", "fields", "level"),
    [
        (MailSent, {"operation": "Send"}, "high"),
        (ApiCall, {"operation": "GET /me/messages"}, "medium"),
        (DirectoryChange, {"operation": "Add member to role"}, "high"),
        (DirectoryChange, {"operation": "Update user"}, "medium"),
    ],
)
def test_every_kind_of_activity_counts(
    kind: type[Event], fields: dict[str, str], level: str
) -> None:
    story = Story(FILE, alice).tells([acts(kind, alice, TOR, "09:00", **fields)])
    assert story.only().risk_level == level


def test_many_files_raise_the_level() -> None:
    story = Story(FILE, alice)
    for minute in range(30):
        story.reads(alice, TOR, f"09:{minute:02}")
    found = story.only()
    assert found.risk_level == "high"
    assert found.explanation.thresholds[0].actual == 25


def test_the_same_range_three_hours_later_is_counted_and_not_new() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOR, "09:00")
    story.reads(alice, neighbour(TOR, 201), "12:00")
    assert story.only().count == 2


def test_another_range_is_another_detection() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOR, "09:00")
    story.reads(alice, PROXY, "09:10")
    assert len(story.detections()) == 2


# The ordinary life that looks like it


def test_the_company_vpn_used_by_many_managed_devices_stays_quiet() -> None:
    story = Story(FILE, alice, *colleagues(8, VPN))
    story.reads(alice, VPN, "09:00")
    story.stays_quiet("M4")


def test_an_administrator_works_through_the_company_vpn() -> None:
    story = Story(FILE, erin, *colleagues(8, VPN))
    story.tells([acts(DirectoryChange, erin, VPN, "09:00", operation="Add member to role")])
    story.stays_quiet("M4")


def test_tor_is_not_softened_by_being_shared() -> None:
    story = Story(FILE, alice, *colleagues(8, TOR))
    story.reads(alice, TOR, "09:00")
    assert story.only().risk_level == "medium"


def test_a_privacy_relay_stays_quiet() -> None:
    story = Story(FILE, alice)
    story.reads(alice, RELAY, "09:00")
    story.stays_quiet("M6")


def test_activity_after_a_sign_in_from_there_belongs_to_the_sign_in() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", session_id="s")
    story.reads(alice, TOR, "09:05", session_id="s")
    story.sets_rule(alice, neighbour(TOR, 201), "09:10")
    story.stays_quiet("sign-in")


def test_a_change_whose_record_names_no_network_belongs_to_the_sign_in_as_well() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00")
    nameless = neighbour(TOR, 200, asn=0, organisation="", kind="")
    story.tells([acts(DirectoryChange, alice, nameless, "09:05", operation="Register device")])
    story.stays_quiet("sign-in")


def test_a_second_factor_set_up_in_the_middle_of_a_sign_in_belongs_to_it() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", error_code=50074)
    story.tells([acts(DirectoryChange, alice, TOR, "09:02", operation="Update user")])
    story.stays_quiet("sign-in")


def test_a_sign_in_that_was_stopped_explains_nothing_hours_later() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", error_code=50076)
    story.reads(alice, TOR, "12:00")
    assert story.only().risk_level == "medium"


def test_a_wrong_password_is_no_sign_in() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00", error_code=50126)
    story.stays_quiet()
    story.reads(alice, TOR, "09:05")
    assert story.only().risk_level == "medium"


def test_activity_days_after_the_sign_in_is_judged_again() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOR, "09:00")
    story.reads(alice, TOR, "2026-03-04 09:00")
    assert story.only().risk_level == "medium"


def test_ones_own_vpn_of_many_days_stays_quiet() -> None:
    person = Person("frank", (LONDON, PRIVATE_VPN))
    story = Story(FILE, person)
    story.reads(person, PRIVATE_VPN, "2026-03-03 09:00")
    story.stays_quiet("habit")


def test_vpns_are_not_judged_while_the_organisation_is_new() -> None:
    newcomer = Person("nina", (TOKYO,), days=4)
    story = Story(FILE, newcomer)
    story.reads(newcomer, PRIVATE_VPN, "09:00")
    story.stays_quiet("learning")


def test_an_address_next_to_a_listed_one_stays_quiet() -> None:
    story = Story(FILE, carol)
    story.reads(carol, neighbour(TOR, 130, tags=()), "09:00")
    story.stays_quiet()
    assert not story.held_back()


def test_a_trusted_location_softens_a_vpn_but_never_tor() -> None:
    story = Story(FILE, carol)
    story.reads(carol, neighbour(PRIVATE_VPN, 51, trusted=True), "09:00")
    story.stays_quiet("M1")
    story.reads(carol, neighbour(TOR, 202, trusted=True), "09:00")
    assert story.only().risk_level == "medium"


def test_service_principals_and_microsofts_back_end_are_nobody() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOR, "09:00", actor="servicePrincipal")
    story.reads(alice, neighbour(TOR, 203, asn=8075), "09:01")
    story.stays_quiet("M7")


def test_a_deleted_account_makes_no_detection() -> None:
    story = Story(FILE, alice)
    story.account(alice, "deleted", "08:00")
    story.reads(alice, TOR, "09:00")
    story.stays_quiet("G2")


# Order, repeats, learning, explanation


def test_confirmed_safe_then_silent() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOR, "09:00")
    story.judges(alice, "confirmSafe", "10:00", story.only().id)
    story.reads(alice, TOR, "2026-03-05 09:00")
    assert len(story.detections()) == 1


def test_twenty_days_of_tor_do_not_become_a_habit() -> None:
    story = Story(FILE, alice)
    for day in range(3, 23):
        story.reads(alice, TOR, f"2026-03-{day:02} 09:00")
    assert sum(d.count for d in story.detections()) == 20
    assert {d.risk_level for d in story.detections()} == {"medium"}


def test_restarts_and_duplicates_change_nothing() -> None:
    events = [
        reads("alice", TOR, when("09:00")),
        sets_rule("alice", TOR, when("09:05")),
        reads("alice", PROXY, when("09:10")),
    ]
    story = Story(FILE, alice)
    story.restarts = True
    story.tells(events * 2)
    assert sorted(d.id for d in story.detections()) == [r[0] for r in told(FILE, [alice], events)]


def test_a_download_of_thousands_makes_no_thousand_updates() -> None:
    story = Story(FILE, alice)
    begin = when("09:00")
    story.tells(reads("alice", TOR, begin + n * 1000, id=f"f{n}") for n in range(2_000))
    assert story.only().count == 2
    assert len(story.outcome.detections) == 2


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Activity from anonymous IP addresses", "riskyIPAddress"),
        ("Activity from a TOR IP address", "riskyIPAddress"),
        ("Anonymous proxy activity", "riskyIPAddress"),
        ("Activity from infrequent country", "newCountry"),
        ("Suspicious inbox forwarding", "suspiciousInboxForwarding"),
        (
            "Suspicious email forwarding rule created by third-party app",
            "suspiciousInboxForwarding",
        ),
        ("Suspicious inbox manipulation rules", "mcasSuspiciousInboxManipulationRules"),
    ],
)
def test_what_cloud_apps_has_found_is_taken_over(title: str, kind: str) -> None:
    """From the unified audit log's own record (RecordType 98), by its title."""
    record = {
        "CreationTime": "2026-03-02T10:00:00",
        "Id": "11111111-0000-4000-8000-00000000a001",
        "Operation": "MCAS_ALERT_ANUBIS_DETECTION_TOR",
        "OrganizationId": "contoso",
        "RecordType": 98,
        "Workload": "MCAS",
        "UserId": "alice@contoso.com",
        "AlertDisplayName": title,
        "AlertSeverity": "Medium",
        "ClientIPs": ["203.0.113.200"],
    }
    read = decode(json.dumps(record).encode())
    assert isinstance(read, list)
    (alert,) = read
    story = Story(FILE, alice)
    story.tells([alert])
    found = story.only()
    assert (found.risk_event_type, found.origin) == (kind, "provider")
    assert (found.risk_level, found.user_principal_name) == ("medium", "alice@contoso.com")


def test_the_explanation_is_read_once() -> None:
    story = Story(FILE, alice)
    story.reads(alice, TOR, "09:00")
    rule = story.sets_rule(alice, TOR, "09:05")
    why = story.only().explanation
    assert why.headline == (
        "alice@contoso.com was active (files, rule) from a Tor exit, 203.0.113.200 in "
        "Amsterdam, NL, at 2026-03-02 09:05 UTC"
    )
    assert why.evidence[0].observed == "203.0.113.200 is a Tor exit in tor_exit_nodes.txt@example"
    assert why.evidence[0].event_ids == (rule.id,)
    assert why.evidence[1].observed == (
        "files: FileAccessed plan.docx; rule: New-InboxRule ..; 1 file or mail since "
        "2026-03-02 09:00 UTC"
    )
    assert why.level.modifiers == ("+1 does damage",)
    assert why.feeds == ("tor_exit_nodes.txt@example",)
