from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from cli.test_scan import run
from risktui.detect import (
    ApiCall,
    Client,
    DirectoryChange,
    Event,
    FileAccess,
    MailSent,
    PasswordChange,
)
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    STRANGER,
    TOR,
    Place,
    does,
    sets_password,
)
from story import Person, Story, alice, dave, when

FILE = "threat_intelligence_of_users"
BROKER = {"app_id": "29d9ed98-a469-4536-ade2-f981bc1d605e"}
DEVICE_CODE: dict[str, Any] = {"authentication_protocol": "deviceCode", **BROKER}
PRT: dict[str, Any] = {"incoming_token_type": "primaryRefreshToken", "is_interactive": False}


def acts(
    operation: str, time: str, where: Place = LAGOS, who: str = "alice", **fields: Any
) -> DirectoryChange:
    """What somebody does to their own account."""
    return does(DirectoryChange, who, where, when(time), STRANGER, operation=operation, **fields)


def mails(count: int, time: str, where: Place = LAGOS) -> list[Event]:
    begin = when(time)
    return [
        does(MailSent, "alice", where, begin + number * 7_000, Client(), operation="Send")
        for number in range(count)
    ]


def number(story: Story) -> str:
    """The one pattern that was found."""
    found = story.only()
    assert (found.risk_event_type, found.activity) == ("investigationsThreatIntelligence", "user")
    assert found.detection_timing_type == "offline"
    return found.cooldown_key


def test_fraud_by_business_mail_is_high_with_all_its_steps() -> None:
    story = Story(FILE, alice)
    first = story.signs_in(alice, LAGOS, "09:00", STRANGER)
    rule = story.sets_rule(alice, LAGOS, "09:10")
    story.tells(mails(80, "09:20"))
    assert number(story) == "TI_RU_9101"
    found = story.only()
    assert found.risk_level == "high"
    assert {first.id, rule.id} <= set(found.event_ids)
    assert [line.label for line in found.explanation.evidence] == ["Step 1", "Step 2", "Step 3"]


def test_without_the_rule_a_burst_is_another_matter() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    story.tells(mails(80, "09:20")).stays_quiet()


def test_a_rule_and_a_newsletter_at_the_office_are_ordinary() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00")
    story.sets_rule(alice, HQ, "09:10")
    story.tells(mails(80, "09:20", HQ)).stays_quiet()


def test_a_device_code_becomes_a_primary_refresh_token() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", STRANGER, **DEVICE_CODE)
    story.tells([acts("Register device", "09:05")])
    story.signs_in(alice, LAGOS, "09:30", STRANGER, **PRT)
    assert number(story) == "TI_RU_9102"
    assert story.only().risk_level == "high"


@pytest.mark.parametrize("prompts", [12, 20])
def test_many_prompts_refused_and_one_accepted(prompts: int) -> None:
    story = Story(FILE, alice)
    for minute in range(prompts):
        time = f"09:{minute // 2:02d}:{minute % 2 * 30:02d}"
        refused = {"error_code": 500121, "mfa": "denied" if minute % 2 else "unanswered"}
        story.signs_in(alice, LAGOS, f"2026-03-02 {time}", STRANGER, **refused)
    story.signs_in(alice, LAGOS, "09:10", STRANGER, mfa="fresh")
    assert number(story) == "TI_RU_9107"
    assert story.only().risk_level == "high"


def test_mfa_is_registered_by_a_stranger() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, LAGOS, "09:00", STRANGER)
    story.tells([acts("User registered security info", "09:10")])
    story.signs_in(alice, LAGOS, "09:20", STRANGER, mfa="fresh")
    assert number(story) == "TI_RU_9103"


def test_a_device_is_registered_right_after_a_detection() -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    story.signs_in(alice, TOR, "09:00", STRANGER)
    story.tells([acts("Register device", "09:03", TOR)])
    assert "TI_RU_9104" in {d.cooldown_key for d in story.detections()}


def test_an_hour_after_a_detection_it_is_not_right_after() -> None:
    story = Story(f"{FILE} anonymized_ip_address", alice)
    story.signs_in(alice, TOR, "09:00", STRANGER)
    story.tells([acts("Register device", "10:03", TOR)])
    assert {d.risk_event_type for d in story.detections()} == {"anonymizedIPAddress"}


def consent(where: Place) -> list[Event]:
    said = (("ConsentAction.Permissions", "", "Scope: Mail.Read offline_access"),)
    reading = does(
        ApiCall,
        "alice",
        HOSTING,
        when("10:00"),
        Client(),
        app_id="0badc0de",
        request_method="GET",
        request_uri="https://graph.microsoft.com/v1.0/me/messages",
    )
    return [acts("Consent to application", "09:00", where, changes=said), reading]


def test_consent_from_a_strange_network_and_mail_that_is_read() -> None:
    assert number(Story(FILE, alice).tells(consent(LAGOS))) == "TI_RU_9105"


def test_consent_from_the_office_is_ordinary() -> None:
    Story(FILE, alice).tells(consent(HQ)).stays_quiet()


def reset(where: Place, time: str = "09:00") -> PasswordChange:
    event = sets_password("alice", when(time), how="self-service reset")
    event.ip_address, event.network, event.location = (
        where.ip_address,
        where.network,
        where.location,
    )
    return event


def test_a_reset_from_a_strange_address_and_a_strange_machine_there() -> None:
    story = Story(FILE, alice).tells([reset(HOSTING)])
    story.signs_in(alice, HOSTING, "09:10", STRANGER)
    assert number(story) == "TI_RU_9106"
    assert story.only().risk_level == "medium"


def test_a_reset_in_a_hotel_and_the_own_laptop_there() -> None:
    story = Story(FILE, alice).tells([reset(LAGOS)])
    story.signs_in(alice, LAGOS, "09:10")
    story.stays_quiet()


def test_a_newcomer_registers_mfa_at_the_office() -> None:
    story = Story(FILE, dave)
    story.signs_in(dave, HQ, "09:00", STRANGER)
    story.tells([acts("User registered security info", "09:10", HQ, "dave")])
    story.signs_in(dave, HQ, "09:20", STRANGER, mfa="fresh")
    story.stays_quiet()


def test_a_step_after_more_than_a_day_is_none() -> None:
    story = Story(FILE, alice)
    story.signs_in(alice, HQ, "09:00", STRANGER, **DEVICE_CODE)
    story.tells([acts("Register device", "09:05")])
    story.signs_in(alice, LAGOS, "2026-03-03 15:30", STRANGER, **PRT)
    story.stays_quiet()


def test_three_prompts_refused_are_a_mistake() -> None:
    story = Story(FILE, alice)
    for minute in range(3):
        story.signs_in(alice, HQ, f"09:0{minute}", error_code=500121, mfa="denied")
    story.signs_in(alice, HQ, "09:05", mfa="fresh")
    story.stays_quiet()


def test_twelve_prompts_over_a_day_are_no_fatigue() -> None:
    story = Story(FILE, alice)
    for hour in range(12):
        story.signs_in(alice, HQ, f"{6 + hour:02d}:00", error_code=500121, mfa="unanswered")
    story.signs_in(alice, HQ, "18:00", mfa="fresh")
    story.stays_quiet()


def test_a_pattern_can_be_switched_off() -> None:
    settings = '[investigationsThreatIntelligenceUser]\ndisabled = ["TI_RU_9106"]'
    story = Story(FILE, alice, settings=settings).tells([reset(HOSTING)])
    story.signs_in(alice, HOSTING, "09:10", STRANGER)
    story.stays_quiet()


def test_both_forms_of_the_type_stand_side_by_side() -> None:
    hound = Client(user_agent="azurehound/v2.4.1")
    bob = Person("bob", (HQ,))
    story = Story(f"{FILE} threat_intelligence", bob)
    event = reset(HOSTING)
    event.user_id, event.user_principal_name = "id-of-bob", "bob@contoso.com"
    story.tells([event])
    story.signs_in(bob, HOSTING, "09:10", hound)
    activities = {d.activity for d in story.detections()}
    assert activities == {"signin", "user"}
    assert len({d.id for d in story.detections()}) == 2


def golden(where: Place | None = None, *, replicated: bool = False) -> list[Event]:
    """What follows a golden SAML token: a permission, a secret, mail read by the application."""
    scope = (("DelegatedPermissionGrant.Scope", "User.Read", "User.Read Mail.ReadWrite"),)
    steps: list[tuple[str, str, Any]] = [
        ("Add delegated permission grant", "09:10", scope),
        ("Update application - Certificates and secrets management", "09:12", ()),
    ]
    if replicated:
        steps.insert(0, ("Directory Services replication", "09:00", ()))
    acts_ = [
        does(
            DirectoryChange,
            "alice",
            where,
            when(time),
            Client(user_agent="WindowsPowerShell/5.1"),
            operation=operation,
            changes=changed,
        )
        for operation, time, changed in steps
    ]
    client = Client(user_agent="Client=REST;;")
    fields = {"workload": "Exchange", "operation": "MailItemsAccessed"}
    return [*acts_, does(FileAccess, "alice", LAGOS, when("09:15"), client, **fields)]


@pytest.mark.parametrize(("replicated", "level"), [(False, "medium"), (True, "high")])
def test_mail_read_by_an_application_after_a_golden_saml_token(
    replicated: bool, level: str
) -> None:
    story = Story(FILE, alice).tells(golden(replicated=replicated))
    assert number(story) == "TI_RU_9108"
    assert story.only().risk_level == level
    assert len(story.only().event_ids) == 4 if replicated else 3


def test_an_application_set_up_at_the_office_is_ordinary() -> None:
    Story(FILE, alice).tells(golden(HQ)).stays_quiet()


def test_a_secret_alone_gives_no_mail_away() -> None:
    Story(FILE, alice).tells(golden()[1:]).stays_quiet()


def test_mail_read_by_ones_own_program_is_ordinary() -> None:
    events = golden()
    events[-1].client = Client(user_agent="Client=OWA;")
    Story(FILE, alice).tells(events).stays_quiet()


def test_the_samples_of_a_golden_saml_attack_tell_their_story(tmp_path: Path) -> None:
    data = Path(__file__).parents[1] / "logs" / "data"
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("others/AADAuditEvents.json", "unified_audit/OfficeActivityEvents.json"):
        shutil.copy(data / name, logs)
    database = tmp_path / "golden.db"
    assert run("scan", logs, "--db", database).exit_code == 0
    told = run("show", "pgustavo@simulandlabs.com", "--db", database).stdout
    assert "TI_RU_9108" in told
    for step in ("delegated permission grant", "secrets management", "MailItemsAccessed"):
        assert step in told


def test_the_sample_of_an_inbox_rule_attack_tells_its_story(tmp_path: Path) -> None:
    data = Path(__file__).parents[1] / "logs" / "data" / "unified_audit"
    logs = tmp_path / "logs"
    logs.mkdir()
    shutil.copy(data / "office_activity_inbox_rule.csv", logs)
    database = tmp_path / "rule.db"
    assert run("scan", logs, "--db", database).exit_code == 0
    told = run("show", "adelev", "--db", database).stdout
    assert "mcasSuspiciousInboxManipulationRules" in told
    assert "Junk Email" in told


def test_in_somebodys_first_days_nothing_is_strange_of_them() -> None:
    story = Story(FILE, dave)
    story.signs_in(dave, LAGOS, "09:00", STRANGER)
    story.sets_rule(dave, LAGOS, "09:10")
    burst = [
        does(MailSent, "dave", LAGOS, when("09:20") + number * 7_000, Client(), operation="Send")
        for number in range(80)
    ]
    story.tells(burst).stays_quiet()
