from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from risktui.detect import HOUR, MINUTE, Client, DirectoryChange, FileAccess, MailboxRule
from risktui.detect.examples import HOSTING, HQ, LAGOS, STRANGER, TOKYO, Place, at, does, sets_rule
from risktui.logs.formats.registry import decode
from risktui.model.risk import Detection
from story import Person, Story, alice, carol, rules, when

FILE = "suspicious_inbox_forwarding"
BOTH = f"{FILE} unfamiliar_features"
bob = Person("bob", (HQ,))


def forwards(
    story: Story, place: Place = LAGOS, time: str = "09:00", who: Person = alice, **fields: Any
) -> MailboxRule:
    """A rule that sends mail on and nothing else, unless `fields` say so."""
    rule: dict[str, Any] = {"rule_name": "Copies", "delete_message": False}
    return story.sets_rule(who, place, time, **(rule | fields))


def points(found: Detection) -> int:
    actual = found.explanation.thresholds[0].actual
    assert isinstance(actual, int)
    return actual


def test_all_mail_to_a_strange_domain_from_abroad_is_medium() -> None:
    story = Story(FILE, alice)
    forwards(story, forward_to=("evil@freemail.example",))
    found = story.only()
    assert (points(found), found.risk_level) == (75, "medium")
    assert {"external", "all", "domain", "place"} <= rules(found)
    assert "evil@freemail.example" in found.explanation.headline
    assert "for ALL mail" in found.explanation.headline


def test_the_same_without_keeping_a_copy_is_high() -> None:
    story = Story(FILE, alice)
    forwards(story, forward_to=("evil@freemail.example",), delete_message=True)
    found = story.only()
    assert (points(found), found.risk_level) == (90, "high")
    assert "deletes it" in found.explanation.headline


def test_some_mail_from_the_office_is_low() -> None:
    story = Story(FILE, alice)
    forwards(
        story,
        HQ,
        operation="UpdateInboxRules",
        conditions=(("SubjectContainsWords", "order"),),
        forward_to=("x@ext.example",),
    )
    found = story.only()
    assert (points(found), found.risk_level) == (40, "low")


def test_the_mailbox_itself_forwards_and_keeps_nothing() -> None:
    story = Story(FILE, alice)
    forwards(
        story,
        HQ,
        operation="Set-Mailbox",
        rule_name="",
        forward_to=("smtp:x@ext.example",),
        redirects=True,
    )
    found = story.only()
    assert (points(found), found.risk_level) == (75, "medium")
    assert "x@ext.example" in found.explanation.headline
    assert "smtp:" not in found.explanation.headline


def test_a_name_meant_to_be_overlooked_counts() -> None:
    story = Story(FILE, alice)
    forwards(story, HQ, rule_name="..", forward_to=("x@ext.example",))
    assert points(story.only()) == 75
    assert "name" in rules(story.only())


def test_an_account_at_risk_just_before_raises_it() -> None:
    story = Story(BOTH, alice)
    story.signs_in(alice, LAGOS, "08:00", STRANGER)
    forwards(story, LAGOS, "09:00", forward_to=("x@ext.example",))
    found = next(d for d in story.detections() if d.risk_event_type == "suspiciousInboxForwarding")
    assert (points(found), found.risk_level) == (100, "high")
    assert "risk" in rules(found)


def test_a_second_person_with_the_same_new_target_raises_it() -> None:
    story = Story(FILE, alice, carol)
    forwards(story, HQ, "09:00", forward_to=("a@ext.example",))
    forwards(story, HQ, "10:00", who=carol, forward_to=("b@ext.example",))
    first, second = story.detections()
    assert "others" not in rules(first)
    assert "others" in rules(second)


def test_a_script_that_sets_it_weighs_more() -> None:
    script = Client(user_agent="python-requests/2.32.3", browser="Python Requests")
    story = Story(FILE, alice)
    forwards(story, HQ, client=script, forward_to=("x@ext.example",))
    assert points(story.only()) == 70
    assert "A2" in rules(story.only())


def test_a_free_mailbox_is_nobodys_partner_however_often_mail_goes_there() -> None:
    story = Story(FILE, alice, carol)
    forwards(story, HQ, "2026-01-05 09:00", who=carol, forward_to=("carol@gmail.com",))
    forwards(story, HQ, forward_to=("someone@gmail.com",))
    assert "domain" in rules(story.detections()[-1])
    other = Story(FILE, alice, carol)
    forwards(other, HQ, "2026-01-05 09:00", who=carol, forward_to=("carol@partner.example",))
    forwards(other, HQ, forward_to=("someone@partner.example",))
    assert "domain" in rules(other.detections()[-1], applied=False)


def audited(story: Story, operation: str, parameters: list[dict[str, str]]) -> None:
    """A record of the unified audit log, as it stands there."""
    record = {
        "CreationTime": "2026-03-02T09:00:00",
        "Id": "22222222-0000-4000-8000-00000000b001",
        "Operation": operation,
        "OrganizationId": "contoso",
        "RecordType": 1,
        "ResultStatus": "True",
        "UserType": 2,
        "Workload": "Exchange",
        "UserId": "alice@contoso.com",
        "UserKey": "id-of-alice",
        "ClientIP": "203.0.113.10:4711",
        "Parameters": parameters,
    }
    read = decode(json.dumps(record).encode())
    assert isinstance(read, list)
    story.tells(read)


def test_mail_of_everybody_that_a_transport_rule_copies_outside_is_told() -> None:
    story = Story(FILE, alice)
    target = {"Name": "BlindCopyTo", "Value": "evil@freemail.example"}
    audited(story, "New-TransportRule", [{"Name": "Name", "Value": "Journal"}, target])
    assert "evil@freemail.example" in story.only().explanation.headline


@pytest.mark.parametrize("parameters", [[{"Name": "ForwardTo"}], [{"Value": "x"}], []])
def test_parameters_without_a_value_are_read_and_say_nothing(
    parameters: list[dict[str, str]],
) -> None:
    story = Story(FILE, alice)
    audited(story, "New-InboxRule", parameters)
    story.stays_quiet()


@pytest.mark.parametrize(
    "target",
    ["bob@contoso.com", "Bob Brown", "/o=ExchangeLabs/ou=Exchange/cn=Recipients/cn=bob", "bob"],
)
def test_a_colleague_is_no_stranger(target: str) -> None:
    story = Story(FILE, alice)
    forwards(story, forward_to=(target,))
    story.stays_quiet()


def test_a_second_domain_of_the_organisation_is_known_from_its_members() -> None:
    story = Story(FILE, alice, bob)
    story.signs_in(bob, HQ, "08:00", user_principal_name="bob@contoso.jp", user_id="bob-jp")
    forwards(story, forward_to=("bob@contoso.jp",))
    story.stays_quiet()


def test_or_from_the_configuration() -> None:
    settings = '[suspiciousInboxForwarding]\naccepted_domains = ["own.example"]'
    story = Story(FILE, alice, settings=settings)
    forwards(story, forward_to=("bob@own.example", "carol@mail.own.example"))
    story.stays_quiet()


def test_or_from_the_directory() -> None:
    story = Story(FILE, alice)
    verified = {"operation": "Verify domain", "target_names": ("Fabrikam.example",)}
    story.tells([does(DirectoryChange, "erin", HQ, when("08:00"), STRANGER, **verified)])
    forwards(story, forward_to=("bob@fabrikam.example",))
    story.stays_quiet()


def test_the_domain_of_a_guest_is_not_the_organisations() -> None:
    story = Story(FILE, alice)
    story.signs_in(
        bob, HQ, "08:00", user_principal_name="bob@partner.example", user_id="g", user_type="guest"
    )
    forwards(story, forward_to=("bob@partner.example",))
    assert story.only().risk_level == "medium"


def test_of_two_targets_the_one_outside_is_told() -> None:
    story = Story(FILE, alice)
    forwards(story, forward_to=('"Bob" [SMTP:bob@contoso.com];Eve [SMTP:eve@ext.example]',))
    found = story.only()
    assert "eve@ext.example" in found.explanation.headline
    assert "bob@" not in found.explanation.headline


def test_turning_it_off_is_nothing() -> None:
    story = Story(FILE, alice)
    forwards(story, operation="Set-Mailbox", forward_to=())
    story.stays_quiet()
    forwards(story, time="10:00", forward_to=("",))
    story.stays_quiet()


@pytest.mark.parametrize("action", ["removed", "disabled"])
def test_removing_a_rule_is_nothing(action: str) -> None:
    story = Story(FILE, alice)
    forwards(story, forward_to=("x@ext.example",), action=action)
    story.stays_quiet()


def test_an_attempt_that_failed_is_nothing() -> None:
    story = Story(FILE, alice)
    forwards(story, forward_to=("x@ext.example",), succeeded=False)
    story.stays_quiet()


def test_an_allowed_target_leaves_a_trace() -> None:
    settings = '[suspiciousInboxForwarding]\nallowed_targets = ["Ticket@vendor.example"]'
    story = Story(FILE, alice, settings=settings)
    forwards(story, forward_to=("ticket@vendor.example",))
    story.stays_quiet("allowed")


def test_an_allowed_domain_does_not_cover_a_look_alike() -> None:
    settings = '[suspiciousInboxForwarding]\nallowed_domains = ["vendor.example"]'
    story = Story(FILE, alice, settings=settings)
    forwards(story, time="09:00", forward_to=("ticket@eu.vendor.example",))
    story.stays_quiet("allowed")
    forwards(story, time="10:00", forward_to=("ticket@my-vendor.example",))
    assert "my-vendor.example" in story.only().explanation.headline


def test_a_target_of_two_months_is_the_persons_own() -> None:
    story = Story(FILE, alice)
    forwards(story, HQ, "2026-03-02 09:00", forward_to=("me@ext.example",))
    before = len(story.detections())
    forwards(story, HQ, "2026-05-02 09:00", forward_to=("me@ext.example",))
    assert len(story.detections()) == before
    assert "habit" in {held.rule for held in story.held_back()}


def test_the_same_target_again_is_one_detection() -> None:
    story = Story(FILE, alice)
    forwards(story, time="09:00", forward_to=("x@ext.example",))
    forwards(story, time="09:30", forward_to=("x@ext.example",), rule_name="another")
    assert story.only().count == 2


def test_an_administrators_migration_is_held_back_from_the_fifth_mailbox() -> None:
    people = [Person(f"leaver{n}", (HQ,)) for n in range(8)]
    story = Story(FILE, *people)
    for n, person in enumerate(people):
        forwards(
            story,
            HQ,
            f"09:0{n}",
            who=person,
            operation="Set-Mailbox",
            forward_to=(f"{person.name}@new.example",),
            initiated_by="erin@contoso.com",
            by_administrator=True,
        )
    assert len(story.detections()) == 4
    assert [held.rule for held in story.held_back()] == ["bulk"] * 4


def test_somebody_elses_address_is_not_compared_with_the_owners_habits() -> None:
    story = Story(FILE, alice)
    event = forwards(
        story, HOSTING, forward_to=("x@ext.example",), initiated_by="mallory@contoso.com"
    )
    assert not event.by_the_person
    found = story.only()
    assert "place" not in rules(found)
    assert "actor" in rules(found)


def test_what_somebody_else_did_teaches_nothing_about_the_owner() -> None:
    story = Story(f"{FILE} impossible_travel", alice)
    forwards(story, LAGOS, "09:00", forward_to=("b@contoso.com",), initiated_by="erin@contoso.com")
    story.tells([does(FileAccess, "alice", TOKYO, when("09:20"), STRANGER)])
    story.stays_quiet()


def test_a_thousand_targets_leave_a_small_state() -> None:
    story = Story(FILE)
    story.tells(
        sets_rule(
            f"p{n % 700}",
            HQ,
            at("2026-03-02 00:00") + n * MINUTE,
            delete_message=False,
            forward_to=(f"x@d{n}.example",),
            initiated_by=f"a{n % 90}@contoso.com",
        )
        for n in range(1200)
    )
    sizes = {key: len(blob) for key, blob in story.rows.packed().items() if key[0] == "tenant"}
    assert max(sizes.values()) < 64 * 1024


def test_a_rule_without_values_does_no_harm() -> None:
    story = Story(FILE, alice)
    story.tells([does(MailboxRule, "alice", None, when("09:00") + HOUR, STRANGER)])
    story.stays_quiet()


def test_told_with_restarts_it_is_the_same() -> None:
    plain, torn = Story(FILE, alice), Story(FILE, alice)
    torn.restarts = True
    for story in (plain, torn):
        forwards(story, time="09:00", forward_to=("x@ext.example",))
        forwards(story, time="11:00", forward_to=("y@ext.example",))
    assert msgspec.json.encode(plain.detections()) == msgspec.json.encode(torn.detections())
