"""Cards S02 and U01, and docs/life_of_a_risk.md: the same data as each licence shows it."""

from __future__ import annotations

import msgspec
import pytest

from risk.ledger_stories import NOON, Life
from risktui.detect import Client, ProductAlert
from risktui.detect.examples import MOBILE, does
from risktui.model.risk import RiskLevel, RiskState, RiskyUser
from risktui.risk.licence import (
    project,
    project_history,
    project_user,
    project_users,
)
from story import Story, alice, when


def _life(kind: str, level: RiskLevel = RiskLevel.MEDIUM) -> Life:
    life = Life()
    life.risky_sign_in("s-1", level, kind=kind)
    return life


@pytest.mark.parametrize("licence", ["p1", "free"])
def test_s02_p1_a_premium_type_is_generic_and_hidden(licence: str) -> None:
    shown = project(_life("unlikelyTravel").open()[0], licence)
    assert (shown.risk_event_type, shown.risk_level, shown.risk_detail) == (
        "generic",
        "hidden",
        "hidden",
    )
    assert shown.explanation.headline == "Additional risk detected"
    assert shown.explanation.risk_reasons == ()


@pytest.mark.parametrize("ours_first", [True, False])
def test_s02_p2_the_providers_generic_and_ours_of_one_sign_in_are_one_row(
    *, ours_first: bool
) -> None:
    """A tenant without P2: Microsoft hides what it found in the sign-in, and we found it too."""
    story = Story("unfamiliar_features", alice)
    theirs: dict[str, str] = {
        "product": "Microsoft Entra ID Protection",
        "risk_event_type": "generic",
        "severity": "hidden",
        "risk_state": "atRisk",
        "request_id": "R1",
    }
    alert = does(ProductAlert, "alice", MOBILE, when("09:00"), Client(), id="p-1", **theirs)
    if not ours_first:
        story.tells([alert])
        hidden = story.only()
        assert (hidden.risk_event_type, hidden.risk_level) == ("generic", "medium")
        assert hidden.explanation.headline == (
            "Microsoft Entra ID Protection reports a risk whose kind the licence hides"
        )
    phone = Client(user_agent="A/2", browser="Outlook", operating_system="Android")
    story.signs_in(alice, MOBILE, "09:00", phone, id="R1", mfa="claim")
    if ours_first:
        story.tells([alert])
    found = story.only()
    assert (found.risk_event_type, found.request_id, found.origin) == (
        "unfamiliarFeatures",
        "R1",
        "risktui",
    )
    assert (found.provider["product"], found.provider["riskLevel"]) == (theirs["product"], "hidden")
    assert "new for this person" in found.explanation.headline
    assert "p-1" in {found.id, found.provider["id"]}


@pytest.mark.parametrize("ours_first", [True, False])
def test_a_level_that_the_licence_hides_does_not_raise_ours(*, ours_first: bool) -> None:
    life = Life()
    hidden = ProductAlert(
        time=NOON,
        id="p-1",
        user_id="carol-id",
        product="Microsoft Entra ID Protection",
        risk_event_type="generic",
        severity="hidden",
        risk_state="atRisk",
        request_id="s-1",
    )
    if not ours_first:
        life.does(hidden)
    life.risky_sign_in("s-1", RiskLevel.LOW, kind="unlikelyTravel")
    if ours_first:
        life.does(hidden)
    assert [d.risk_level for d in life.open()] == [RiskLevel.LOW]
    assert life.level() is RiskLevel.LOW


def test_s02_p3_the_free_list_of_risky_users_omits_low() -> None:
    users = [
        RiskyUser(id=level, risk_level=level, risk_state=RiskState.AT_RISK)
        for level in (RiskLevel.HIGH, RiskLevel.LOW, RiskLevel.MEDIUM)
    ]
    assert [user.id for user in project_users(users, "free")] == ["high", "medium"]
    assert project_users(users, "p2") == users


@pytest.mark.parametrize(
    "kind", ["anonymizedIPAddress", "leakedCredentials", "adminConfirmedUserCompromised"]
)
def test_s02_n1_n4_u01_n2_a_nonpremium_type_stays_itself(kind: str) -> None:
    detection = _life(kind).open()[0]
    assert project(detection, "free") is detection


@pytest.mark.parametrize("licence", ["p1", "free"])
def test_a_type_of_our_own_is_never_sent_as_one_of_microsofts(licence: str) -> None:
    detection = _life("x_mfaFatigue").open()[0]
    assert project(detection, licence) is detection
    user = RiskyUser(
        id="a",
        risk_level=RiskLevel.HIGH,
        risk_state=RiskState.AT_RISK,
        reason="asked nine times",
        risk_event_types=("x_mfaFatigue", "newCountry"),
    )
    shown = project_user(user, licence)
    assert shown is not None
    assert (shown.risk_event_types, shown.reason) == (("x_mfaFatigue", "generic"), user.reason)


def test_s02_n2_p2_shows_everything() -> None:
    life = _life("unlikelyTravel")
    assert project(life.open()[0], "p2") is life.open()[0]
    assert project_history(life.outcome.history, "p2") == life.outcome.history


def test_s02_n3_switching_restores_everything_to_the_bit() -> None:
    life = _life("unlikelyTravel")
    before = msgspec.json.encode((life.open(), life.ledger().user()))
    for licence in ("free", "p1"):
        project(life.open()[0], licence)
        project_user(life.ledger().user(), licence)
    after = msgspec.json.encode((life.open(), life.ledger().user()))
    assert before == after


def test_u01_p3_ids_and_counts_are_equal_in_every_view() -> None:
    life = _life("unlikelyTravel")
    life.finds("e2", kind="anonymizedIPAddress")
    for licence in ("free", "p1", "p2"):
        assert [project(d, licence).id for d in life.open()] == [d.id for d in life.open()]
        user = project_user(life.ledger().user(), licence)
        assert user is not None
        assert user.open_detections == 2


def test_u01_n4_a_dismissal_in_another_view_dismisses_the_real_record() -> None:
    life = _life("unlikelyTravel")
    shown = project(life.open()[0], "p1")
    life.judged("dismiss", detection_id=shown.id)
    assert life.risk.entries[0].detection.risk_event_type == "unlikelyTravel"
    assert life.open() == []


def test_the_users_own_line_hides_what_the_strongest_detection_hides() -> None:
    user = _life("unlikelyTravel").ledger().user()
    seen = project_user(user, "p1")
    assert seen is not None
    assert (seen.reason, seen.risk_event_types) == ("Additional risk detected", ("generic",))
    assert project_user(_life("anonymizedIPAddress").ledger().user(), "p1") is not None


def test_history_belongs_to_p2() -> None:
    life = _life("unlikelyTravel")
    assert life.outcome.history
    assert project_history(life.outcome.history, "p1") == []
