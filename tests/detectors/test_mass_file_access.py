from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from risktui.detect import DAY, HOUR, Client, FileAccess
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    LONDON,
    STRANGER,
    TOKYO,
    Place,
    does,
    laptop,
    reads,
)
from story import BEGIN, Person, Story, alice, dave, rules, when

FILE = "mass_file_access"
BOTH = f"{FILE} unfamiliar_features"
SYNC = Client(user_agent="Microsoft SkyDriveSync 25.100.0526.0003 ship; Windows NT 10.0 (26100)")
SYNCED: dict[str, Any] = {"operation": "FileSyncDownloadedFull", "how": "sync"}
TAKEN: dict[str, Any] = {"operation": "FileDownloaded", "how": "download"}


def quiet_days(who: Person, each: int, days: int = 40, place: Place = HQ) -> Iterator[FileAccess]:
    """Every day `each` sensitive files within an hour."""
    for day in range(days, 0, -1):
        for number in range(each):
            yield reads(
                who.name,
                place,
                BEGIN - day * DAY + 3 * HOUR + number * 30_000,
                item=f"invoice-{day}-{number}.pdf",
            )


def told_of(who: Person = alice, each: int = 4, files: str = FILE, settings: str = "") -> Story:
    return Story(files, who, settings=settings).tells(quiet_days(who, each))


def burst(
    story: Story,
    count: int,
    place: Place = HQ,
    *,
    begin: str = "09:00",
    gap: int = 20_000,
    name: str = "contract-{n}.docx",
    client: Client | None = None,
    who: Person = alice,
    **fields: Any,
) -> None:
    """`count` files, one every `gap` ms."""
    client = client or Client()
    story.tells(
        reads(who.name, place, when(begin) + n * gap, client, item=name.format(n=n), **fields)
        for n in range(count)
    )


def test_sixty_downloads_in_twenty_minutes_at_the_office_are_medium() -> None:
    story = told_of()
    burst(story, 60, **TAKEN)
    found = story.only()
    assert found.risk_level == "medium"
    assert "taken" in rules(found)
    assert "M1" in rules(found)
    files = next(e for e in found.explanation.evidence if e.label == "Among them")
    assert "contract-0.docx (says contract)" in files.observed
    assert found.explanation.evidence[0].baseline.startswith("mean 4.0, most 4 on 40 days")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("q3_Budgets_{n}.xlsx", "says budgets"),
        ("{n}%20wages.doc", "says wages"),
        ("Private Key {n}.txt", "says private key"),
        ("2026taxes{n}.pdf", "says taxes"),
        ("Übersicht-geheim-{n}.doc", "says geheim"),
        ("月の給与{n}.xlsx", "says 給与"),
    ],
)
def test_a_word_is_found_wherever_it_stands_in_a_name(name: str, said: str) -> None:
    story = told_of()
    burst(story, 60, name=name, **TAKEN)
    files = next(e for e in story.only().explanation.evidence if e.label == "Among them")
    assert f"({said})" in files.observed


@pytest.mark.parametrize("name", ["budgetary-{n}.doc", "private-{n}.doc", "precontract{n}.doc"])
def test_a_part_of_a_word_or_half_of_two_says_nothing(name: str) -> None:
    story = told_of()
    burst(story, 60, name=name, **TAKEN)
    story.stays_quiet()


def test_with_an_open_session_risk_from_a_rented_server_they_are_high() -> None:
    story = told_of(files=BOTH)
    story.signs_in(alice, HOSTING, "08:00", STRANGER)
    burst(story, 60, HOSTING, **TAKEN)
    found = story.detections()[-1]
    assert (found.risk_event_type, found.risk_level) == ("mcasFinSuspiciousFileAccess", "high")
    assert {"place", "risk"} <= rules(found)


def test_read_slowly_over_a_day_they_are_low() -> None:
    story = told_of(each=10)
    burst(story, 120, gap=600_000)
    found = story.only()
    assert found.risk_level == "low"
    assert "within 1 d" in found.explanation.headline


def test_read_a_few_each_day_over_a_week_they_are_low_and_told_once() -> None:
    story = told_of()
    for day in range(2, 12):
        name = f"contract-{day}-{{n}}.docx"
        burst(story, 24, gap=1_800_000, begin=f"2026-03-{day:02} 06:00", name=name)
    found = story.only()
    assert found.risk_level == "low"
    assert "opened 150 sensitive files within 7 d" in found.explanation.headline
    assert found.explanation.evidence[0].baseline == "mean 28.0, most 28 in seven days on end"


def test_the_same_by_somebody_who_reads_as_many_every_week_is_nothing() -> None:
    story = told_of(each=22)
    for day in range(2, 9):
        name = f"contract-{day}-{{n}}.docx"
        burst(story, 24, gap=1_800_000, begin=f"2026-03-{day:02} 06:00", name=name)
    story.stays_quiet()


def test_what_an_hour_has_told_the_week_does_not_tell_again() -> None:
    story = told_of()
    burst(story, 200)
    assert story.only().risk_level == "low"
    for day in range(4, 8):
        name = f"invoice-{day}-{{n}}.pdf"
        burst(story, 4, begin=f"2026-03-{day:02} 09:00", name=name)
    assert "within 1 h" in story.only().explanation.headline


def test_a_busy_week_of_somebody_of_whom_no_whole_week_is_known_is_nothing() -> None:
    story = Story(FILE, alice).tells([reads("carol", LONDON, BEGIN - 40 * DAY)])
    story.tells(quiet_days(alice, 20, days=6))
    for day in range(2, 9):
        name = f"contract-{day}-{{n}}.docx"
        burst(story, 24, gap=1_800_000, begin=f"2026-03-{day:02} 06:00", name=name)
    story.stays_quiet()


def test_three_hundred_synchronised_to_a_strange_machine_are_high() -> None:
    story = told_of()
    burst(story, 300, LONDON, gap=4_000, client=SYNC, machine_id="strange", **SYNCED)
    found = story.only()
    assert found.risk_level == "high"
    assert "sync" in rules(found)


def test_a_program_that_only_pretends_to_synchronise_is_judged_at_home_too() -> None:
    story = told_of()
    burst(story, 100, HQ, client=laptop("alice"), **SYNCED)
    assert story.only().risk_level == "low"  # medium, less one for the known managed laptop
    assert "M2" in rules(story.only())


def test_opened_from_abroad_without_any_download_is_medium() -> None:
    story = told_of()
    burst(story, 40, LAGOS)
    assert story.only().risk_level == "medium"


def test_one_burst_is_one_detection_and_only_its_doublings_are_told_again() -> None:
    story = told_of()
    burst(story, 240, gap=10_000)
    found = story.only()
    assert 2 <= found.count <= 5


def test_four_hundred_pictures_are_not_sensitive() -> None:
    story = told_of()
    burst(story, 400, gap=5_000, name="finance-logo-{n}.png", **TAKEN)
    story.stays_quiet()


def test_many_harmless_files_with_a_few_sensitive_ones_among_them() -> None:
    story = told_of()
    burst(story, 400, gap=5_000, name="slides-{n}.pptx")
    burst(story, 30, begin="09:35", gap=5_000)
    story.stays_quiet()


def test_who_reads_such_files_for_a_living_may_read_more() -> None:
    clerk = Person("clerk", (HQ,))
    story = told_of(clerk, each=80)
    burst(story, 90, gap=30_000, who=clerk, **TAKEN)
    story.stays_quiet()


def test_one_file_opened_two_hundred_times_is_one_file() -> None:
    story = told_of()
    burst(story, 200, gap=10_000, name="payroll.xlsx")
    story.stays_quiet()


def test_a_file_is_known_by_its_id_whatever_it_is_called() -> None:
    story = told_of()
    burst(story, 60, item_id="b4f2", **TAKEN)
    story.stays_quiet()


@pytest.mark.parametrize(
    ("place", "client", "machine"),
    [
        (HQ, SYNC, ""),
        (TOKYO, SYNC, "new-one"),
        (LONDON, msgspec.structs.replace(SYNC, device_id="laptop-alice"), ""),
    ],
)
def test_the_own_machine_may_synchronise_everything(
    place: Place, client: Client, machine: str
) -> None:
    story = told_of()
    burst(story, 300, place, gap=4_000, client=client, machine_id=machine, **SYNCED)
    story.stays_quiet()


def test_a_machine_met_on_two_days_is_the_persons_wherever_it_is() -> None:
    story = told_of()
    for day in ("2026-03-02 09:00", "2026-03-03 09:00"):
        burst(story, 1, HQ, begin=day, client=SYNC, machine_id="m-1", **SYNCED)
    burst(
        story,
        300,
        LONDON,
        begin="2026-03-04 09:00",
        gap=4_000,
        client=SYNC,
        machine_id="m-1",
        **SYNCED,
    )
    story.stays_quiet()


def test_dave_on_his_second_day_is_still_learnt() -> None:
    story = told_of(dave, each=0)
    story.tells(quiet_days(alice, 1))
    burst(story, 60, who=dave, **TAKEN)
    story.stays_quiet("learning")


def test_where_the_log_of_files_is_young_nothing_is_known_of_anybody() -> None:
    story = Story(FILE, alice)
    burst(story, 60, **TAKEN)
    story.stays_quiet("learning")


def test_somebody_who_never_opens_files_is_judged_all_the_same() -> None:
    story = Story(FILE, alice).tells(quiet_days(Person("bob", (HQ,)), 1))
    burst(story, 30, **TAKEN)
    found = story.only()
    assert found.risk_level == "medium"
    assert found.explanation.evidence[0].baseline == "never opened such files before"


@pytest.mark.parametrize("operation", ["FileUploaded", "FileCopied", "FileModified"])
def test_what_gives_nobody_the_content_does_not_count(operation: str) -> None:
    story = told_of()
    burst(story, 60, operation=operation, how="change")
    burst(story, 60, begin="12:00", operation=operation)
    story.stays_quiet()


def test_mail_is_no_file() -> None:
    story = told_of()
    burst(story, 60, name="Contract {n}", operation="MailItemsAccessed", workload="Exchange")
    story.stays_quiet()


def test_an_indexer_of_the_organisation_may_be_named() -> None:
    settings = '[mcasFinSuspiciousFileAccess]\nallowed_apps = ["backup-app"]'
    story = told_of(settings=settings)
    burst(story, 300, gap=2_000, app_id="backup-app", **TAKEN)
    story.stays_quiet()


def test_labels_and_sites_make_files_sensitive_or_not() -> None:
    settings = '[mcasFinSuspiciousFileAccess]\nsensitive_sites = ["/sites/vault-7"]'
    for fields, fires in (
        ({"label": "Highly Confidential"}, True),
        ({"site": "https://contoso.sharepoint.example/sites/Vault-7"}, True),
        ({"label": "Public", "path": "Contracts"}, False),
        ({}, False),
    ):
        story = told_of(settings=settings)
        burst(story, 60, name="page-{n}.docx", **(TAKEN | fields))
        assert bool(story.detections()) is fires, fields


@pytest.mark.parametrize(
    ("name", "sensitive"),
    [
        ("給与明細_{n}.xlsx", True),
        ("IT/keys/server-{n}.kdbx", True),
        ("Gehalt {n}.docx", True),
        ("networking-lunch-{n}.docx", False),
        ("whiteboard-{n}.docx", False),
        ("notes-{n}.docx", False),
    ],
)
def test_names_that_are_nobody_elses_business(name: str, sensitive: bool) -> None:
    story = told_of()
    burst(story, 40, name=name, **TAKEN)
    assert bool(story.detections()) is sensitive


def test_ten_thousand_files_leave_a_small_state() -> None:
    story = told_of()
    burst(story, 10_000, LAGOS, gap=8_000, client=SYNC, machine_id="m", **SYNCED)
    part = msgspec.msgpack.decode(story.rows.packed()["user", "id-of-alice"], strict=False)
    state = part["mcasFinSuspiciousFileAccess@1"]
    assert len(msgspec.msgpack.encode(state)) < 64 * 1024


def test_told_with_restarts_it_is_the_same() -> None:
    plain, torn = told_of(), told_of()
    torn.restarts = True
    for story in (plain, torn):
        burst(story, 60, LAGOS, **TAKEN)
    assert msgspec.json.encode(plain.detections()) == msgspec.json.encode(torn.detections())


def test_somebody_elses_act_is_not_the_persons() -> None:
    story = told_of()
    story.tells(
        does(
            FileAccess,
            "alice",
            HQ,
            when("09:00") + n * 1000,
            Client(),
            item=f"contract-{n}.docx",
            operation="FileDownloaded",
            actor="servicePrincipal",
        )
        for n in range(60)
    )
    story.stays_quiet()
