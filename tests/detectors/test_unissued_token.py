"""Stories of a federation service whose own log is watched as well."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from risktui.detect import DAY, HOUR, MINUTE
from risktui.detect.examples import HQ, LAGOS, STRANGER, Place
from story import BEGIN, Person, Story, alice, carol, colleagues, when

FILES = "token_issuer_anomaly unissued_token"
ISSUER = "http://sts.contoso.com/adfs/services/trust"
TOKEN: dict[str, Any] = {
    "token_issuer_type": "ADFederationServices",
    "token_issuer_name": ISSUER,
    "incoming_token_type": "saml11",
}
people = colleagues(6)


def issues(story: Story, who: Person, time: int, **fields: Any) -> None:
    """The federation service writes that it has issued a token."""
    entry: dict[str, Any] = {"of_federation": True, "token_issuer_name": "sts"}
    story.signs_in(who, HQ, _text(time), id=f"issued-{who.name}-{time}", **(entry | fields))


def uses(
    story: Story, who: Person, time: int, place: Place = HQ, client: Any = None, **fields: Any
) -> str:
    """The cloud writes that somebody came with a token; the id of the sign-in."""
    return story.signs_in(who, place, _text(time), client, **(TOKEN | fields)).id


def _text(time: int) -> str:
    return datetime.fromtimestamp(time / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def watched(days: int = 30, files: str = FILES) -> Story:
    """The log is known for `days`, and every token was issued four seconds before."""
    story = Story(files, alice, *people)
    for day in range(days, 0, -1):
        time, person = BEGIN - day * DAY + 8 * HOUR, people[day % 6]
        issues(story, person, time)
        uses(story, person, time + 4_000)
    assert not story.detections(), story.as_told()
    return story


def test_a_token_that_was_never_issued_is_medium_once_the_log_has_gone_on() -> None:
    story = watched()
    forged = uses(story, alice, when("03:00"), LAGOS, STRANGER)
    story.stays_quiet()
    issues(story, people[0], when("03:20"))
    found = story.only()
    assert (found.risk_event_type, found.risk_level) == ("tokenIssuerAnomaly", "medium")
    assert found.activity_date_time == when("03:00")
    assert forged in found.event_ids


@pytest.mark.parametrize("late", [-4, 0, 4])
def test_an_entry_within_five_minutes_is_its_own_whatever_the_clocks_say(late: int) -> None:
    story = watched()
    times = sorted([("issues", when("03:00") + late * MINUTE), ("uses", when("03:00") + 1)],
                   key=lambda each: each[1])  # fmt: skip
    for what, time in times:
        if what == "issues":
            issues(story, alice, time)
        else:
            uses(story, alice, time, LAGOS, STRANGER)
    issues(story, people[0], when("03:20"))
    story.stays_quiet()


def test_an_entry_of_an_hour_ago_is_of_another_token() -> None:
    story = watched()
    issues(story, alice, when("02:00"))
    uses(story, alice, when("03:00"), LAGOS, STRANGER)
    issues(story, people[0], when("03:20"))
    assert story.only().risk_level == "medium"


def test_a_token_of_the_cloud_needs_no_entry() -> None:
    story = watched()
    for kind in ("refreshToken", "primaryRefreshToken", "none", ""):
        uses(story, alice, when("03:00"), incoming_token_type=kind)
    issues(story, people[0], when("03:20"))
    story.stays_quiet()


def test_a_hole_in_the_log_is_no_forgery() -> None:
    story = watched()
    for number, person in enumerate(people[:3]):
        uses(story, person, when("03:00") + number * MINUTE)
    issues(story, people[4], when("03:20"))
    story.stays_quiet()


def test_a_log_of_one_server_of_two_says_nothing() -> None:
    story = watched()
    for day in range(2, 8):
        for number, person in enumerate(people[:2]):
            uses(story, person, BEGIN + day * DAY + (3 + number) * HOUR)
            issues(story, people[5], BEGIN + day * DAY + (3 + number) * HOUR + 20 * MINUTE)
    before = len(story.detections())
    uses(story, alice, BEGIN + 9 * DAY, LAGOS, STRANGER)
    issues(story, people[5], BEGIN + 9 * DAY + HOUR)
    assert len(story.detections()) == before
    assert before <= 2  # until the share was too small


def test_a_log_of_yesterday_or_of_a_few_tokens_is_not_known() -> None:
    for days in (1, 10):
        story = watched(days, "unissued_token")
        uses(story, alice, when("03:00"), LAGOS, STRANGER)
        issues(story, people[0], when("03:20"))
        story.stays_quiet()


def test_without_the_log_nobody_is_suspected() -> None:
    story = Story(FILES, alice, *people)
    for hour in range(3):
        uses(story, alice, when(f"0{hour}:00"), incoming_token_type="none", token_issuer_type="")
    story.stays_quiet()


def test_what_the_service_writes_is_no_sign_in_with_a_strange_issuer() -> None:
    story = Story(FILES, alice, *people)
    issues(story, alice, when("03:00"), token_issuer_type="ADFederationServices")
    story.stays_quiet()


def test_the_token_of_a_guest_or_of_another_domain_is_not_looked_for() -> None:
    story = watched()
    uses(story, carol, when("03:00"), LAGOS, STRANGER, user_type="guest", home_tenant_id="other")
    uses(
        story, carol, when("03:01"), LAGOS, STRANGER,
        user_principal_name="carol@elsewhere.example", token_issuer_type="",
        incoming_token_type="saml11",
    )  # fmt: skip
    issues(story, people[0], when("03:20"))
    assert not [d for d in story.detections() if "not issued" in d.explanation.headline]


def test_told_with_restarts_it_is_the_same() -> None:
    told = []
    for restarts in (False, True):
        story = watched()
        story.restarts = restarts
        uses(story, alice, when("03:00"), LAGOS, STRANGER)
        issues(story, people[0], when("03:20"))
        told.append(msgspec.json.encode(story.detections()))
    assert told[0] == told[1]


def test_a_busy_service_leaves_a_small_state() -> None:
    story = Story("unissued_token")
    for number in range(4_000):
        issues(story, Person(f"p{number}", ()), BEGIN + number * 20)
    for number in range(300):
        uses(story, Person(f"q{number}", ()), BEGIN + HOUR + number * 20)
    row = next(blob for key, blob in story.rows.packed().items() if key[0] == "tenant")
    state = msgspec.msgpack.encode(msgspec.msgpack.decode(row)["issuedTokens@1"])
    assert 40_000 < len(state) < 160 * 1024
