from __future__ import annotations

import msgspec
import pytest

from risktui.detect import DirectoryChange
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOR, VPN, Place, changes, laptop
from risktui.model.risk import Detection
from story import Story, alice, carol, erin, rules, when

FILE = "risky_consent"
MAIL = "Mail.ReadWrite Mail.Send offline_access User.Read"


def consents(
    app: str = "Doc Viewer",
    scopes: str = MAIL,
    where: Place = LAGOS,
    *,
    who: str = "alice",
    time: str = "09:00",
    admin: bool = False,
    succeeded: bool = True,
    app_id: str = "",
) -> DirectoryChange:
    kind = "AllPrincipals" if admin else "Principal"
    text = f"[] => [[Id: r2Kt, ConsentType: {kind}, Scope: {scopes}, CreatedDateTime: ]]"
    return changes(
        who,
        where,
        when(time),
        "Consent to application",
        laptop(who) if where is HQ else STRANGER,
        target_ids=(app_id,) if app_id else (),
        target_names=(app,),
        target_types=("ServicePrincipal",),
        succeeded=succeeded,
        changes=(
            ("ConsentContext.IsAdminConsent", "", str(admin)),
            ("ConsentAction.Permissions", "", text),
        ),
    )


def test_mail_for_good_from_a_strange_place_is_medium() -> None:
    found = Story(FILE, alice).tells([consents()]).only()
    assert (found.risk_event_type, found.risk_level) == ("x_riskyConsent", "medium")
    assert {"grand", "offline", "new", "place"} <= rules(found)
    assert "Doc Viewer" in found.explanation.headline
    assert "Mail.Send" in found.explanation.headline


def test_at_risk_and_for_everybody_it_is_high() -> None:
    story = Story(f"{FILE} anonymized_ip_address", erin)
    story.signs_in(erin, TOR, "08:50", STRANGER)
    story.tells([consents(who="erin", where=TOR, admin=True)])
    found = next(d for d in story.detections() if d.risk_event_type == "x_riskyConsent")
    assert found.risk_level == "high"
    assert "all" in rules(found)


def test_at_home_a_strange_application_that_reads_mail_is_low() -> None:
    found = Story(FILE, alice).tells([consents(where=HQ)]).only()
    assert found.risk_level == "low"
    assert "home" in rules(found)


@pytest.mark.parametrize("app", ["PERFECTDATA SOFTWARE", "eM Client"])
def test_what_intruders_bring_along_is_found_even_at_home(app: str) -> None:
    found = Story(FILE, alice).tells([consents(app, where=HQ)]).only()
    assert found.risk_level in {"medium", "high"}
    assert "abused" in rules(found)


@pytest.mark.parametrize("scopes", ["User.Read openid profile", "User.Read offline_access", "Mail"])
def test_small_permissions_at_the_office_are_ordinary(scopes: str) -> None:
    Story(FILE, alice).tells([consents(scopes=scopes, where=HQ)]).stays_quiet()


def test_small_permissions_in_a_hotel_are_ordinary() -> None:
    Story(FILE, alice).tells([consents(scopes="User.Read")]).stays_quiet()


def test_what_a_colleague_uses_is_no_news() -> None:
    story = Story(FILE, alice, carol)
    early = consents("CRM", where=HQ, who="carol", time="2026-02-20 09:00")
    story.tells([early])
    before = len(story.detections())
    story.tells([consents("CRM", where=HQ)])
    assert len(story.detections()) == before


def test_an_administrator_lets_in_what_the_company_has_bought() -> None:
    Story(FILE, erin).tells([consents(where=HQ, who="erin", admin=True)]).stays_quiet()


def test_the_same_again_is_no_second_one() -> None:
    story = Story(FILE, alice).tells([consents(), consents(time="10:00")])
    assert story.only().count == 1


def test_a_consent_that_failed_is_none() -> None:
    Story(FILE, alice).tells([consents(succeeded=False)]).stays_quiet()


def test_applications_may_be_allowed() -> None:
    settings = '[x_riskyConsent]\nallow_apps = ["Doc Viewer"]'
    Story(FILE, alice, settings=settings).tells([consents()]).stays_quiet()


def test_a_second_application_of_the_same_name_is_another_one() -> None:
    story = Story(FILE, alice)
    story.tells([consents("Zoom", "User.Read", HQ, time="08:00", app_id="sp-zoom")])
    story.stays_quiet()
    found = story.tells([consents("Zoom", app_id="sp-forged")]).only()
    assert "new" in rules(found)


def test_the_same_name_in_a_row_of_two_applications_makes_two_detections() -> None:
    story = Story(FILE, alice)
    story.tells(
        [consents("Viewer", app_id="sp-1"), consents("Viewer", app_id="sp-2", time="09:05")]
    )
    assert len(story.detections()) == 2


@pytest.mark.parametrize("app", ["Acme System Client", "Spikenard Lessons", "prclone"])
def test_a_name_that_has_a_listed_one_within_a_word_is_not_listed(app: str) -> None:
    Story(FILE, alice).tells([consents(app, "User.Read openid", HQ)]).stays_quiet()


@pytest.mark.parametrize("app", ["eM Client", "PerfectData Software", "Rclone (backup)"])
def test_a_listed_name_is_found_as_whole_words(app: str) -> None:
    assert "abused" in rules(Story(FILE, alice).tells([consents(app)]).only())


def test_ones_own_privacy_vpn_is_no_risk_that_taints_a_small_consent() -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    hidden = msgspec.structs.replace(
        VPN, network=msgspec.structs.replace(VPN.network, tags=("vpn",))
    )
    story.signs_in(alice, hidden, "08:00")
    assert story.only().risk_level == "low"
    story.tells([consents("Lunch Menu", "User.Read openid", hidden)])
    assert story.only().risk_event_type == "anonymizedIPAddress"


def judged(story: Story) -> list[Detection]:
    return [d for d in story.detections() if d.risk_event_type == "x_riskyConsent"]


def at_risk(session: str = "") -> Story:
    """Somebody has signed in as Alice through Tor, while she works on at the office."""
    story = Story(f"{FILE} anonymized_ip_address", alice, carol)
    story.signs_in(alice, TOR, "08:00", STRANGER, session_id=session)
    return story


def test_the_owner_at_the_office_lets_in_what_they_need_while_a_stranger_is_at_large() -> None:
    story = at_risk().tells([consents("Lunch Menu", "User.Read openid", HQ)])
    assert not judged(story)
    story.tells([consents("Customer Desk", where=HQ, who="carol", time="10:00")])
    before = len(judged(story))
    story.tells([consents("Customer Desk", where=HQ, time="11:00")])
    assert len(judged(story)) == before


def test_but_what_the_stranger_lets_in_counts_as_the_strangers() -> None:
    story = at_risk().tells([consents("Lunch Menu", "User.Read openid", TOR)])
    assert "risk" in rules(judged(story)[0])


def test_a_consent_of_the_strangers_session_is_theirs_even_from_the_office() -> None:
    consent = consents("Lunch Menu", "User.Read openid", HQ)
    consent = msgspec.structs.replace(consent, session_id="stolen")
    story = at_risk("stolen").tells([consent])
    assert "risk" in rules(judged(story)[0])
