"""The detectors of applications' identities; what they find is never said of a person."""

from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import DAY, HOUR, Client, DirectoryChange, SignIn, Verdict
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    STRANGER,
    TOR,
    Place,
    at,
    changes,
    does,
    laptop,
    place,
)
from risktui.engine.memory import latest
from risktui.model.risk import Detection
from story import Story, erin, rules, when

AZURE = place("192.0.2.128", (8075, "Microsoft", "hosting"), ("IE", "Dublin", 53.34, -6.26))


def app(where: Place, time: str | int, **fields: Any) -> SignIn:
    """A sign-in of the backup program."""
    moment = time if isinstance(time, int) else when(time)
    who = {"actor": "servicePrincipal", "user_id": "", "user_principal_name": ""}
    who |= {"service_principal_id": "sp-1", "service_principal_name": "Backup", "app_id": "app-1"}
    who |= {"resource_display_name": "Microsoft Graph", "credentials": "none"}
    client = fields.pop("client", Client(user_agent="python-requests/2.32"))
    return does(SignIn, "backup", where, moment, client, **(who | fields))


def for_weeks(story: Story, weeks: int = 3, where: Place = HOSTING) -> Story:
    begin = at("2026-03-02 00:00") - weeks * 7 * DAY
    return story.tells(app(where, begin + number * 8 * HOUR) for number in range(weeks * 21))


def found(story: Story) -> list[Detection]:
    assert not story.outcome.users, "a person was named"
    assert not story.outcome.detections
    return list(latest(story.outcome).values())


def backup() -> Story:
    return for_weeks(Story("suspicious_sign_ins"))


def test_a_stolen_secret_is_used_elsewhere() -> None:
    (one,) = found(backup().tells([app(LAGOS, "09:00")]))
    assert (one.risk_event_type, one.risk_level) == ("suspiciousSignins", "medium")
    assert (one.user_id, one.activity) == ("sp-1", "servicePrincipal")
    assert {"network", "country", "kind"} <= rules(one)


def test_through_tor_for_another_resource_with_another_secret_it_is_high() -> None:
    event = app(TOR, "09:00", resource_display_name="Key Vault", credential_key_id="k2")
    (one,) = found(backup().tells([event]))
    assert one.risk_level == "high"


@pytest.mark.parametrize(
    "event",
    [
        app(HOSTING, "09:00"),
        app(HOSTING, "09:00", resource_display_name="SharePoint"),
        app(AZURE, "09:00"),
        app(HQ, "09:00"),
        app(LAGOS, "09:00", error_code=7000215, result="failure"),
    ],
    ids=["as ever", "another resource", "Microsoft's own", "trusted", "a wrong secret"],
)
def test_what_is_ordinary_for_an_application(event: SignIn) -> None:
    assert not found(backup().tells([event]))


def test_an_application_of_yesterday_is_everywhere_new() -> None:
    story = Story("suspicious_sign_ins").tells(
        app(HOSTING, at("2026-03-01 00:00") + n) for n in (1, 2)
    )
    assert not found(story.tells([app(LAGOS, "09:00")]))


def test_dismissed_the_new_network_is_known() -> None:
    story = backup().tells([app(LAGOS, "09:00")])
    fields = {"actor": "servicePrincipal", "user_id": "sp-1", "user_principal_name": "Backup"}
    verdict = does(
        Verdict, "x", None, when("10:00"), Client(), action="dismiss", author="soc", **fields
    )
    story.tells([verdict, app(LAGOS, "2026-03-05 09:00")])
    (one,) = found(story)
    assert one.risk_state == "dismissed"
    assert one.risk_detail == "adminDismissedAllRiskForServicePrincipal"
    assert story.outcome.principals[-1].risk_state == "dismissed"


def test_a_managed_identity_has_a_list_as_well() -> None:
    story = Story("suspicious_sign_ins")
    begin = at("2026-02-09 00:00")
    managed = {"actor": "managedIdentity"}
    story.tells(app(HOSTING, begin + n * 8 * HOUR, **managed) for n in range(60))
    story.tells([app(LAGOS, "09:00", **managed)])
    assert story.outcome.principals[-1].is_managed_identity


def secret(where: Place, time: str = "09:00", **fields: Any) -> DirectoryChange:
    target = {"target_ids": ("sp-1",), "target_names": ("Backup",)}
    target |= {"target_types": ("ServicePrincipal",)}
    operation = fields.pop("operation", "Add service principal credentials")
    client = laptop("erin") if where is HQ else STRANGER
    return changes("erin", where, when(time), operation, client, **(target | fields))


def of_the_application(story: Story) -> list[Detection]:
    return story.outcome.principal_detections


def test_a_secret_from_a_strange_place_is_a_risk_of_the_application() -> None:
    story = Story("anomalous_activity", erin).tells([secret(LAGOS)])
    (one,) = found(story)
    assert one.risk_event_type == "anomalousServicePrincipalActivity"
    assert (one.user_id, one.user_display_name) == ("sp-1", "Backup")
    assert "erin@contoso.com" in one.explanation.headline


def test_by_somebody_at_risk_it_is_high() -> None:
    story = Story("anomalous_activity anonymized_ip_address", erin)
    story.signs_in(erin, TOR, "08:50", STRANGER)
    story.tells([secret(TOR)])
    (one,) = of_the_application(story)
    assert one.risk_level == "high"
    assert {"risk", "place"} <= rules(one)
    assert {d.user_id for d in story.outcome.detections} == {"id-of-erin"}


def test_by_somebody_at_risk_who_sits_at_home_it_is_low() -> None:
    story = Story("anomalous_activity anonymized_ip_address", erin)
    story.signs_in(erin, TOR, "08:50", STRANGER)
    story.tells([secret(HQ)])
    (one,) = of_the_application(story)
    assert one.risk_level == "low"
    assert "home" in rules(one)


@pytest.mark.parametrize(
    "operation",
    [
        "Add service principal credentials",
        "Add owner to application",
        "Update application - Certificates and secrets management",
    ],
)
def test_at_the_office_it_is_daily_work(operation: str) -> None:
    assert not found(Story("anomalous_activity", erin).tells([secret(HQ, operation=operation)]))


def test_a_secret_that_could_not_be_added_is_none() -> None:
    assert not found(Story("anomalous_activity", erin).tells([secret(LAGOS, succeeded=False)]))


def by_app(operation: str, time: str, who: str = "sp-1") -> DirectoryChange:
    fields = {"actor": "servicePrincipal", "user_id": "", "user_principal_name": ""}
    fields |= {"service_principal_id": who, "app_display_name": "Backup", "operation": operation}
    return does(DirectoryChange, who, LONDON, when(time), Client(), **fields)


def test_an_application_that_suddenly_hands_out_roles() -> None:
    story = Story("anomalous_activity", erin).tells([by_app("Add member to role", "09:00")])
    (one,) = found(story)
    assert one.risk_level in {"medium", "high"}
    assert "changed the directory" in one.explanation.headline


def test_a_provisioning_program_goes_on_provisioning() -> None:
    story = Story("anomalous_activity", erin)
    story.tells(by_app("Add user", f"2026-03-{day:02d} 09:00") for day in range(2, 9))
    assert not found(story)


def test_microsoft_switches_an_application_off() -> None:
    off = ("DisabledByMicrosoftStatus", "", "DisabledDueToViolationOfServicesAgreement")
    event = secret(HQ, operation="Update service principal", changes=(off,))
    (one,) = found(Story("malicious_application", erin).tells([event]))
    assert (one.risk_event_type, one.risk_level) == ("maliciousApplication", "high")
