from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from risktui.detect import DAY, HOUR, DirectoryChange, SignIn
from risktui.detect.examples import HQ, LAGOS, LONDON, STRANGER, TOKYO, Place, does, signs_in
from risktui.model.risk import Detection
from story import BEGIN, Person, Story, alice, carol, colleagues, erin, neighbour, rules, when

FILE = "token_issuer_anomaly"
USUAL = "http://sts.contoso.com/adfs/services/trust"
EVIL = "http://evil/adfs/services/trust"
FEDERATED: dict[str, Any] = {
    "token_issuer_type": "ADFederationServices",
    "incoming_token_type": "saml20",
    "authentication_protocol": "wsFederation",
}
LISTED = f'[tokenIssuerAnomaly]\nfederation_issuers = ["{USUAL}/"]'


def federated_life(
    people: tuple[Person, ...], days: int = 30, issuer: str = USUAL
) -> Iterator[SignIn]:
    """Every day one sign-in with a token of the usual issuer."""
    for day in range(days, 0, -1):
        for number, person in enumerate(people):
            time = BEGIN - day * DAY + number * HOUR
            yield signs_in(person.name, HQ, time, token_issuer_name=issuer, **FEDERATED)


def federated(settings: str = "") -> Story:
    """A domain that has been federated for a month."""
    people = colleagues(6)
    return Story(FILE, settings=settings).tells(federated_life((*people, alice)))


def forges(
    story: Story,
    issuer: str = EVIL,
    time: str = "09:00",
    who: Person = alice,
    place: Place = LAGOS,
    **fields: Any,
) -> None:
    story.signs_in(who, place, time, STRANGER, token_issuer_name=issuer, **(FEDERATED | fields))


def changes(story: Story, time: str, operation: str, who: str = "erin", **fields: Any) -> None:
    """Somebody changes the directory."""
    target = {"target_names": ("Contoso.com",)}
    story.tells(
        [
            does(
                DirectoryChange,
                who,
                HQ,
                when(time),
                STRANGER,
                operation=operation,
                **(target | fields),
            )
        ]
    )


def points(story: Story) -> int:
    actual = story.only().explanation.thresholds[0].actual
    assert isinstance(actual, int)
    return actual


def test_a_token_for_a_domain_that_was_never_federated_is_medium() -> None:
    story = Story(FILE, alice, *colleagues(3))
    forges(story, issuer="")
    assert (points(story), story.only().risk_level) == (60, "medium")
    assert "R1" in rules(story.only())


def test_hours_after_the_domain_was_set_to_be_federated_it_is_high() -> None:
    story = Story(FILE, alice, *colleagues(3))
    changes(story, "07:00", "Set domain authentication")
    forges(story)
    found = story.only()
    assert found.risk_level == "high"
    assert "day" in rules(found)
    federation = next(e for e in found.explanation.evidence if e.label == "Federation")
    assert "erin@contoso.com" in federation.observed


def test_a_federated_sign_in_the_day_after_the_anchor_was_changed_is_medium() -> None:
    story = federated()
    anchor = (("SourceAnchor", "x1", "attacker=="),)
    changes(
        story,
        "09:00",
        "Update user",
        target_ids=("id-of-alice",),
        target_names=("alice@contoso.com",),
        changes=anchor,
    )
    forges(story, USUAL, "2026-03-03 09:30", place=HQ)
    found = story.only()
    assert (points(story), found.risk_level) == (60, "medium")
    assert "R3" in rules(found)


def test_with_a_change_of_federation_on_the_same_day_it_is_high() -> None:
    story = federated()
    anchor = (("ImmutableId", "", "attacker=="),)
    changes(
        story,
        "08:00",
        "Update user",
        target_ids=("id-of-alice",),
        target_names=("alice@contoso.com",),
        changes=anchor,
    )
    changes(story, "08:30", "Set federation settings on domain")
    forges(story, USUAL, "09:00", place=HQ)
    assert story.only().risk_level == "high"


def an_administrator(story: Story, by_role: bool) -> None:
    """Alice gets a role, or acts as if she had one, and passed a second factor in the cloud."""
    story.signs_in(alice, HQ, "2026-03-01 07:00", mfa="fresh", token_issuer_name=USUAL, **FEDERATED)
    if by_role:
        role: dict[str, Any] = {"target_ids": ("id-of-alice",), "target_types": ("User",)}
        changes(story, "2026-03-01 08:00", "Add member to role", **role)
    else:
        changes(story, "2026-03-01 08:00", "Update conditional access policy", who="alice")


@pytest.mark.parametrize("by_role", [True, False])
def test_an_administrators_second_factor_that_only_the_token_claims_is_low(by_role: bool) -> None:
    story = federated()
    an_administrator(story, by_role)
    forges(story, USUAL, mfa="claim")
    assert (points(story), story.only().risk_level) == (25, "low")
    assert "R6" in rules(story.only())


def test_but_not_from_where_they_work_nor_when_the_cloud_has_asked() -> None:
    story = federated()
    an_administrator(story, by_role=True)
    forges(story, USUAL, "09:00", place=HQ, mfa="claim")
    forges(story, USUAL, "10:00", mfa="fresh")
    story.stays_quiet()


def test_nor_for_somebody_who_administers_nothing() -> None:
    story = federated()
    story.signs_in(alice, HQ, "2026-03-01 07:00", mfa="fresh", token_issuer_name=USUAL, **FEDERATED)
    changes(story, "2026-03-01 08:00", "Consent to application", who="alice")
    forges(story, USUAL, mfa="claim")
    story.stays_quiet()


@pytest.mark.parametrize(
    "operation",
    [
        "Invite external user",
        "Delete group",
        "Update application - Certificates and secrets management",
    ],
)
def test_nor_for_somebody_who_only_does_what_every_member_may(operation: str) -> None:
    story = federated()
    story.signs_in(alice, HQ, "2026-03-01 07:00", mfa="fresh", token_issuer_name=USUAL, **FEDERATED)
    changes(story, "2026-03-01 08:00", operation, who="alice")
    forges(story, USUAL, mfa="claim")
    story.stays_quiet()


def test_nor_where_the_cloud_has_asked_the_administrator_on_the_same_day() -> None:
    story = federated()
    an_administrator(story, by_role=True)
    forges(story, USUAL, "09:00", mfa="fresh")
    forges(story, USUAL, "10:00", mfa="claim")
    story.stays_quiet()


def test_but_a_second_factor_passed_elsewhere_explains_no_claim() -> None:
    story = federated()
    an_administrator(story, by_role=True)
    forges(story, USUAL, "09:00", place=HQ, mfa="fresh")
    forges(story, USUAL, "10:00", mfa="claim")
    assert "R6" in rules(story.only())


def test_the_anchor_set_by_the_synchronisation_is_ordinary() -> None:
    story = federated()
    anchor = (("SourceAnchor", "x1", "x2"),)
    target: dict[str, Any] = {
        "target_ids": ("id-of-alice",),
        "target_names": ("alice@contoso.com",),
    }
    changes(story, "08:00", "Update user", who="sync_dc01", changes=anchor, **target)
    changes(story, "08:10", "Update user", actor="servicePrincipal", changes=anchor, **target)
    changes(story, "08:20", "Update user", changes=(("City", "Tokyo", "Osaka"),), **target)
    forges(story, USUAL, "09:00", place=HQ)
    story.stays_quiet()


def test_an_anchor_changed_long_ago_says_nothing() -> None:
    story = federated()
    target: dict[str, Any] = {
        "target_ids": ("id-of-alice",),
        "target_names": ("alice@contoso.com",),
    }
    changes(story, "08:00", "Update user", changes=(("SourceAnchor", "a", "b"),), **target)
    forges(story, USUAL, "2026-03-12 09:00", place=HQ)
    story.stays_quiet()


def test_a_new_issuer_the_day_after_a_newcomer_changed_federation_is_medium() -> None:
    story = federated()
    changes(story, "09:00", "Set federation settings on domain")
    forges(story, EVIL, "2026-03-03 10:00")
    found = story.only()
    assert (points(story), found.risk_level) == (60, "medium")
    assert {"R2", "change"} <= rules(found)


def test_a_new_issuer_by_itself_is_low() -> None:
    story = federated()
    forges(story, EVIL)
    assert (points(story), story.only().risk_level) == (25, "low")


@pytest.mark.parametrize(
    "issuer",
    [
        "http://sts.contoso-login.com/adfs/services/trust",
        "http://sts.c0ntoso.net/adfs/services/trust",
    ],
)
def test_a_look_alike_weighs_more(issuer: str) -> None:
    story = federated()
    forges(story, issuer)
    assert (points(story), story.only().risk_level) == (50, "medium")
    assert "alike" in rules(story.only())


def test_an_issuer_that_is_not_on_the_list_is_medium_and_a_look_alike_high() -> None:
    story = federated(LISTED)
    forges(story, EVIL, "09:00")
    assert (points(story), story.only().risk_level) == (50, "medium")
    story = federated(LISTED)
    forges(story, "http://sts.contoso-corp.com/adfs/services/trust", "09:00")
    assert (points(story), story.only().risk_level) == (75, "high")


def test_what_an_attack_tool_calls_itself_is_high() -> None:
    story = federated(LISTED)
    forges(story, "http://any.sts/5bf4d0a1")
    assert story.only().risk_level == "high"


def test_five_failed_single_sign_ons_and_then_a_success_are_low() -> None:
    story = Story(FILE, alice)
    for minute, code in enumerate((50008, 50012, 50008, 75005, 50013)):
        story.signs_in(alice, LAGOS, f"09:0{minute}", STRANGER, error_code=code)
    story.signs_in(alice, LAGOS, "09:06", STRANGER)
    assert (points(story), story.only().risk_level) == (25, "low")
    assert story.only().explanation.headline == (
        "alice@contoso.com signed in from Lagos, NG (192.0.2.70) at 2026-03-02 09:06 UTC after "
        "5 failed single sign-ons (50008, 50012, 50013, 75005) in the hour before"
    )


def test_not_of_somebody_who_has_worked_there_with_the_same_program_for_hours() -> None:
    """On the first day in a hotel, with a browser that was renewed the day before."""
    hotel = neighbour(LONDON, 88, asn=64588)
    renewed = msgspec.structs.replace(STRANGER, user_agent="Mozilla/5.0 Chrome/141")
    for arrived, quiet in (("06:30", True), ("08:50", False)):
        story = Story(FILE, alice)
        story.signs_in(alice, hotel, arrived, renewed)
        for minute, code in enumerate((81004, 81009, 81009, 75011)):
            story.signs_in(alice, hotel, f"09:0{minute}", renewed, error_code=code)
        story.signs_in(alice, hotel, "09:06", renewed, mfa="fresh")
        assert bool(story.detections()) is not quiet
        assert ("at work" in {held.rule for held in story.held_back()}) is quiet


def test_not_where_single_sign_on_fails_for_everybody() -> None:
    people = colleagues(4)
    story = Story(FILE, alice, *people)
    for number, person in enumerate((*people, alice, alice, alice)):
        story.signs_in(person, HQ, f"09:0{number}", error_code=50008)
    story.signs_in(alice, HQ, "09:20")
    story.stays_quiet()


def test_not_where_it_fails_every_other_day() -> None:
    story = Story(FILE, alice)
    for day in ("02", "03"):
        for minute in range(2 if day == "02" else 5):
            story.signs_in(alice, HQ, f"2026-03-{day} 09:0{minute}", error_code=50008)
        story.signs_in(alice, HQ, f"2026-03-{day} 09:10")
    story.stays_quiet()


def test_the_usual_issuer_is_nothing() -> None:
    story = federated()
    forges(story, f"{USUAL.upper()}/")
    story.stays_quiet()


def test_a_second_legitimate_provider_that_is_listed_is_nothing() -> None:
    story = federated(LISTED.replace('/"]', '/", "https://idp.partner.example"]'))
    forges(story, "https://idp.partner.example", place=HQ)
    story.stays_quiet()


def test_people_moved_to_a_listed_federation_are_nothing() -> None:
    story = Story(FILE, alice, *colleagues(3), settings=LISTED)
    changes(story, "07:00", "Set domain authentication")
    forges(story, USUAL, place=HQ)
    story.stays_quiet()


def test_a_planned_change_leaves_a_trace() -> None:
    window = "\nmaintenance = [{begin = 2026-03-02T06:00:00Z, end = 2026-03-02T20:00:00Z}]"
    story = federated(f"[tokenIssuerAnomaly]{window}")
    forges(story, EVIL, "09:00")
    story.stays_quiet("maintenance")
    forges(story, EVIL, "21:00")
    assert len(story.detections()) == 1


def test_a_domain_on_its_way_to_federation_may_be_named() -> None:
    settings = '[tokenIssuerAnomaly]\nmixed_domains = ["contoso.com"]'
    story = Story(FILE, alice, settings=settings)
    forges(story)
    story.stays_quiet("mixed")


@pytest.mark.parametrize("kind", ["AzureADBackupAuth", "NPSExtension", "AzureAD"])
def test_the_clouds_own_issuers_are_known(kind: str) -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", token_issuer_type=kind, token_issuer_name="")
    story.stays_quiet()


def test_an_application_that_speaks_saml_is_no_federation() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", authentication_protocol="saml20")
    story.stays_quiet()


def test_a_change_of_federation_without_sign_ins_is_another_subject() -> None:
    story = Story(f"{FILE} anomalous_user_activity", alice, erin)
    changes(story, "2026-03-02 03:00", "Set domain authentication")
    assert {d.risk_event_type for d in story.detections()} <= {"anomalousUserActivity"}
    assert story.detections()


def test_a_guest_comes_with_the_token_of_their_own_company() -> None:
    story = Story(FILE, alice)
    guest: dict[str, Any] = {"user_type": "guest", "home_tenant_id": "elsewhere"}
    forges(story, "https://sts.partner.example", who=carol, **guest)
    story.stays_quiet()


def test_in_the_first_week_nothing_is_known_of_a_domain() -> None:
    early = Person("early", (TOKYO,), days=5)
    story = Story(FILE, early, *colleagues(4, days=5))
    forges(story, USUAL, who=early)
    story.stays_quiet()


def test_a_token_that_was_refused_is_nothing() -> None:
    story = Story(FILE, alice)
    forges(story, error_code=50126)
    story.stays_quiet()


MOVED = "https://login.contoso-idp.example"


def moves(story: Story, people: tuple[Person, ...], days: int = 12, **fields: Any) -> None:
    """Everybody comes with tokens of another provider, once a day."""
    place, client = fields.pop("place", HQ), fields.pop("client", None)
    story.tells(
        signs_in(
            p.name,
            place,
            BEGIN + day * DAY + n * HOUR,
            client,
            token_issuer_name=MOVED,
            **(FEDERATED | fields),
        )
        for day in range(days)
        for n, p in enumerate(people)
    )


def test_people_who_are_moved_to_another_provider_go_on_at_their_desks() -> None:
    people = (*colleagues(6), alice)
    story = federated()
    changes(story, "00:00", "Set federation settings on domain")
    moves(story, people)
    story.stays_quiet("own")


def test_nor_is_the_first_provider_of_a_domain_that_is_announced_an_anomaly() -> None:
    people = colleagues(6)
    story = Story(FILE, *people)
    changes(story, "00:00", "Set domain authentication")
    moves(story, people)
    story.stays_quiet("own")


def test_what_five_machines_of_the_organisation_have_used_is_its_own_for_everybody() -> None:
    people = colleagues(6)
    story = federated()
    moves(story, people, days=1)
    forges(story, MOVED, "2026-03-02 20:00")
    story.stays_quiet()


def test_an_issuer_of_ten_days_and_five_people_is_known_to_all() -> None:
    people = (*colleagues(6), alice)
    story = federated()
    moves(story, people, place=LAGOS, client=STRANGER)
    last = max(d.last_updated_date_time for d in story.detections())
    assert last < BEGIN + 8 * DAY


def test_but_what_one_forger_uses_again_and_again_never_becomes_the_organisations() -> None:
    story = federated()
    for day in range(2, 22):
        forges(story, EVIL, f"2026-03-{day:02} 09:00")
    forges(story, EVIL, "2026-03-23 09:00", who=colleagues(1)[0])
    assert {d.user_principal_name for d in story.detections()} == {
        "alice@contoso.com",
        "colleague0@contoso.com",
    }


def test_whoever_comes_with_a_token_once_a_week_is_used_to_it() -> None:
    """In a domain of passwords, where hardly anybody has one."""
    story = Story(FILE, alice, *colleagues(3))
    for day in ("03-02", "03-09"):
        story.signs_in(alice, HQ, f"2026-{day} 09:00", token_issuer_name=MOVED, **FEDERATED)
    forges(story, MOVED, "2026-03-16 09:00")
    story.stays_quiet()


def test_a_renewed_certificate_leaves_the_issuer_what_it_was() -> None:
    story = federated()
    changes(story, "07:00", "Set federation settings on domain")
    forges(story, USUAL, "09:00")
    story.stays_quiet()


def test_a_domain_on_its_way_back_from_federation_is_nothing() -> None:
    story = federated()
    changes(story, "07:00", "Convert federated user to managed")
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    forges(story, USUAL, "10:00")
    story.stays_quiet()


def bought(name: str) -> dict[str, Any]:
    return {"user_principal_name": f"{name}@bought.example", **FEDERATED}


def test_a_company_that_was_bought_brings_its_people_and_its_issuer() -> None:
    story = federated(LISTED)
    changes(story, "06:00", "Verify domain", target_names=("bought.example",))
    changes(story, "07:00", "Set domain authentication", target_names=("bought.example",))
    story.tells(
        signs_in(
            f"new{n}", LAGOS, BEGIN + 9 * HOUR + n * HOUR, STRANGER,
            token_issuer_name="https://sts.bought.example/adfs", **bought(f"new{n}"),
        )
        for n in range(6)
    )  # fmt: skip
    story.stays_quiet("joined")


def test_but_somebody_long_known_does_not_come_with_it() -> None:
    story = federated(LISTED)
    changes(story, "07:00", "Set domain authentication", target_names=("bought.example",))
    forges(story, "https://sts.bought.example/adfs", "09:00")
    assert story.only().risk_level == "medium"


@pytest.mark.parametrize("user_type", ["guest", ""])
def test_a_partners_people_come_with_the_token_of_their_own_company(user_type: str) -> None:
    story = federated(LISTED)
    partner: dict[str, Any] = {"user_type": user_type, "home_tenant_id": "partner"}
    forges(story, "https://sts.partner.example", who=carol, **partner)
    story.stays_quiet()


def test_single_sign_on_that_fails_at_ones_own_desk_is_misconfigured() -> None:
    """A machine joined to both directories, or an application with a wrong certificate."""
    story = Story(FILE, alice)
    for minute, code in enumerate((81004, 81009, 81004, 75011)):
        story.signs_in(alice, HQ, f"09:0{minute}", error_code=code)
    story.signs_in(alice, HQ, "09:06")
    story.stays_quiet("own")


def test_nobody_knows_what_is_a_newcomers_own() -> None:
    story = Story(FILE, Person("newcomer", (HQ,), days=2))
    for minute in range(5):
        story.signs_in(Person("newcomer", ()), TOKYO, f"09:0{minute}", STRANGER, error_code=75011)
    story.signs_in(Person("newcomer", ()), TOKYO, "09:06", STRANGER)
    story.stays_quiet("learning")


def test_an_administrator_on_a_journey_brings_what_the_cloud_has_issued() -> None:
    """A refresh token carries the second factor that was passed when it was issued."""
    story = federated()
    an_administrator(story, by_role=True)
    forges(story, USUAL, mfa="claim", incoming_token_type="refreshToken")
    forges(story, USUAL, "10:00", mfa="claim", incoming_token_type="primaryRefreshToken")
    story.stays_quiet()


@pytest.mark.parametrize("before", [True, False])
def test_a_change_by_somebody_confirmed_compromised_weighs_like_a_newcomers(before: bool) -> None:
    story = federated()
    changes(story, "2026-02-20 09:00", "Set federation settings on domain")
    if before:
        story.judges(erin, "confirmCompromised", "08:00")
    changes(story, "09:00", "Set federation settings on domain")
    if not before:
        story.judges(erin, "confirmCompromised", "10:00")
    forges(story, EVIL, "2026-03-03 10:00")
    found = next(d for d in story.detections() if d.user_principal_name == "alice@contoso.com")
    assert (found.risk_level, found.explanation.thresholds[0].actual) == ("medium", 60)
    assert "confirmed compromised" in found.explanation.evidence[0].observed + str(
        found.explanation.counter_evidence
    )


RISKY = f"{FILE} anonymized_ip_address"
"""With a detector that puts the administrator at risk, however low, before the change."""


def changed_at_risk(dismissed: bool = False) -> Story:
    """Erin, who has changed federation before, does it again after a sign-in from an anonymiser."""
    story = Story(RISKY).tells(federated_life((*colleagues(6), alice)))
    changes(story, "2026-02-20 09:00", "Set federation settings on domain")
    story.signs_in(erin, neighbour(LONDON, 50, tags=("vpn",), asn=64521), "06:00")
    assert story.only().risk_level == "low"
    if dismissed:
        story.judges(erin, "dismiss", "07:00")
    changes(story, "09:00", "Set federation settings on domain")
    forges(story, EVIL, "2026-03-03 10:00")
    return story


def of_the_issuer(story: Story) -> Detection:
    return next(d for d in story.detections() if d.risk_event_type == "tokenIssuerAnomaly")


def test_a_change_by_somebody_at_any_open_risk_weighs_like_a_newcomers() -> None:
    found = of_the_issuer(changed_at_risk())
    assert (found.risk_level, found.explanation.thresholds[0].actual) == ("medium", 60)
    assert {"R2", "change"} <= rules(found)
    change = next(e for e in found.explanation.evidence if "changed just before" in e.label)
    assert "erin@contoso.com, whose account was at risk since 2026-03-02 06:00" in change.observed


def test_but_a_risk_that_was_dismissed_before_the_change_is_none() -> None:
    found = of_the_issuer(changed_at_risk(dismissed=True))
    assert (found.risk_level, found.explanation.thresholds[0].actual) == ("low", 25)
    assert "change" in rules(found, applied=False)


def changed_again(story: Story, *who: str, day: str = "2026-03-02") -> None:
    """Changes of federation that hide an earlier one, a minute apart."""
    for n, name in enumerate(who):
        changes(story, f"{day} 12:{n:02}", "Set federation settings on domain", name)


def reason_of_the_change(story: Story) -> str:
    found = of_the_issuer(story)
    assert (found.risk_level, found.explanation.thresholds[0].actual) == ("medium", 60)
    return next(e.observed for e in found.explanation.evidence if "changed just" in e.label)


def known_administrators(*who: str) -> Story:
    """A federated domain, and who has changed its federation weeks ago."""
    story = federated()
    for name in who:
        changes(story, "2026-02-10 09:00", "Set federation settings on domain", name)
    return story


def test_two_accounts_cannot_make_a_risky_change_forgotten_by_further_ones() -> None:
    story = known_administrators("erin", "frank", "grace")
    story.judges(erin, "confirmCompromised", "08:00")
    changes(story, "09:00", "Set domain authentication")
    changed_again(story, *("frank", "grace") * 15)
    forges(story, EVIL, "2026-03-03 10:00")
    assert "by erin@contoso.com, whose account was confirmed" in reason_of_the_change(story)
    context = {e.label: e.observed for e in of_the_issuer(story).explanation.evidence}
    assert context["Federation"].startswith("Set domain authentication at 2026-03-02 09:00 UTC")
    assert context["Federation"].endswith("; 5 more changes within the week")


def test_nor_can_a_newcomer_by_doing_it_twice() -> None:
    story = known_administrators("erin")
    changed_again(story, "mallory", "mallory")
    forges(story, EVIL, "2026-03-03 10:00")
    assert "by mallory@contoso.com, for the first time" in reason_of_the_change(story)


def test_a_change_between_many_others_counts_once_its_author_is_found_compromised() -> None:
    story = known_administrators("erin", "frank")
    changed_again(story, "erin", *("frank",) * 20)
    story.judges(erin, "confirmCompromised", "15:00")
    forges(story, EVIL, "2026-03-03 10:00")
    assert "by erin@contoso.com, whose account was confirmed" in reason_of_the_change(story)


def test_made_up_domains_do_not_push_out_the_organisations() -> None:
    story = known_administrators("erin", "frank")
    story.judges(erin, "confirmCompromised", "08:00")
    changes(story, "09:00", "Set domain authentication")
    for n in range(60):
        fields = {"target_names": (f"made-up-{n}.example",), "id": f"made-up-{n}"}
        changes(story, "10:00", "Set domain authentication", "frank", **fields)
    forges(story, EVIL, "2026-03-03 10:00")
    assert "by erin@contoso.com, whose account was confirmed" in reason_of_the_change(story)


def test_what_was_changed_more_than_a_week_ago_makes_room() -> None:
    story = known_administrators("erin")
    changed_again(story, "mallory", day="2026-02-20")
    changed_again(story, "erin")
    forges(story, EVIL, "2026-03-03 10:00")
    assert of_the_issuer(story).risk_level == "low"


def test_told_with_restarts_it_is_the_same() -> None:
    plain, torn = Story(FILE, alice), Story(FILE, alice)
    torn.restarts = True
    for story in (plain, torn):
        changes(story, "07:00", "Set domain authentication")
        forges(story)
        for minute, code in enumerate((50008, 50012, 50008)):
            story.signs_in(carol, LAGOS, f"10:0{minute}", STRANGER, error_code=code)
        story.signs_in(carol, LAGOS, "10:06", STRANGER)
    assert msgspec.json.encode(plain.detections()) == msgspec.json.encode(torn.detections())


def test_many_domains_and_issuers_leave_a_small_state() -> None:
    story = Story(FILE)
    story.tells(
        signs_in(
            f"p{n}",
            HQ,
            BEGIN + n * 60_000,
            token_issuer_name=f"https://sts{n}.example/" + "x" * 600,
            user_principal_name=f"p{n}@d{n % 150}.example",
            **FEDERATED,
        )
        for n in range(2_000)
    )
    row = next(blob for key, blob in story.rows.packed().items() if key[0] == "tenant")
    state = msgspec.msgpack.encode(msgspec.msgpack.decode(row)["federation@2"])
    assert 10_000 < len(state) < 64 * 1024
