from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import DAY, MINUTE, Client, DirectoryChange, Event
from risktui.detect.examples import HOSTING, HQ, LAGOS, TOKYO, Place, calls, does, laptop
from story import Story, alice, rules, when

FILE = "suspicious_api_traffic"
EDGE = laptop("alice")
MANY = (
    "/roleManagement/directory/roleAssignments",
    "/me/mailFolders/inbox/messages",
    "/me/contacts",
    "/organization",
)
PORTAL = "c44b4083-3bb0-49c1-b47d-974e53cbdf3c"


def asks(
    *paths: str,
    where: Place = HQ,
    agent: str = "",
    begin: str | int = "09:00",
    every: int = 1_000,
    **fields: Any,
) -> list[Event]:
    """Calls, one after the other."""
    start = when(begin) if isinstance(begin, str) else begin
    found = calls("alice", where, start, EDGE, *paths, agent=agent, **fields)
    for number, event in enumerate(found):
        event.time = start + number * every
        event.id = f"call-{start}-{number}"
    return found


def walk(count: int) -> list[str]:
    """A walk through the directory: lists first, then everything in them."""
    kinds = ("users", "groups", "servicePrincipals", "applications", "devices")
    return [f"/{kinds[number % 5]}/{number:08x}/memberOf" for number in range(count)]


def test_thirty_calls_over_four_classes_are_low() -> None:
    found = Story(FILE, alice).tells(asks(*MANY * 8, every=1_300)).only()
    assert found.risk_level == "medium" if "R6" in rules(found) else "low"
    assert "R1" in rules(found)
    assert (found.activity, found.request_id) == ("user", "")


def test_the_own_program_of_many_days_bursting_is_low() -> None:
    story = Story(FILE, alice)
    for day in range(3):
        story.tells(asks("/me", "/organization", begin=when("09:00") + day * DAY))
    story.tells(asks(*MANY * 8, begin=when("09:00") + 4 * DAY))
    assert (story.only().risk_level, "R6" in rules(story.only())) == ("low", False)


def test_by_a_script_from_lagos_it_is_high() -> None:
    events = asks(*MANY * 8, where=LAGOS, agent="python-requests/2.32.3")
    found = Story(FILE, alice).tells(events).only()
    assert found.risk_level == "high"
    assert {"R1", "R4", "R8"} <= rules(found)
    assert "Lagos" in found.explanation.headline


def test_a_hound_that_enumerates_is_high_and_told_once() -> None:
    events = asks(*walk(1_500), agent="azurehound/v2.4.1", every=2_000)
    found = Story(FILE, alice).tells(events).only()
    assert found.risk_level == "high"
    assert {"R1", "R4"} <= rules(found)
    assert found.count <= 5


@pytest.mark.parametrize("agent", ["aiohttp/3.9.5", "python-requests/2.31.0", "curl/8.5"])
def test_a_slow_walk_by_a_new_script_is_found(agent: str) -> None:
    events = asks(*walk(120), agent=agent, every=20_000)
    assert Story(FILE, alice).tells(events).only().risk_level in {"low", "medium"}


def test_everything_once_by_the_own_browser_is_an_enumeration() -> None:
    found = Story(FILE, alice).tells(asks(*walk(400), every=8_000)).only()
    assert "R2" in rules(found)


def test_refusals_of_many_paths_are_low_at_least() -> None:
    paths = [f"/users/{number}/messages" for number in range(25)]
    events = asks(*paths, every=3_500)
    for number, event in enumerate(events):
        event.response_status_code = 403 if number % 25 < 14 else 200  # type: ignore[attr-defined]
    assert "R3" in rules(Story(FILE, alice).tells(events).only())


def test_a_rate_far_above_the_usual_with_a_new_program_is_low() -> None:
    story = Story(FILE, alice)
    for hour in range(30):
        usual = ["/me/people"] * 20
        story.tells(asks(*usual, begin=when("09:00") + hour * 61 * MINUTE, every=60_000))
    later = when("09:00") + 3 * DAY
    story.tells(asks(*["/users"] * 500, begin=later, agent="Odd/1.0", every=6_000))
    assert {"R5", "R6"} <= rules(story.only())


def test_a_list_that_was_exported_before_adds_to_it() -> None:
    story = Story(FILE, alice)
    export = does(DirectoryChange, "alice", HQ, when("08:50"), EDGE, operation="Download users")
    story.tells([export, *asks(*MANY * 8)])
    assert "R9" in rules(story.only())


def test_a_chat_program_that_always_asks_a_lot_is_ordinary() -> None:
    story = Story(FILE, alice)
    for hour in range(24):
        paths = [f"/chats/{number}/messages" for number in range(900)]
        story.tells(asks(*paths, begin=when("09:00") + hour * 61 * MINUTE, every=4_000))
    story.stays_quiet()


def test_photos_of_everybody_are_what_programs_show() -> None:
    paths = [f"/users/{number}/photo/$value" for number in range(400)]
    Story(FILE, alice).tells(asks(*paths, every=100)).stays_quiet()


def test_a_service_is_no_person() -> None:
    events = asks(*MANY * 10, agent="inventory/2.0", actor="servicePrincipal")
    Story(FILE, alice).tells(events).stays_quiet()


def test_browsing_the_portal_is_administration() -> None:
    paths = ("/users", "/groups", "/devices", "/organization") * 10
    Story(FILE, alice).tells(asks(*paths, app_id=PORTAL)).stays_quiet()


def test_the_portals_name_does_not_hide_a_script() -> None:
    events = asks(*MANY * 10, app_id=PORTAL, agent="python-requests/2.32.3", where=HOSTING)
    assert Story(FILE, alice).tells(events).only().risk_level == "high"


def test_fifteen_calls_in_five_minutes_are_no_burst() -> None:
    paths = ("/users", "/groups", "/devices", "/organization") * 4
    Story(FILE, alice).tells(asks(*paths[:15], every=20_000)).stays_quiet()


def test_throttling_of_one_path_is_no_refusal_of_many() -> None:
    events = asks(*["/me/messages"] * 60, response_status_code=429)
    Story(FILE, alice).tells(events).stays_quiet()


def test_the_daily_report_stays_quiet_from_its_first_day_on() -> None:
    story = Story(FILE, alice)
    lists = ("/users?$top=999&$select=id", "/groups?$top=999", "/subscribedSkus")
    for day in range(5):
        pages = [f"{lists[number % 3]}&$skiptoken={number}" for number in range(60)]
        begin = when("06:00") + day * DAY
        story.tells(asks(*pages, where=TOKYO, agent="python-requests/2.32.3", begin=begin))
    story.stays_quiet()


def test_an_app_whose_server_calls_is_not_in_a_strange_place() -> None:
    pages = [f"/users?$skiptoken={number}" for number in range(40)]
    events = asks(*pages, where=HOSTING, by_a_server=True, every=5_000)
    Story(FILE, alice).tells(events).stays_quiet()


def test_the_agents_client_is_not_needed() -> None:
    events = asks(*MANY * 10, where=LAGOS)
    for event in events:
        event.client = Client()
    assert Story(FILE, alice).tells(events).only().risk_level in {"medium", "high"}
