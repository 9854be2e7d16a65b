from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risktui.detect import DAY, ApiCall, Client, FileAccess, PasswordChange
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    MOBILE,
    NEW_YORK,
    PARIS,
    PHONE,
    STRANGER,
    TOKYO,
    VPN,
    Place,
    does,
    laptop,
    place,
    signs_in,
)
from risktui.model.risk import Detection
from story import BEGIN, Person, Story, alice, colleagues, rules, when

FILE = "anomalous_token"
PYTHON = Client(user_agent="python-requests/2.32.3", browser="python-requests")
TOKEN = "dGhpcyBpcyBhIHRva2Vu0a"
AZURE = place("192.0.2.128", (8075, "Microsoft", "hosting"), ("IE", "Dublin", 53.34, -6.26))
HOTEL = place("192.0.2.230", (64550, "Grand Hotel", "isp"), ("JP", "Sapporo", 43.06, 141.35))
BRUSSELS = place("2001:db8:2::7", (64510, "Senne Net", "isp"), ("BE", "Brussels", 50.85, 4.35))
BROKER = "29d9ed98-a469-4536-ade2-f981bc1d605e"


def points(found: Detection) -> int:
    actual = found.explanation.thresholds[0].actual
    assert isinstance(actual, int)
    return actual


def calls(
    story: Story, where: Place, time: str, client: Client = PYTHON, who: Person = alice, **more: Any
) -> None:
    """A call to Graph."""
    fields = {
        "operation": "Microsoft Graph Activity",
        "request_method": "GET",
        "request_uri": "https://graph.microsoft.com/v1.0/me/messages",
        "response_status_code": 200,
    } | more
    story.tells([does(ApiCall, who.name, where, when(time), client, **fields)])


def test_a_session_that_goes_on_on_a_rented_server_is_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    story.signs_in(alice, HOSTING, "09:20", STRANGER, session_id="s1", is_interactive=False)
    found = story.only()
    assert (points(found), found.risk_level) == (120, "high")
    assert {"R1", "R1c", "R1u", "R1d", "A1"} <= rules(found)
    lines = {line.label: line.observed for line in found.explanation.evidence}
    assert "198.51.100.7 in Tokyo, Edo Fibre, Edge on Windows 11" in lines["Before"]
    assert "203.0.113.140 in Amsterdam, Gracht Hosting, Chrome on Linux" in lines["Now"]


def test_a_session_that_goes_on_in_graph_from_lagos_is_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s2")
    calls(story, LAGOS, "09:30", session_id="s2")
    found = story.only()
    assert (found.risk_level, found.activity) == ("high", "user")
    assert {"R1", "R1c", "R1u", "A2"} <= rules(found)
    acts = {line.label: line.observed for line in found.explanation.evidence}
    assert acts["First act there"] == "GET https://graph.microsoft.com/v1.0/me/messages"


def test_a_call_that_knows_the_person_by_id_alone_is_told_with_the_name() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s2")
    calls(story, LAGOS, "09:30", session_id="s2", user_principal_name="")
    assert "of alice@contoso.com was used from Lagos" in story.only().explanation.headline


def test_one_token_in_two_countries_within_minutes_is_medium() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", unique_token_identifier=TOKEN)
    calls(story, LONDON, "09:04", STRANGER, unique_token_identifier=TOKEN)
    found = story.only()
    assert (points(found), found.risk_level) == (60, "medium")
    calls(story, LONDON, "09:05", STRANGER, unique_token_identifier=TOKEN)
    assert story.only().count == 1


@pytest.mark.parametrize("token", ["", "t9", "aaaaaaaaaaaaaaaaaaaaaa"])
def test_placeholders_are_no_tokens(token: str) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", unique_token_identifier=token)
    calls(story, LONDON, "09:04", STRANGER, unique_token_identifier=token)
    story.stays_quiet()


def test_a_revoked_token_tried_from_a_rented_server_is_low() -> None:
    story = Story(FILE, alice)
    story.tells([does(PasswordChange, "alice", None, when("10:00"), Client())])
    story.signs_in(
        alice, HOSTING, "10:05", STRANGER, error_code=50173, credentials="none", result="failure"
    )
    found = story.only()
    assert (points(found), found.risk_level) == (50, "low")
    assert {"R6", "A1"} <= rules(found)


def test_the_own_machine_may_try_its_old_token() -> None:
    story = Story(FILE, alice)
    story.tells([does(PasswordChange, "alice", None, when("10:00"), Client())])
    refused: dict[str, Any] = {"error_code": 50173, "credentials": "none", "result": "failure"}
    story.signs_in(alice, TOKYO, "10:05", **refused)
    story.signs_in(alice, HOSTING, "2026-03-04 10:05", STRANGER, **refused)
    story.stays_quiet()


def test_a_session_that_wakes_after_weeks_on_a_strangers_machine() -> None:
    story = Story(FILE)
    old = signs_in("alice", TOKYO, BEGIN - 40 * DAY, session_id="old-one")
    life = [e for e in alice.life() if e.time > BEGIN - 40 * DAY]
    story.tells([old, *life])
    story.signs_in(alice, PARIS, "09:00", STRANGER, session_id="old-one", is_interactive=False)
    found = story.only()
    assert found.risk_level == "high"
    assert {"R7", "R1", "R4"} <= rules(found)


def test_and_so_with_a_copied_user_agent_from_a_country_that_is_not_theirs() -> None:
    story = Story(FILE)
    unbound = Client(user_agent="x", browser="Edge", operating_system="Windows 11")
    old = signs_in("alice", TOKYO, BEGIN - 40 * DAY, unbound, session_id="old-one")
    life = [e for e in alice.life() if e.time > BEGIN - 40 * DAY]
    story.tells([old, *life])
    story.signs_in(alice, PARIS, "09:00", unbound, session_id="old-one", is_interactive=False)
    assert "R7" in rules(story.only())


def test_somebody_back_from_weeks_of_leave_wakes_their_own_session() -> None:
    before = Person("bob", (TOKYO,), days=60, until=30)
    story = Story(FILE, before)
    story.tells([signs_in("bob", TOKYO, BEGIN - 31 * DAY + 1, session_id="bobs")])
    story.signs_in(before, HOTEL, "09:00", session_id="bobs")
    story.stays_quiet("moved")


def test_a_tablet_from_the_drawer_is_no_thief() -> None:
    story = Story(FILE)
    old = signs_in("alice", TOKYO, BEGIN - 40 * DAY, PHONE, session_id="tablet")
    life = [e for e in alice.life() if e.time > BEGIN - 40 * DAY]
    story.tells([old, *life])
    story.signs_in(alice, HOTEL, "09:00", PHONE, session_id="tablet")
    story.stays_quiet("moved")


@pytest.mark.parametrize(
    ("first", "second", "client"),
    [
        (TOKYO, HQ, laptop("alice")),
        (TOKYO, HOTEL, laptop("alice")),
        (TOKYO, PARIS, laptop("alice")),
        (TOKYO, MOBILE, PHONE),
        (MOBILE, HOTEL, PHONE),
        (TOKYO, HOTEL, PHONE),
    ],
    ids=["office", "hotel", "abroad", "carrier", "tethering", "hotel by phone"],
)
def test_a_session_moves_with_its_machine(first: Place, second: Place, client: Client) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, first, "02:00", client, session_id="s3")
    story.signs_in(alice, second, "22:00", client, session_id="s3", is_interactive=False)
    story.stays_quiet()


def test_both_addresses_of_a_dual_stack_are_one_place() -> None:
    """One session and one token of a browser without device id, over IPv4 and IPv6 in turn."""
    six = place("2001:db8:1::7", (64500, "Edo Fibre", "isp"), ("JP", "Tokyo", 35.6762, 139.6503))
    browser = Client(user_agent="x", browser="Edge", operating_system="Windows 11")
    one: dict[str, Any] = {"session_id": "s5", "unique_token_identifier": TOKEN}
    story = Story(FILE, alice)
    for minute in range(4):
        story.signs_in(alice, (TOKYO, six)[minute % 2], f"09:0{minute}", browser, **one)
    story.stays_quiet()


def test_a_session_in_two_networks_within_half_a_minute_weighs_more() -> None:
    story = Story(FILE, alice)
    noon = when("09:00")
    story.tells([signs_in("alice", TOKYO, noon, session_id="s1")])
    story.tells([signs_in("alice", HOSTING, noon + 20_000, STRANGER, session_id="s1")])
    found = story.only()
    assert (points(found), found.risk_level) == (145, "high")
    assert {"R1", "R3"} <= rules(found)


def test_the_exit_of_the_company_says_nothing_of_the_place() -> None:
    story = Story(FILE, alice, *colleagues(8, VPN))
    story.signs_in(alice, HQ, "09:00", session_id="s4")
    story.signs_in(alice, VPN, "09:05", session_id="s4")
    calls(story, VPN, "09:06", laptop("alice"), session_id="s4")
    story.stays_quiet()


def test_two_sessions_in_two_countries_are_another_subject() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s7")
    story.signs_in(alice, NEW_YORK, "09:10", STRANGER, session_id="s8")
    story.stays_quiet()


def test_what_the_clouds_own_servers_do_is_no_second_place() -> None:
    story = Story(FILE, alice)
    sync = "ab9b8c07-8f02-4f72-87fa-80105867a763"
    story.signs_in(alice, TOKYO, "09:00", session_id="s9", unique_token_identifier=TOKEN)
    calls(story, AZURE, "09:01", session_id="s9", app_id=sync, unique_token_identifier=TOKEN)
    story.stays_quiet()


def test_nor_is_an_applications_own_server() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s9")
    calls(story, HOSTING, "09:01", session_id="s9", by_a_server=True)
    teams = "cc15fd57-2c6c-4117-a88c-83b1d56b4bbe"
    calls(story, HOSTING, "09:02", session_id="s9", app_id=teams)
    story.stays_quiet()


@pytest.mark.parametrize("session", ["", "00000000-0000-0000-0000-000000000000"])
def test_without_a_session_nothing_joins(session: str) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id=session)
    story.signs_in(alice, HOSTING, "09:20", STRANGER, session_id=session)
    story.stays_quiet()


def test_another_machine_in_the_same_network_is_low() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    story.signs_in(alice, TOKYO, "09:20", STRANGER, session_id="s1", is_interactive=False)
    found = story.only()
    assert (points(found), found.risk_level) == (50, "low")


def test_a_browser_and_the_programs_beside_it_are_one_machine() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    rich = msgspec.structs.replace(laptop("alice"), browser="Rich Client", user_agent="")
    story.signs_in(alice, TOKYO, "09:01", rich, session_id="s1", is_interactive=False)
    newer = msgspec.structs.replace(laptop("alice"), browser_version="140", user_agent="Edg/140")
    story.signs_in(alice, HQ, "09:02", newer, session_id="s1")
    story.stays_quiet()


def test_a_tablet_may_ask_for_the_desktop_site() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", PHONE, session_id="s1")
    desktop = Client(user_agent="Macintosh", browser="Safari", operating_system="macOS")
    story.signs_in(alice, TOKYO, "09:10", desktop, session_id="s1")
    story.stays_quiet()


def test_records_that_name_no_program_are_not_compared() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    story.tells([does(FileAccess, "alice", HOTEL, when("21:00"), Client(), session_id="s1")])
    story.stays_quiet()


def test_the_same_program_too_far_to_have_travelled_is_low() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", PHONE, session_id="s1")
    story.signs_in(alice, PARIS, "09:30", PHONE, session_id="s1")
    found = story.only()
    assert (points(found), found.risk_level) == (55, "low")


def test_but_not_where_a_colleagues_managed_laptop_was_as_well() -> None:
    exit_ = place("192.0.2.240", (64555, "Edge Works", "corp"), ("DE", "Munich", 48.14, 11.58))
    bob = Person("bob", (TOKYO,))
    story = Story(FILE, alice, bob)
    story.signs_in(bob, exit_, "2026-03-01 09:00", laptop("bob"))
    agent = Client(
        user_agent=laptop("alice").user_agent, browser="Edge", operating_system="Windows"
    )
    story.signs_in(alice, TOKYO, "09:00", laptop("alice"), session_id="s1")
    story.reads(alice, exit_, "09:30", client=agent, session_id="s1")
    story.stays_quiet("moved")


def test_a_refresh_token_that_becomes_a_primary_one_elsewhere_is_low() -> None:
    story = Story(FILE, alice)
    story.signs_in(
        alice, LAGOS, "09:00", STRANGER, app_id=BROKER, incoming_token_type="refreshToken"
    )
    primary = "primaryRefreshToken"
    story.signs_in(alice, TOKYO, "09:20", incoming_token_type=primary)
    story.stays_quiet()
    story.signs_in(alice, LAGOS, "09:40", STRANGER, incoming_token_type=primary)
    found = story.only()
    assert (points(found), found.risk_level) == (45, "low")
    assert "R5" in rules(found)


def test_not_for_somebodys_new_phone_at_home() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", PHONE, app_id=BROKER, incoming_token_type="refreshToken")
    story.signs_in(alice, TOKYO, "09:20", PHONE, incoming_token_type="primaryRefreshToken")
    story.stays_quiet()


def test_fresh_mfa_does_not_answer_a_stolen_token() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    story.signs_in(alice, HOSTING, "09:20", STRANGER, session_id="s1", mfa="fresh")
    assert (story.only().risk_level, story.only().risk_state) == ("high", "atRisk")


def test_a_call_that_was_refused_is_nothing() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    calls(story, LAGOS, "09:30", session_id="s1", response_status_code=401)
    story.stays_quiet()


def test_one_theft_of_a_session_is_one_detection() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    for minute in range(20, 50):
        story.signs_in(
            alice, HOSTING, f"09:{minute}", STRANGER, session_id="s1", is_interactive=False
        )
    story.signs_in(alice, BRUSSELS, "10:30", STRANGER, session_id="s1", is_interactive=False)
    story.signs_in(alice, TOKYO, "11:00", session_id="s1")
    assert len(story.detections()) == 1
    assert story.only().count == 2


def test_told_with_restarts_it_is_the_same() -> None:
    plain, torn = Story(FILE, alice), Story(FILE, alice)
    torn.restarts = True
    for story in (plain, torn):
        story.signs_in(alice, TOKYO, "09:00", session_id="s1", unique_token_identifier=TOKEN)
        calls(story, LAGOS, "09:04", session_id="s1", unique_token_identifier=TOKEN)
        story.signs_in(alice, HOSTING, "09:20", STRANGER, session_id="s1")
    assert plain.detections()
    assert msgspec.json.encode(plain.detections()) == msgspec.json.encode(torn.detections())


def test_long_names_leave_a_small_state() -> None:
    story = Story(FILE, alice)
    wide = place("192.0.2.3", (64500, "N" * 300, "isp"), ("JP", "Tokyo", 35.6, 139.6))
    long = Client(user_agent="u" * 400, browser="b" * 200, operating_system="o" * 200)
    story.tells(
        signs_in(
            "alice",
            wide,
            BEGIN + n * 1000,
            long,
            id=f"{n:036}",
            session_id=f"session-{n:028}",
            unique_token_identifier=f"token-{n:028}",
            app_display_name="a" * 300,
        )
        for n in range(300)
    )
    row = msgspec.msgpack.decode(story.rows.packed()["user", "id-of-alice"])
    assert len(msgspec.msgpack.encode(row["anomalousToken@3"])) < 64 * 1024


def test_ones_own_script_is_no_thief_in_the_same_network_nor_on_a_trip() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    calls(story, TOKYO, "09:05", session_id="s1")
    story.signs_in(alice, HOTEL, "2026-03-04 08:00", session_id="s1")
    calls(story, HOTEL, "2026-03-04 09:00", session_id="s1")
    story.stays_quiet("moved")


def test_in_the_first_week_a_far_exit_is_no_thief() -> None:
    early = Person("early", (TOKYO,), days=5)
    story = Story(FILE, early)
    story.signs_in(early, TOKYO, "09:00", PHONE, session_id="s1")
    story.signs_in(early, PARIS, "09:30", PHONE, session_id="s1")
    story.stays_quiet("moved")


def test_but_another_machine_is_even_then() -> None:
    story = Story(FILE)
    story.signs_in(alice, TOKYO, "09:00", session_id="s1")
    story.signs_in(alice, HOSTING, "09:20", STRANGER, session_id="s1")
    assert story.only().risk_level == "high"


def test_a_scripts_session_that_goes_on_in_a_strangers_browser_is_told() -> None:
    story = Story(FILE, alice)
    script = Client(user_agent="python-requests/2.32.3", browser="Python Requests")
    story.signs_in(alice, TOKYO, "09:00", script, session_id="s1")
    story.signs_in(alice, TOKYO, "09:10", session_id="s1")  # the browser beside it
    story.stays_quiet()
    story.signs_in(alice, PARIS, "23:00", STRANGER, session_id="s1", is_interactive=False)
    assert "R1u" in rules(story.only())


def test_but_not_in_the_persons_own_browser_at_an_hotel() -> None:
    story = Story(FILE, alice)
    script = Client(user_agent="python-requests/2.32.3", browser="Python Requests")
    story.signs_in(alice, TOKYO, "09:00", script, session_id="s1")
    story.signs_in(alice, HOTEL, "2026-03-03 09:00", session_id="s1")
    story.stays_quiet()
