from __future__ import annotations

from typing import Any

import msgspec
import pytest

from risktui.detect import MINUTE, MailboxRule, MailSent
from risktui.detect.examples import HQ, LAGOS, PARIS, STRANGER, TOKYO, Place, does, laptop
from risktui.model.risk import Detection
from story import Person, Story, alice, rules, when

FILE = "suspicious_inbox_rules"
BOTH = f"{FILE} unfamiliar_features"
FROM_BOSS = (("From", "boss@contoso.com"),)


def makes(
    story: Story, place: Place = LAGOS, time: str = "09:00", who: Person = alice, **fields: Any
) -> MailboxRule:
    """A rule that deletes nothing unless `fields` say so."""
    rule: dict[str, Any] = {"rule_name": "Old ones", "delete_message": False}
    return story.sets_rule(who, place, time, **(rule | fields))


def story_of_a_sorter(files: str = FILE) -> Story:
    """Alice has sorted mail before, so that no rule is her first."""
    story = Story(files, alice)
    makes(story, HQ, "01:00", conditions=FROM_BOSS, move_to_folder="Projects", rule_name="Proj")
    return story


def points(found: Detection) -> int:
    actual = found.explanation.thresholds[0].actual
    assert isinstance(actual, int)
    return actual


def test_invoices_deleted_from_abroad_by_a_rule_called_dot_are_medium() -> None:
    story = story_of_a_sorter()
    makes(story, rule_name=".", delete_message=True, keywords=("invoice",))
    found = story.only()
    assert (points(found), found.risk_level) == (80, "medium")
    assert {"delete", "keywords", "name", "place"} <= rules(found)
    assert 'rule "."' in found.explanation.headline
    assert "invoice" in found.explanation.headline


def test_with_a_session_at_risk_they_are_high() -> None:
    story = story_of_a_sorter(BOTH)
    story.signs_in(alice, LAGOS, "08:00", STRANGER)
    makes(story, rule_name=".", delete_message=True, keywords=("invoice",))
    found = story.detections()[-1]
    assert (points(found), found.risk_level) == (105, "high")


def test_hidden_among_the_conversations_in_french() -> None:
    story = story_of_a_sorter()
    makes(
        story,
        TOKYO,
        rule_name="Commandes",
        delete_message=True,
        mark_as_read=True,
        stop_processing=True,
        move_to_folder="Historique des conversations",
        keywords=("order",),
    )
    found = story.only()
    assert (points(found), found.risk_level) == (70, "medium")


def test_a_rule_that_hides_and_forwards_is_told_as_both() -> None:
    """The sample record: deleted, marked, filed away, and sent on to somebody outside."""
    story = Story("suspicious_inbox_rules suspicious_inbox_forwarding", alice)
    makes(
        story,
        LAGOS,
        rule_name="Commandes",
        delete_message=True,
        mark_as_read=True,
        move_to_folder="Historique des conversations",
        forward_to=("evil@freemail.example",),
    )
    assert {found.risk_event_type for found in story.detections()} == {
        "mcasSuspiciousInboxManipulationRules",
        "suspiciousInboxForwarding",
    }


def test_everything_marked_as_read_among_the_feeds_is_medium() -> None:
    story = story_of_a_sorter()
    makes(story, TOKYO, mark_as_read=True, move_to_folder="alice@contoso.com:\\RSS Feeds")
    found = story.only()
    assert (points(found), found.risk_level) == (60, "medium")
    assert {"folder", "everything", "read"} <= rules(found)


def test_everything_above_a_size_that_all_mail_has_is_everything() -> None:
    story = story_of_a_sorter()
    makes(
        story,
        TOKYO,
        delete_message=True,
        operation="UpdateInboxRules",
        conditions=(("WithinSizeRangeMinimum", "1 KB (1,023 bytes)"),),
    )
    found = story.only()
    assert (points(found), found.risk_level) == (55, "low")


@pytest.mark.parametrize(
    "condition",
    [("BodyContainsWords", "\\u0000"), ("SubjectContainsWords", "a"), ("From", "@")],
)
def test_other_tricks_that_take_everything(condition: tuple[str, str]) -> None:
    story = story_of_a_sorter()
    makes(story, TOKYO, delete_message=True, conditions=(condition,))
    assert "everything" in rules(story.only())


def test_the_first_rule_of_a_person_weighs_a_little() -> None:
    story = Story(FILE, alice)
    makes(story, rule_name=".", delete_message=True, keywords=("invoice",))
    assert points(story.only()) == 85


def test_warnings_in_japanese_count() -> None:
    story = story_of_a_sorter()
    makes(story, TOKYO, delete_message=True, keywords=("不審なサインイン",))
    assert "keywords" in rules(story.only())


def test_a_rule_that_is_taken_away_again_weighs_more() -> None:
    story = story_of_a_sorter()
    lunch = (("SubjectContainsWords", "lunch"),)
    rule: dict[str, Any] = {"rule_name": "Lunch-time", "delete_message": True, "mark_as_read": True}
    makes(story, LAGOS, "09:00", conditions=lunch, **rule)
    assert (points(story.only()), story.only().risk_level) == (55, "low")
    makes(story, LAGOS, "17:00", rule_name="Lunch-time", action="removed")
    found = story.only()
    assert (points(found), found.risk_level) == (65, "medium")
    assert "removed" in rules(found)


def test_taking_a_rule_away_after_two_days_is_ordinary() -> None:
    story = story_of_a_sorter()
    lunch = (("SubjectContainsWords", "lunch"),)
    rule: dict[str, Any] = {"rule_name": "Lunch-time", "delete_message": True, "mark_as_read": True}
    makes(story, LAGOS, "09:00", conditions=lunch, **rule)
    makes(story, LAGOS, "2026-03-04 09:30", rule_name="Lunch-time", action="removed")
    assert story.only().risk_level == "low"


def test_mail_that_streams_out_afterwards_raises_it() -> None:
    story = story_of_a_sorter()
    makes(story, TOKYO, "09:00", rule_name="..", delete_message=True, keywords=("lunch",))
    assert (points(story.only()), story.only().risk_level) == (45, "low")
    begin = when("09:05")
    story.tells(
        does(MailSent, "alice", TOKYO, begin + n * 1000, STRANGER, operation="Send")
        for n in range(70)
    )
    found = story.only()
    assert (points(found), found.risk_level) == (65, "medium")
    assert "burst" in rules(found)


def test_mail_that_was_sent_before_the_rule_is_nothing() -> None:
    story = story_of_a_sorter()
    begin = when("08:00")
    story.tells(
        does(MailSent, "alice", LAGOS, begin + n * 1000, STRANGER, operation="Send")
        for n in range(70)
    )
    makes(story, TOKYO, "09:00", rule_name="..", delete_message=True, keywords=("lunch",))
    assert points(story.only()) == 45


def test_a_folder_of_ones_own_is_nothing() -> None:
    story = story_of_a_sorter()
    makes(story, LAGOS, rule_name="ABC", move_to_folder="Projects/ABC", conditions=FROM_BOSS)
    story.stays_quiet()


def test_a_newsletter_deleted_at_the_office_is_nothing() -> None:
    story = Story(FILE, alice)
    makes(
        story, HQ, rule_name="shop", delete_message=True, conditions=(("From", "newsletter@shop"),)
    )
    story.stays_quiet()


def test_nor_is_a_newsletter_folder_in_the_archive() -> None:
    story = Story(FILE, alice)
    makes(
        story,
        TOKYO,
        rule_name="news",
        mark_as_read=True,
        stop_processing=True,
        move_to_folder="Archive",
        conditions=(("FromAddressContainsWords", "news@vendor.example"),),
    )
    story.stays_quiet("sender")


@pytest.mark.parametrize(
    "conditions",
    [
        (("From", "build-bot@contoso.com"),),
        (("SubjectContainsWords", "[JIRA]"),),
        (("From", "build-bot@contoso.com"), ("SubjectContainsWords", "alert")),
    ],
)
def test_a_bots_mail_deleted_is_nothing(conditions: tuple[tuple[str, str], ...]) -> None:
    story = Story(FILE, alice)
    makes(
        story, HQ, rule_name="bot", delete_message=True, stop_processing=True, conditions=conditions
    )
    story.stays_quiet()


def test_the_same_from_abroad_is_not_excused() -> None:
    story = Story(FILE, alice)
    alerts = (("From", "build-bot@contoso.com"), ("SubjectContainsWords", "security alert"))
    makes(story, LAGOS, rule_name="bot", delete_message=True, conditions=alerts)
    assert {"place", "keywords"} <= rules(story.only())


def test_in_somebodys_first_week_every_network_is_new() -> None:
    newcomer = Person("dan", (TOKYO,), days=2)
    story = Story(FILE, newcomer)
    passed = (("SubjectContainsWords", "build passed"),)
    bot = {"rule_name": "build bot", "delete_message": True, "conditions": passed}
    makes(story, PARIS, "09:00", who=newcomer, **bot)
    story.stays_quiet()
    makes(story, PARIS, "10:00", who=newcomer, **(bot | {"rule_name": "."}), keywords=("invoice",))
    assert "place" not in rules(story.only())


def test_who_makes_such_rules_there_for_days_is_no_news_for_a_fortnight() -> None:
    """The first weighed too little to be told; the next from the same address is ordinary."""
    asked = (("SubjectContainsWords", "lunch"),)
    lunch: dict[str, Any] = {"delete_message": True, "conditions": asked}
    more = lunch | {"mark_as_read": True, "stop_processing": True}
    story = story_of_a_sorter()
    makes(story, TOKYO, "09:00", rule_name="Lunch-time", **lunch)
    makes(story, TOKYO, "2026-03-09 09:00", rule_name="Lunch-break", **more)
    story.stays_quiet("similar")
    fresh = story_of_a_sorter()
    makes(fresh, TOKYO, "09:00", rule_name="Lunch-break", **more)
    assert fresh.only().risk_level == "low"


def test_a_renamed_rule_is_nothing() -> None:
    story = story_of_a_sorter()
    makes(story, LAGOS, operation="Set-InboxRule", rule_name="..", is_whole=False)
    story.stays_quiet()


def test_a_rule_that_could_not_be_made_is_nothing() -> None:
    story = story_of_a_sorter()
    makes(story, rule_name=".", delete_message=True, keywords=("invoice",), succeeded=False)
    story.stays_quiet()


def test_a_change_does_not_count_as_taking_everything() -> None:
    story = story_of_a_sorter()
    makes(
        story,
        TOKYO,
        operation="Set-InboxRule",
        is_whole=False,
        delete_message=True,
        mark_as_read=True,
    )
    found = story.only()
    assert points(found) == 40
    assert "everything" in rules(found, applied=False)


def test_a_mailbox_that_is_forwarded_is_another_subject() -> None:
    story = story_of_a_sorter()
    makes(story, operation="Set-Mailbox", rule_name="", redirects=True, forward_to=("x@y.example",))
    story.stays_quiet()


def test_a_folder_may_be_called_harmless() -> None:
    settings = '[mcasSuspiciousInboxManipulationRules]\nharmless_folders = ["RSS Feeds"]'
    story = Story(FILE, alice, settings=settings)
    words = (("SubjectContainsWords", "digest"),)
    makes(story, TOKYO, mark_as_read=True, move_to_folder="RSS Feeds", conditions=words)
    story.stays_quiet()


def test_many_rules_leave_a_small_state() -> None:
    story = Story(FILE, alice)
    long = (("SubjectContainsWords", "x" * 400),) * 20
    begin = when("09:00")
    story.tells(
        does(
            MailboxRule,
            "alice",
            LAGOS,
            begin + n * MINUTE,
            laptop("alice"),
            rule_name=f"rule {n}" * 20,
            delete_message=True,
            conditions=long,
        )
        for n in range(60)
    )
    part = msgspec.msgpack.decode(story.rows.packed()["user", "id-of-alice"])
    state = part["mcasSuspiciousInboxManipulationRules@1"]
    assert len(msgspec.msgpack.encode(state)) < 64 * 1024


def test_told_with_restarts_it_is_the_same() -> None:
    plain, torn = Story(FILE, alice), Story(FILE, alice)
    torn.restarts = True
    for story in (plain, torn):
        makes(story, LAGOS, "09:00", rule_name="..", delete_message=True)
        makes(story, LAGOS, "10:00", rule_name="..", action="removed")
    assert msgspec.json.encode(plain.detections()) == msgspec.json.encode(torn.detections())


def test_a_rule_made_on_a_trip_with_ones_own_laptop_is_as_ordinary_as_at_home() -> None:
    bot = (("SubjectContainsWords", "build passed"),)
    story = Story(FILE, alice)
    makes(story, LAGOS, client=laptop("alice"), delete_message=True, conditions=bot)
    story.stays_quiet()
    makes(story, PARIS, "10:00", rule_name="Bots", delete_message=True, conditions=bot)
    assert "place" in rules(story.only())


def test_a_record_without_a_program_is_believed_where_ones_own_laptop_is() -> None:
    bot = (("SubjectContainsWords", "build passed"),)
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "08:00", laptop("alice"))
    makes(story, LAGOS, rule_name="Bots", delete_message=True, conditions=bot)
    story.stays_quiet()
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "08:00", STRANGER)
    makes(story, LAGOS, rule_name="Bots", delete_message=True, conditions=bot)
    assert "place" in rules(story.only())


def test_conditions_told_in_one_text_are_read_as_well() -> None:
    shop = (("RuleCondition", "FromAddressContainsWords news@shop.example"),)
    story = Story(FILE, alice)
    makes(story, TOKYO, rule_name="shop", delete_message=True, conditions=shop)
    story.stays_quiet()
    money = (("RuleCondition", '(Subject contains "invoice")'),)
    makes(story, TOKYO, "10:00", rule_name="Old ones", delete_message=True, conditions=money)
    assert "keywords" in rules(story.only())


def test_everything_but_something_is_everything() -> None:
    story = story_of_a_sorter()
    but = (("ExceptIfSubjectContainsWords", "invoice"),)
    makes(story, TOKYO, delete_message=True, conditions=but, keywords=("invoice",))
    assert "everything" in rules(story.only())


def at_risk() -> Story:
    """A stranger has signed in as Alice, who works on at home."""
    story = Story(BOTH, alice)
    story.signs_in(alice, LAGOS, "08:00", STRANGER)
    return story


def hiding_rules(story: Story) -> list[Detection]:
    return [f for f in story.detections() if f.risk_event_type.startswith("mcasSuspiciousInbox")]


CALENDAR: dict[str, Any] = {
    "rule_name": "calendar noise",
    "move_to_folder": "Calendar replies",
    "mark_as_read": True,
    "conditions": (("SubjectContainsWords", "Accepted:"),),
}
BOT: dict[str, Any] = {
    "rule_name": "build bot",
    "delete_message": True,
    "conditions": (("SubjectContainsWords", "build passed"),),
}


@pytest.mark.parametrize("rule", [CALENDAR, BOT])
def test_the_owner_sorts_mail_at_home_while_a_stranger_is_at_large(rule: dict[str, Any]) -> None:
    story = at_risk()
    makes(story, TOKYO, "09:00", **rule)
    assert not hiding_rules(story)


@pytest.mark.parametrize(
    ("place", "more"),
    [
        (LAGOS, {}),
        (TOKYO, {"rule_name": "."}),
        (TOKYO, {"conditions": (("SubjectContainsWords", "invoice"),)}),
        (TOKYO, {"move_to_folder": "RSS Feeds"}),
        (TOKYO, {"ip_address": ""}),
    ],
)
def test_but_where_the_stranger_is_or_in_a_strangers_manner_the_risk_counts(
    place: Place, more: dict[str, Any]
) -> None:
    story = at_risk()
    makes(story, place, "09:00", **(BOT | more))
    (found,) = hiding_rules(story)
    assert "risk" in rules(found)


def test_a_rule_of_the_strangers_session_is_theirs_even_from_the_owners_network() -> None:
    story = Story(BOTH, alice)
    story.signs_in(alice, LAGOS, "08:00", STRANGER, session_id="stolen")
    makes(story, TOKYO, "09:00", session_id="stolen", **CALENDAR)
    (found,) = hiding_rules(story)
    assert "risk" in rules(found)
