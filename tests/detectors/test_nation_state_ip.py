from __future__ import annotations

from typing import Any

from risktui.detect import Listing, SignIn
from risktui.detect.examples import IN_AMSTERDAM, STRANGER, Place, place, signs_in
from story import Person, Story, alice, carol, colleagues, erin, neighbour, rules, told, when

FILE = "nation_state_ip"
FEED = "actors.csv@example"


def actor(last: int = 150, *, plain: bool = False, **listing: Any) -> Place:
    """An address of an actor; `plain` is a list of nothing but addresses."""
    entry = Listing("actor", FEED, **({"name": "Winter Typhoon", "source": "MSTIC"} | listing))
    return place(
        f"203.0.113.{last}",
        (64504, "Gracht Hosting", "hosting"),
        IN_AMSTERDAM,
        tags=("actor",),
        feeds=(FEED,),
        listings=() if plain else (entry,),
    )


def test_a_right_password_from_an_actors_address_is_high() -> None:
    story = Story(FILE, carol)
    event = story.signs_in(carol, actor(), "09:00", STRANGER)
    found = story.only()
    assert found.risk_level == "high"
    assert found.detection_timing_type == "realtime"
    assert found.request_id == event.id


def test_a_token_used_without_interaction_is_high() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(), "09:00", STRANGER, is_interactive=False)
    assert story.only().risk_level == "high"


def test_a_sign_in_stopped_by_mfa_is_high_for_the_password_is_known() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(), "09:00", STRANGER, error_code=50076)
    assert story.only().risk_level == "high"


def test_trusted_location_device_and_mfa_lower_nothing() -> None:
    story = Story(FILE, carol)
    trusted = neighbour(actor(), 151, trusted=True, named_location="Branch")
    story.signs_in(carol, trusted, "09:00", mfa="fresh")
    found = story.only()
    assert found.risk_level == "high"
    assert found.explanation.level.modifiers == ()
    assert {"M1", "M2", "M3"} <= rules(found)
    lowered = [c.effect for c in found.explanation.counter_evidence if c.rule in {"M1", "M2", "M3"}]
    assert lowered == ["lowers nothing here"] * 3


def test_an_address_that_many_colleagues_use_is_still_high() -> None:
    story = Story(FILE, alice, *colleagues(8, actor()), quiet_before=False)
    story.signs_in(alice, actor(), "09:00")
    assert story.only().risk_level == "high"


def test_mfa_in_the_next_row_of_the_sign_in_does_not_answer_it() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(), "09:00", STRANGER, error_code=50074, correlation_id="c")
    story.signs_in(carol, actor(), "09:01", STRANGER, mfa="fresh", correlation_id="c")
    found = story.only()
    assert found.risk_state == "atRisk"
    assert found.count == 2


def test_a_wrong_password_is_no_detection_but_is_remembered_of_the_actor() -> None:
    story = Story(FILE, alice, carol)
    story.signs_in(alice, actor(), "09:00", STRANGER, error_code=50126)
    story.stays_quiet("G1")
    story.signs_in(carol, actor(152), "10:00", STRANGER)
    campaign = story.only().explanation.evidence[1]
    assert campaign.observed == (
        "first seen 2026-03-02 09:00 UTC; other addresses: 203.0.113.150; "
        "others signed in: nobody; tried: alice@contoso.com"
    )


def test_an_entry_that_ended_long_ago_stays_quiet() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(valid_until=when("2026-01-01 09:00")), "09:00", STRANGER)
    story.stays_quiet("validity")


def test_an_entry_that_ended_last_week_still_counts() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(valid_until=when("2026-02-23 09:00")), "09:00", STRANGER)
    assert story.only().risk_level == "high"


def test_an_entry_that_begins_tomorrow_stays_quiet_today() -> None:
    story = Story(FILE, carol)
    tomorrow = actor(valid_from=when("2026-03-03 09:00"))
    story.signs_in(carol, tomorrow, "09:00", STRANGER)
    story.stays_quiet("validity")
    story.signs_in(carol, tomorrow, "2026-03-03 09:00", STRANGER)
    assert story.only().risk_level == "high"


def test_an_entry_of_low_confidence_is_no_verified_actor() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(confidence=40), "09:00", STRANGER)
    story.stays_quiet("confidence")
    story.signs_in(carol, actor(153, confidence=75), "10:00", STRANGER)
    assert story.only().risk_level == "high"


def test_shared_infrastructure_is_no_verified_actor() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(is_shared=True), "09:00", STRANGER)
    story.stays_quiet("shared")


def test_of_two_entries_the_one_that_holds_counts() -> None:
    old = Listing("actor", "old.csv@1", "Old Name", "x", 90, 0, when("2025-01-01 00:00"))
    spot = actor(plain=True)
    both = neighbour(
        spot,
        150,
        feeds=("old.csv@1, new.csv@2",),
        listings=(old, Listing("actor", "new.csv@2", "N")),
    )
    story = Story(FILE, carol)
    story.signs_in(carol, both, "09:00", STRANGER)
    assert story.only().explanation.feeds == ("new.csv@2", "old.csv@1")


def test_a_plain_list_of_addresses_suffices() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(plain=True), "09:00", STRANGER)
    found = story.only()
    assert "an address of a threat actor" in found.explanation.headline
    assert found.explanation.feeds == (FEED,)


def test_an_address_next_to_a_listed_one_stays_quiet() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, neighbour(actor(), 154, tags=(), listings=()), "09:00", STRANGER)
    story.stays_quiet()
    assert not story.held_back()


def test_one_actor_from_two_addresses_in_a_day_is_one_detection() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(), "09:00", STRANGER)
    story.signs_in(carol, actor(152), "15:00", STRANGER)
    assert story.only().count == 2


def test_another_actor_or_another_day_is_another_detection() -> None:
    story = Story(FILE, carol)
    story.signs_in(carol, actor(), "09:00", STRANGER)
    story.signs_in(carol, actor(152, name="Summer Blizzard"), "10:00", STRANGER)
    story.signs_in(carol, actor(), "2026-03-04 09:00", STRANGER)
    assert len(story.detections()) == 3


def test_a_disabled_account_fires_and_a_deleted_one_does_not() -> None:
    dis, ghost = Person("dis", ()), Person("ghost", ())
    story = Story(FILE, dis, ghost)
    story.account(dis, "disabled", "08:00")
    story.account(ghost, "deleted", "08:00")
    story.signs_in(dis, actor(), "09:00", error_code=50057, credentials="probable")
    story.signs_in(ghost, actor(), "09:00")
    assert "G3" in rules(story.only())


def test_a_service_principal_is_nobody() -> None:
    story = Story(FILE, erin)
    story.signs_in(erin, actor(), "09:00", actor="servicePrincipal")
    story.stays_quiet()


def test_twenty_days_of_an_actor_stay_high() -> None:
    story = Story(FILE, carol)
    for day in range(3, 23):
        story.signs_in(carol, actor(), f"2026-03-{day:02} 09:00", STRANGER)
    assert {d.risk_level for d in story.detections()} == {"high"}
    assert sum(d.count for d in story.detections()) == 20


def test_any_order_restarts_and_duplicates_tell_the_same() -> None:
    events = [
        signs_in("alice", actor(), when("09:00"), STRANGER, error_code=50126),
        signs_in("carol", actor(), when("09:05"), STRANGER),
        signs_in("alice", actor(152), when("09:10"), STRANGER),
    ]
    once = told(FILE, [alice, carol], events)
    assert [row[:3] for row in told(FILE, [alice, carol], events[::-1])] == [r[:3] for r in once]
    story = Story(FILE, alice, carol)
    story.restarts = True
    story.tells(events * 2)
    assert sorted(d.id for d in story.detections()) == [row[0] for row in once]


def test_what_is_known_of_actors_stays_bounded() -> None:
    story = Story(FILE)
    events: list[SignIn] = [
        signs_in(f"p{n}", actor(n % 256, name=f"Actor {n}"), when("09:00") + n, error_code=50126)
        for n in range(400)
    ]
    story.tells(events)
    sizes = {stage: len(blob) for (stage, _), blob in story.rows.packed().items()}
    assert sizes["tenant"] < 64 * 1024


def test_the_explanation_is_read_once() -> None:
    story = Story(FILE, carol)
    event = story.signs_in(carol, actor(confidence=90), "09:00", STRANGER)
    why = story.only().explanation
    assert why.headline == (
        "carol@contoso.com signed in from 203.0.113.150 in Amsterdam, NL, an address of "
        "Winter Typhoon, at 2026-03-02 09:00 UTC"
    )
    assert why.evidence[0].observed == (
        "203.0.113.150 is listed as Winter Typhoon on the word of MSTIC, confidence 90"
    )
    assert why.evidence[0].baseline == "this person never used it"
    assert why.evidence[0].event_ids == (event.id,)
    assert why.mitre == ("T1078.004", "T1090")
    assert any("second factor" in tip for tip in why.tips)
