from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import HOUR, MINUTE, Client, ProductAlert
from risktui.detect.examples import alerted, does
from story import Story, alice, when

FILE = "attempted_prt_access"
TITLE = "Possible attempt to access Primary Refresh Token (PRT)"
PRODUCT = "Microsoft Defender for Endpoint"


def info(time: int, title: str = TITLE, alert: str = "da1") -> ProductAlert:
    """The part of a streamed alert that has the title and nobody's name."""
    return ProductAlert(
        time=time,
        id=alert,
        alert_id=alert,
        tenant_id="contoso",
        actor="system",
        title=title,
        product=PRODUCT,
        severity="high",
        category="CredentialAccess",
        about="user",
    )


def evidence(time: int, device: str = "LAPTOP-1", alert: str = "da1") -> ProductAlert:
    """The part that has the person, and no title."""
    fields: dict[str, Any] = {"id": f"{alert}:alice:{device}", "alert_id": alert, "about": "user"}
    client = Client(device_id=device.lower(), device_name=device)
    return does(ProductAlert, "alice", None, time, client, **fields)


def test_title_and_person_come_in_two_parts() -> None:
    story = Story(FILE, alice).tells([info(when("09:00")), evidence(when("09:00") + 1)])
    found = story.only()
    assert found.risk_level == "high"
    assert found.activity == "user"
    assert found.request_id == ""
    assert "LAPTOP-1" in found.explanation.headline


def test_the_person_may_come_first() -> None:
    parts = [evidence(when("09:00")), info(when("09:10"))]
    assert Story(FILE, alice).tells(parts).only().risk_level == "high"


@pytest.mark.parametrize(
    "title",
    [
        TITLE.upper(),
        "possible attempt to access primary refresh token",
        "Attempt to access primary refresh token",
    ],
)
def test_however_the_title_is_written(title: str) -> None:
    story = Story(FILE, alice).tells([alerted("alice", when("09:00"), title, PRODUCT)])
    assert story.only().risk_level == "high"


def test_two_devices_are_one_detection() -> None:
    parts = [
        info(when("09:00")),
        evidence(when("09:00") + 1),
        evidence(when("09:01"), "LAPTOP-2"),
    ]
    found = Story(FILE, alice).tells(parts).only()
    assert found.count == 2
    assert {a.client.device_name for a in found.activities} == {"LAPTOP-1", "LAPTOP-2"}


def test_a_title_without_a_person_is_nobodys_risk() -> None:
    Story(FILE, alice).tells([info(when("09:00"))]).stays_quiet()


def test_a_person_that_comes_after_two_days_is_not_waited_for() -> None:
    parts = [info(when("09:00")), evidence(when("09:00") + 49 * HOUR)]
    Story(FILE, alice).tells(parts).stays_quiet()


def test_other_thefts_of_credentials_are_another_matter() -> None:
    other = alerted("alice", when("09:00"), "Mimikatz credential theft tool", PRODUCT)
    Story(FILE, alice).tells([other]).stays_quiet()


def test_a_deleted_account_is_left_alone() -> None:
    story = Story(FILE, alice)
    story.account(alice, "deleted", "08:00")
    story.tells([alerted("alice", when("09:00"), TITLE, PRODUCT)])
    story.stays_quiet("G2")


def test_the_same_alert_exported_again_is_the_same() -> None:
    parts = [info(when("09:00")), evidence(when("09:00") + 1)]
    story = Story(FILE, alice).tells(parts)
    story.seen.clear()  # so long ago that the engine does not know the ids any more
    assert story.tells(parts).only().count == 1


def test_an_alert_that_defender_has_taken_back_puts_nobody_at_risk() -> None:
    event = alerted("alice", when("09:00"), TITLE, PRODUCT, risk_state="dismissed")
    story = Story(FILE, alice).tells([event])
    assert not [found for found in story.detections() if found.risk_state.active]


def test_the_product_may_name_the_type_itself_and_stays_one_row() -> None:
    event = alerted("alice", when("09:00"), TITLE, PRODUCT, risk_event_type="attemptedPrtAccess")
    found = Story(FILE, alice).tells([event]).only()
    assert found.risk_level == "high"
    assert found.origins == ("risktui", "provider")


def test_an_alert_with_its_parts_far_apart_in_the_file_is_found_within_two_days() -> None:
    parts = [info(when("09:00")), evidence(when("09:00") + 20 * HOUR + 5 * MINUTE)]
    assert Story(FILE, alice).tells(parts).only().risk_level == "high"


def process(title: str) -> ProductAlert:
    return alerted("alice", when("09:00"), title, PRODUCT, category="DeviceProcessEvents")


@pytest.mark.parametrize(
    "title",
    [
        "browsercore.exe started by powershell.exe: browsercore.exe",
        "BrowserCore.exe started by rundll32.exe: ",
        "powershell.exe started by explorer.exe: powershell -c Get-AADIntUserPRTToken",
    ],
)
def test_a_token_asked_for_by_no_browser_is_suspected(title: str) -> None:
    found = Story(FILE, alice).tells([process(title)]).only()
    assert (found.risk_event_type, found.risk_level) == ("x_prtAccessSuspected", "medium")


@pytest.mark.parametrize("parent", ["chrome.exe", "MsEdge.exe", "cmd.exe"])
def test_browsers_ask_for_tokens_all_day(parent: str) -> None:
    event = process(f"browsercore.exe started by {parent}: browsercore.exe")
    Story(FILE, alice).tells([event]).stays_quiet("browser")
