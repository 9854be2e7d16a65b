from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risktui.detect import Client, Listing
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    STRANGER,
    TOKYO,
    Place,
    laptop,
    place,
    signs_in,
)
from risktui.model.risk import Detection
from story import Person, Story, alice, carol, colleagues, erin, neighbour, rules, when

FILE = "threat_intelligence"
RISK = "investigationsThreatIntelligence"
BROKER = "29d9ed98-a469-4536-ade2-f981bc1d605e"
PORTAL = "4765445b-32c6-49b0-83e6-1d93765276ca"
GRAPH = "00000003-0000-0000-c000-000000000000"
CODE = "aebc6443-996d-45c2-90f0-388ff96faa56"
DEVICE_CODE: dict[str, Any] = {
    "authentication_protocol": "deviceCode",
    "app_id": BROKER,
    "app_display_name": "Microsoft Authentication Broker",
}
BAD = place(
    "192.0.2.250",
    (64570, "Bulletproof", ""),
    ("NL", "Amsterdam", 52.3676, 4.9041),
    tags=("bad",),
    feeds=("c2.txt@1",),
)


def agent(text: str) -> Client:
    return msgspec.structs.replace(STRANGER, user_agent=text)


def numbers(found: Detection) -> list[str]:
    lines = [e for e in found.explanation.evidence if e.label in {"Pattern", "Fits as well"}]
    return [line.observed.partition(",")[0] for line in lines]


def test_a_device_code_for_the_broker_and_graph_is_high() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, resource_id=GRAPH, **DEVICE_CODE)
    found = story.only()
    assert (found.risk_level, numbers(found)) == ("high", ["TI_RI_9001"])
    assert found.explanation.feeds[0].startswith("actors.toml@")
    fitted = next(e for e in found.explanation.evidence if e.label == "What fitted")
    assert "protocol deviceCode" in fitted.observed


def test_the_resource_may_be_known_by_its_name_only() -> None:
    story = Story(FILE, alice)
    named = "Office 365 Exchange Online"
    story.signs_in(alice, LAGOS, "09:00", STRANGER, resource_display_name=named, **DEVICE_CODE)
    assert story.only().risk_level == "high"


def test_a_script_that_takes_the_portals_own_token_is_high() -> None:
    story = Story(FILE, alice)
    axios = agent("axios/1.7.9")
    story.signs_in(alice, LAGOS, "09:00", axios, app_id=PORTAL, resource_id=PORTAL)
    found = story.only()
    assert (found.risk_level, numbers(found)) == ("high", ["TI_RI_9002"])


def test_an_address_of_bad_repute_is_medium() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, BAD, "09:00")
    found = story.only()
    assert found.risk_level == "medium"
    assert found.explanation.risk_reasons == ("suspiciousIP",)
    assert "c2.txt@1" in found.explanation.feeds


def test_a_list_that_has_the_companys_own_exit_is_not_believed() -> None:
    story = Story(FILE, *colleagues(8, BAD), alice, quiet_before=False)
    before = len(story.detections())
    story.signs_in(alice, BAD, "09:00")
    assert len(story.detections()) == before
    assert "M4" in {held.rule for held in story.held_back()}


def test_who_fits_the_same_number_within_the_day_is_told() -> None:
    story = Story(FILE, alice, carol)
    odd = agent("SomeScript/1.0")
    story.signs_in(alice, LAGOS, "09:00", odd, app_id=BROKER)
    story.signs_in(carol, LAGOS, "09:40", odd, app_id=BROKER)
    first, second = story.detections()
    assert first.risk_level == second.risk_level == "medium"
    others = [e for e in second.explanation.evidence if e.label.startswith("Others")]
    assert others[0].observed == "alice@contoso.com"


def fits(story: Story, who: Person, time: str, **fields: Any) -> None:
    fields = {"app_id": BROKER} | fields
    story.signs_in(who, neighbour(LAGOS, 80), time, agent("SomeScript/1.0"), **fields)


def known_since(found: Detection) -> list[str]:
    lines = [e for e in found.explanation.evidence if e.label == "Became known since"]
    return [f"{line.observed} ({line.baseline})" for line in lines]


def test_the_first_of_two_learns_of_the_second_and_says_all_that_it_said_before() -> None:
    story = Story(FILE, alice, carol)
    fits(story, alice, "09:00")
    before = msgspec.structs.replace(story.only())
    fits(story, carol, "09:40")
    first, second = story.detections()
    said, now = before.explanation, first.explanation
    assert now.evidence[:-1] == said.evidence
    assert msgspec.structs.replace(now, evidence=said.evidence) == said
    assert known_since(first) == [
        "carol@contoso.com fitted TI_RI_9003 as well at 2026-03-02 09:40 UTC (40 min after this)"
    ]
    assert now.evidence[-1].weight == 0
    assert (first.risk_level, first.count) == (before.risk_level, before.count)
    assert first.last_updated_date_time == when("09:40")
    assert sum(line.weight for line in now.evidence) == pytest.approx(1)
    assert known_since(second) == []


def test_a_stronger_repeat_says_it_still() -> None:
    story = Story(FILE, alice, carol)
    fits(story, alice, "09:00")
    fits(story, carol, "09:40")
    said = known_since(story.detections()[0])
    story.signs_in(alice, HOSTING, "09:50", agent("SomeScript/1.0"), app_id=BROKER)
    first = story.detections()[0]
    assert (first.risk_level, first.count) == ("high", 2)
    assert known_since(first) == said
    assert first.explanation.evidence[-1].known_since == when("09:40")


def test_somebody_whose_log_comes_later_is_said_to_have_come_before() -> None:
    story = Story(FILE, alice, carol)
    fits(story, alice, "09:00")
    fits(story, carol, "08:50")
    (line,) = known_since(story.detections()[0])
    assert line.endswith("at 2026-03-02 08:50 UTC (10 min before this, but known only later)")


def test_of_somebody_who_goes_on_it_is_said_once_and_of_the_next_day_not_at_all() -> None:
    story = Story(FILE, alice, carol, erin)
    fits(story, alice, "09:00")
    for time in ("09:40", "09:41", "10:00"):
        fits(story, carol, time)
    fits(story, erin, "2026-03-03 09:30")
    mine = [d for d in story.detections() if d.user_principal_name == "alice@contoso.com"]
    assert [len(known_since(each)) for each in mine] == [1]


def test_of_a_whole_company_only_the_first_are_named_and_it_says_so() -> None:
    people = colleagues(9)
    story = Story(FILE, alice, *people)
    fits(story, alice, "09:00")
    for n, person in enumerate(people):
        fits(story, person, f"09:{10 + n}")
    first = story.detections()[0]
    assert len(known_since(first)) == 5
    assert known_since(first)[-1].endswith("; of further people nothing is added here)")


def test_what_was_closed_or_never_found_is_not_spoken_of_again() -> None:
    settings = '[investigationsThreatIntelligence.allowed]\nTI_RI_9003 = ["erin@*"]'
    story = Story(FILE, alice, carol, erin, settings=settings)
    fits(story, alice, "09:00")
    fits(story, erin, "09:10", error_code=0)
    assert [d.user_principal_name for d in story.detections()] == ["alice@contoso.com"]
    story.judges(alice, "dismiss", "09:30")
    closed = story.only().explanation
    fits(story, carol, "09:40")
    assert story.detections()[0].explanation == closed


def test_what_others_do_is_no_activity_of_the_person_and_no_step_of_their_risk() -> None:
    story = Story(FILE, alice, carol)
    fits(story, alice, "09:00")
    steps = len(story.outcome.history)
    fits(story, carol, "09:40")
    assert {step.user_id for step in story.outcome.history[steps:]} == {"id-of-carol"}
    story.judges(alice, "dismiss", "10:00")
    assert story.outcome.users[-1].last_activity_date_time == when("09:00")


@pytest.mark.parametrize(
    ("text", "number", "level"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) "
            "Teams/1.3.00.30866 Chrome/80.0.3987.165 Electron/8.5.1 Safari/537.36",
            "TI_RI_9004",
            "high",
        ),
        ("azurehound/v2.4.1", "TI_RI_9005", "high"),
        ("BAV2ROPC", "TI_RI_9017", "medium"),
        ("AADInternals", "TI_RI_9012", "high"),
    ],
)
def test_tools_are_known_by_their_user_agent(text: str, number: str, level: str) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", agent(text))
    found = story.only()
    assert (numbers(found)[0], found.risk_level) == (number, level)


def test_from_a_rented_server_a_lesser_pattern_weighs_more() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HOSTING, "09:00", agent("BAV2ROPC"))
    assert story.only().risk_level == "high"
    assert "A1" in rules(story.only())


def test_neither_fresh_mfa_nor_a_trusted_place_excuses_it() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", agent("azurehound/v2.4.1"), mfa="fresh")
    found = story.only()
    assert (found.risk_level, found.risk_state) == ("high", "atRisk")
    assert {"M1", "M3"} <= rules(found)


def test_visual_studio_code_new_and_from_a_new_network_is_medium() -> None:
    fields = {"app_id": CODE, "app_display_name": "Visual Studio Code", "resource_id": GRAPH}
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", laptop("alice"), **fields)
    assert numbers(story.only()) == ["TI_RI_9006"]
    story = Story(FILE, alice)
    story.signs_in(alice, TOKYO, "09:00", laptop("alice"), **fields)
    story.stays_quiet()


def test_a_password_by_a_program_is_new_only_once() -> None:
    story = Story(FILE, alice)
    script = agent("MyReport/1.0")
    ropc = {"authentication_protocol": "ropc"}
    story.signs_in(alice, TOKYO, "2026-03-02 09:00", script)
    story.signs_in(alice, TOKYO, "2026-03-03 09:00", script, **ropc)
    story.stays_quiet()
    story.signs_in(alice, TOKYO, "2026-03-04 09:00", agent("Other/1.0"), **ropc)
    assert numbers(story.only()) == ["TI_RI_9007"]


def test_many_programs_and_applications_within_minutes_are_medium() -> None:
    story = Story(FILE, alice)
    for n in range(6):
        story.signs_in(
            alice,
            LAGOS,
            f"09:0{n // 2}",
            agent(f"Mozilla/5.0 ({n})"),
            app_id=f"app-{n % 3}",
            id=f"sweep-{n}",
        )
    found = story.only()
    assert (numbers(found), found.risk_level) == (["TI_RI_9008"], "medium")


@pytest.mark.parametrize("minutes", [2, 0])
def test_not_over_a_whole_hour_and_not_with_few_applications(minutes: int) -> None:
    story = Story(FILE, alice)
    for n in range(8):
        story.signs_in(
            alice,
            LAGOS,
            f"09:{n * minutes:02}",
            agent(f"Mozilla/5.0 ({n})"),
            app_id=f"app-{n % 3 if minutes else 0}",
            id=f"slow-{n}",
        )
    story.stays_quiet()


def registers(story: Story, time: str, **fields: Any) -> None:
    device = {"resource_display_name": "Device Registration Service"}
    story.signs_in(alice, LAGOS, time, STRANGER, **(DEVICE_CODE | device | fields))


def test_steps_in_their_order_within_the_hour_are_high() -> None:
    story = Story(FILE, alice)
    registers(story, "09:00")
    story.stays_quiet()
    story.signs_in(alice, LAGOS, "09:40", STRANGER, incoming_token_type="primaryRefreshToken")
    found = story.only()
    assert (numbers(found), found.risk_level) == (["TI_RI_9011"], "high")
    assert len(found.event_ids) == 2


def test_steps_too_late_or_the_other_way_round_are_nothing() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "08:00", STRANGER, incoming_token_type="primaryRefreshToken")
    registers(story, "09:00")
    story.signs_in(alice, LAGOS, "10:30", STRANGER, incoming_token_type="primaryRefreshToken")
    story.stays_quiet()


def sprays(story: Story, people: tuple[Person, ...], at_: Place = HOSTING) -> None:
    for n, person in enumerate(people):
        story.signs_in(person, at_, f"07:{n:02}", STRANGER, error_code=50126)


def test_tried_in_a_spray_and_then_let_in_from_elsewhere_is_low() -> None:
    story = Story(FILE, alice, *colleagues(12))
    sprays(story, (alice, *colleagues(12)))
    story.signs_in(alice, LONDON, "09:00", STRANGER)
    found = story.only()
    assert (numbers(found), found.risk_level) == (["TI_RI_9010"], "low")
    assert found.explanation.risk_reasons == ("passwordSpray",)


def test_a_sign_in_that_is_logged_late_and_came_before_the_spray_is_not_after_it() -> None:
    story = Story(FILE, alice, *colleagues(12))
    sprays(story, (alice, *colleagues(12)))
    story.signs_in(alice, LONDON, "06:30", STRANGER)
    story.stays_quiet()


def test_sprayed_people_may_go_on_working() -> None:
    people = (alice, *colleagues(12))
    story = Story(FILE, *people)
    sprays(story, people)
    story.signs_in(alice, TOKYO, "09:00")
    story.signs_in(alice, LONDON, "09:30", laptop("alice"))
    for n, person in enumerate(people[1:]):
        story.signs_in(person, HQ, f"10:{n:02}")
    story.stays_quiet()


def test_a_new_machine_of_the_organisation_is_no_thief_of_a_password() -> None:
    """Given out in another office, while a spray goes on."""
    story = Story(FILE, alice)
    sprays(story, (alice, *colleagues(12)))
    story.signs_in(alice, LONDON, "09:00", laptop("alice2"))
    story.stays_quiet()


def an_actors(last: int, **listing: Any) -> Place:
    said = Listing("actor", "actors.csv@1", **({"name": "Winter Typhoon", "source": "x"} | listing))
    return neighbour(LAGOS, last, tags=("actor",), feeds=("actors.csv@1",), listings=(said,))


def test_an_actor_of_low_confidence_is_an_address_of_ill_repute_and_medium() -> None:
    story = Story(f"{FILE} nation_state_ip", alice)
    story.signs_in(alice, an_actors(91, confidence=40), "09:00", STRANGER)
    found = story.only()
    assert (found.risk_event_type, found.risk_level) == (RISK, "medium")
    assert numbers(found) == ["TI_RI_9009"]
    assert found.explanation.risk_reasons == ("suspiciousIP",)
    assert "Winter Typhoon, confidence 40" in found.explanation.headline
    assert found.explanation.feeds == ("actors.csv@1",)


def test_infrastructure_that_an_actor_shares_is_low() -> None:
    story = Story(f"{FILE} nation_state_ip", alice)
    story.signs_in(alice, an_actors(92, confidence=90, is_shared=True), "09:00", STRANGER)
    assert (story.only().risk_event_type, story.only().risk_level) == (RISK, "low")


def test_a_verified_actor_and_one_of_last_year_are_not_of_ill_repute() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, an_actors(93, confidence=90), "09:00", STRANGER)
    ended = an_actors(94, confidence=40, valid_until=when("2026-01-01 00:00"))
    story.signs_in(alice, ended, "10:00", STRANGER)
    story.stays_quiet()


def test_half_of_a_pattern_says_nothing() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER, app_id=PORTAL, resource_id=PORTAL)
    story.signs_in(alice, LAGOS, "09:10", agent("axios/1.7.9"), app_id=PORTAL, resource_id=GRAPH)
    story.signs_in(alice, LAGOS, "09:20", laptop("alice"), app_id=BROKER)
    story.signs_in(alice, LAGOS, "09:30", agent(""), app_id=BROKER)
    story.stays_quiet()


def test_a_wrong_password_says_nothing() -> None:
    story = Story(FILE, alice)
    fields = DEVICE_CODE | {"resource_id": GRAPH, "error_code": 50126}
    story.signs_in(alice, LAGOS, "09:00", STRANGER, **fields)
    story.stays_quiet()


def test_a_service_principal_says_nothing() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", agent("azurehound/2"), actor="servicePrincipal")
    story.stays_quiet()


def test_allowed_people_leave_a_trace() -> None:
    settings = '[investigationsThreatIntelligence.allowed]\nTI_RI_9005 = ["red-*", "alice@*"]'
    story = Story(FILE, alice, carol, settings=settings)
    story.signs_in(alice, LAGOS, "09:00", agent("azurehound/v2.4.1"))
    story.stays_quiet("allowed")
    story.signs_in(carol, LAGOS, "09:00", agent("azurehound/v2.4.1"))
    assert story.only().user_principal_name == "carol@contoso.com"


def test_a_pattern_can_be_turned_off() -> None:
    settings = '[investigationsThreatIntelligence]\ndisabled = ["TI_RI_9005"]'
    story = Story(FILE, alice, settings=settings)
    story.signs_in(alice, LAGOS, "09:00", agent("azurehound/v2.4.1"))
    story.stays_quiet()


def test_an_own_pattern_holds_until_its_last_day() -> None:
    settings = (
        "[[investigationsThreatIntelligence.indicators]]\n"
        'id = "OWN-1"\ntitle = "the red team"\nlevel = "low"\nexpires = 2026-03-03\n'
        'where = {user_agent = ["redteam*"], cidr = ["192.0.2.64/26"]}'
    )
    story = Story(FILE, alice, settings=settings)
    story.signs_in(alice, LAGOS, "2026-03-04 09:00", agent("RedTeam/1"))
    story.signs_in(alice, LONDON, "2026-03-03 09:00", agent("RedTeam/1"))
    story.signs_in(alice, LAGOS, "2026-03-03 09:10", STRANGER)
    story.stays_quiet()
    story.signs_in(alice, LAGOS, "2026-03-03 23:00", agent("RedTeam/1"))
    assert (numbers(story.only()), story.only().risk_level) == (["OWN-1"], "low")


def test_the_strongest_of_several_patterns_leads() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, BAD, "09:00", agent("azurehound/v2.4.1"))
    assert numbers(story.only()) == ["TI_RI_9005", "TI_RI_9009"]


def test_told_with_restarts_it_is_the_same() -> None:
    plain, torn = Story(FILE, alice), Story(FILE, alice)
    torn.restarts = True
    for story in (plain, torn):
        registers(story, "09:00")
        story.signs_in(alice, LAGOS, "09:40", STRANGER, incoming_token_type="primaryRefreshToken")
        for n in range(6):
            story.signs_in(
                alice, LAGOS, f"11:0{n // 2}", agent(f"x{n}"), app_id=f"a{n % 3}", id=f"s{n}"
            )
    assert len(plain.detections()) == 2
    assert msgspec.json.encode(plain.detections()) == msgspec.json.encode(torn.detections())


def test_a_crowd_of_programs_leaves_a_small_state() -> None:
    story = Story(FILE, alice)
    story.tells(
        signs_in(
            "alice",
            LAGOS,
            when("09:00") + n * 100,
            agent(f"{n}" * 100),
            app_id=f"a{n}",
            id=f"e{n}",
        )
        for n in range(500)
    )
    row = msgspec.msgpack.decode(story.rows.packed()["user", "id-of-alice"])
    assert len(msgspec.msgpack.encode(row["investigationsThreatIntelligence@1"])) < 16_000
