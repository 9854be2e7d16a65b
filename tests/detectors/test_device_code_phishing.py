from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risktui.detect import Client
from risktui.detect.examples import HOSTING, HQ, LAGOS, STRANGER, TOKYO, changes
from story import Person, Story, alice, colleagues, dave, rules, when

FILE = "device_code_phishing"
CODE: dict[str, Any] = {"authentication_protocol": "deviceCode"}
BROKER: dict[str, Any] = {
    "app_id": "29d9ed98-a469-4536-ade2-f981bc1d605e",
    "app_display_name": "Microsoft Authentication Broker",
}
SHELL: dict[str, Any] = {
    "app_id": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "app_display_name": "Microsoft Azure CLI",
}
PYTHON = Client(user_agent="python-requests/2.32.3")


def test_a_code_for_the_broker_redeemed_on_a_rented_server_is_high() -> None:
    story = Story(FILE, alice)
    event = story.signs_in(alice, HOSTING, "09:00", PYTHON, **CODE, **BROKER)
    found = story.only()
    assert (found.risk_event_type, found.risk_level) == ("x_deviceCodePhishing", "high")
    assert found.request_id == event.id
    assert {"first", "place", "app", "A1"} <= rules(found)


@pytest.mark.parametrize("app", [BROKER, SHELL], ids=["broker", "shell"])
def test_a_strangers_machine_abroad_is_found_with_any_application(app: dict[str, Any]) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, **CODE, **app)
    assert story.only().risk_level in {"low", "medium", "high"}


def test_a_code_typed_at_home_whose_session_goes_on_elsewhere() -> None:
    story = Story(FILE, alice)
    first = story.signs_in(alice, TOKYO, "09:00", **CODE, **BROKER, session_id="s1")
    assert not story.detections()
    second = story.signs_in(alice, LAGOS, "09:20", STRANGER, session_id="s1", is_interactive=False)
    found = story.only()
    assert found.risk_level in {"medium", "high"}
    assert found.event_ids[0] == first.id
    assert second.id in found.event_ids
    assert "went on from Lagos" in found.explanation.headline


def test_an_engineers_code_in_a_strange_browser_elsewhere_is_told() -> None:
    """Scripts on new servers come and go; a code is typed in a browser of one's own."""
    for client, found in ((STRANGER, 1), (PYTHON, 0)):
        story = Story(FILE, alice, *colleagues(3))
        for person in (alice, *colleagues(3)):
            for day in (1, 2):
                code = f"2026-03-0{day} 0{day}:30"
                story.signs_in(person, person.places[0], code, PYTHON, **CODE, **SHELL)
        story.signs_in(alice, LAGOS, "2026-03-05 09:00", client, **CODE, **SHELL)
        assert len(story.detections()) == found, story.as_told()


def of_an_engineer() -> Story:
    """Alice has a script of her own, by the library that everybody uses."""
    story = Story(FILE, alice)
    for day in (1, 2):
        story.signs_in(alice, TOKYO, f"2026-03-0{day} 01:30", PYTHON, **CODE, **SHELL)
    story.stays_quiet()
    return story


def test_a_script_is_nobodys_own_in_what_has_a_window() -> None:
    story = of_an_engineer()
    story.signs_in(alice, LAGOS, "2026-03-05 09:00", PYTHON, **CODE, **BROKER)
    assert {"place", "app", "program"} <= rules(story.only())


def test_nor_is_it_where_the_session_of_a_window_goes_on() -> None:
    story = of_an_engineer()
    teams: dict[str, Any] = {
        "app_id": "1fec8e78-bce4-4aaf-ab1b-5451cc387264",
        "app_display_name": "Teams",
    }
    story.signs_in(alice, TOKYO, "2026-03-05 09:00", **CODE, **teams, session_id="s1")
    story.stays_quiet()
    story.signs_in(alice, LAGOS, "2026-03-05 09:20", PYTHON, session_id="s1", is_interactive=False)
    assert "went on from Lagos" in story.only().explanation.headline


def test_a_device_registered_afterwards_raises_it() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, **CODE, **SHELL)
    before = story.only().risk_level
    story.tells([changes("alice", LAGOS, when("09:05"), "Register device", STRANGER)])
    assert story.only().risk_level.rank == before.rank + 1


def test_the_command_line_at_the_office_is_ordinary() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", **CODE, **SHELL)
    story.signs_in(alice, HQ, "09:05", PYTHON, **CODE, **SHELL)
    story.stays_quiet()


def test_a_meeting_room_at_the_office_is_ordinary() -> None:
    story = Story(FILE, alice)
    teams = {"app_id": "1fec8e78-bce4-4aaf-ab1b-5451cc387264", "app_display_name": "Teams"}
    story.signs_in(alice, HQ, "09:00", Client(user_agent="TeamsRooms/5.1"), **CODE, **teams)
    story.stays_quiet()


def test_who_uses_codes_every_day_on_a_server_is_left_alone() -> None:
    story = Story(FILE, alice)
    for day in range(10, 14):
        story.signs_in(alice, HOSTING, f"2026-02-{day} 09:00", PYTHON, **CODE, **SHELL)
    before = len(story.detections())
    story.signs_in(alice, HOSTING, "09:00", PYTHON, **CODE, **SHELL)
    assert len(story.detections()) == before


def test_where_colleagues_use_codes_a_first_server_is_low_at_most() -> None:
    team = colleagues(3, HQ)
    story = Story(FILE, alice, *team)
    for person in team:
        story.signs_in(person, HQ, "08:00", **CODE, **SHELL)
    story.signs_in(alice, HQ, "09:00", **SHELL)  # a command line on her own laptop
    story.signs_in(alice, HOSTING, "2026-03-04 09:00", PYTHON, **CODE, **SHELL)
    assert story.only().risk_level == "low"
    assert {"usual", "shell"} <= rules(story.only())


def test_but_whoever_never_opened_a_command_line_has_no_server() -> None:
    team = colleagues(3, HQ)
    story = Story(FILE, alice, *team)
    for person in team:
        story.signs_in(person, HQ, "08:00", **CODE, **SHELL)
    server = msgspec.structs.replace(HOSTING, location=TOKYO.location)
    story.signs_in(alice, server, "2026-03-04 09:00", PYTHON, **CODE, **SHELL)
    assert story.only().risk_level == "medium"
    assert not {"usual", "shell"} & rules(story.only())


def test_but_a_strangers_machine_on_a_strange_line_is_no_server() -> None:
    team = colleagues(3, HQ)
    story = Story(FILE, alice, *team)
    for person in team:
        story.signs_in(person, HQ, "08:00", **CODE, **SHELL)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, **CODE, **SHELL)
    assert story.only().risk_level == "medium"


def test_a_newcomer_has_never_used_anything() -> None:
    story = Story(FILE, dave)
    story.signs_in(dave, HOSTING, "09:00", PYTHON, **CODE, **BROKER)
    story.stays_quiet("learning")


def test_an_application_may_be_allowed() -> None:
    settings = '[x_deviceCodePhishing]\nallow_apps = ["microsoft authentication broker"]'
    story = Story(FILE, alice, settings=settings)
    story.signs_in(alice, HOSTING, "09:00", PYTHON, **CODE, **BROKER)
    story.stays_quiet()


def test_a_code_that_was_not_redeemed_is_none() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, **CODE, **BROKER, error_code=50126)
    story.stays_quiet()


def test_the_own_phone_goes_on_with_a_session_of_a_code() -> None:
    traveller = Person("bob", (TOKYO, LAGOS))
    story = Story(FILE, traveller)
    story.signs_in(traveller, TOKYO, "09:00", **CODE, **SHELL, session_id="s1")
    story.signs_in(traveller, LAGOS, "19:20", session_id="s1", is_interactive=False)
    story.stays_quiet()


def test_a_habit_of_codes_on_the_own_server_covers_no_strangers_network() -> None:
    story = Story(FILE, alice)
    for day in range(10, 14):
        story.signs_in(alice, HOSTING, f"2026-02-{day} 09:00", PYTHON, **CODE, **SHELL)
    before = {found.id for found in story.detections()}
    phished = story.signs_in(alice, LAGOS, "09:00", STRANGER, **CODE, **SHELL)
    assert [d.request_id for d in story.detections() if d.id not in before] == [phished.id]


def test_a_browser_on_a_rented_machine_is_no_command_line() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", **SHELL)
    server = msgspec.structs.replace(HOSTING, location=TOKYO.location)
    story.signs_in(alice, server, "2026-03-04 09:00", STRANGER, **CODE, **SHELL)
    assert "shell" not in rules(story.only())
