"""What `risktui doctor` says of the logs."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.test_scan import run
from engine.tenant import HOME, append, configuration, log_file, record
from risktui.cli.doctor import lasting


def doctor(folder: Path) -> str:
    database = folder / "risktui.db"
    config = ("--config", configuration(folder), "--db", database)
    assert run("scan", folder / "logs", *config).exit_code == 0
    return run("doctor", *config).stdout


def rule(number: int, when: str) -> dict[str, object]:
    return {
        "CreationTime": when,
        "Id": f"00000000-0000-4000-9000-{number:012d}",
        "Operation": "New-InboxRule",
        "RecordType": 1,
        "Workload": "Exchange",
        "UserId": "carol@contoso.com",
    }


def test_it_says_how_far_each_format_has_come_and_which_is_silent(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-04T10:00:00"))
    append(path.with_name("audit.json"), rule(1, "2026-03-02T09:00:00"))
    said = doctor(tmp_path)
    assert "logs           2 files, 2 records" in said
    signed = "entra sign-in: 1 files, 1 events, last 2026-03-04T10:00:00.000Z (the newest)"
    audited = "unified audit: 1 files, 1 events, last 2026-03-02T09:00:00.000Z"
    assert f"source         {signed}" in said
    assert f"source         {audited} (2 d 1 h behind the newest)" in said
    assert "SILENT         unified audit: nothing since 2026-03-02T09:00:00.000Z" in said
    assert "SILENT         entra sign-in" not in said


def test_it_counts_what_was_refused_by_reason_with_three_examples(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    for number in range(5):
        append(path, rule(number, "no time"))
    with path.open("a") as log:
        log.write("no JSON at all\n")
    said = doctor(tmp_path)
    assert "quarantine     6 records" in said
    assert "  5: unified audit record without a readable time" in said
    assert said.count("PT1H.json @") == 4
    assert "    3 of 5 shown" in said
    assert "  1: not JSON" in said


def test_it_says_where_a_file_was_left(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-04T10:00:00"))
    size = path.stat().st_size
    with path.open("a") as log:
        log.write('{"category": "SignInLogs", "prop')
    assert f"PT1H.json: {size:,} of {size + 32:,} bytes read" in doctor(tmp_path)


def test_it_tells_of_a_clock_that_is_ahead(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    later = datetime.fromtimestamp(time.time() + 7200, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    append(path, record(1, "carol", HOME, later))
    said = doctor(tmp_path)
    assert "CLOCK" in said
    assert "an event of entra sign-in was 1 h 59 min ahead of this host's clock" in said


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 s"),
        (999, "0 s"),
        (40_000, "40 s"),
        (3_600_000, "1 h"),
        (93_784_000, "1 d 2 h"),
        (86_460_000, "1 d 1 min"),
    ],
)
def test_a_length_of_time_in_words(milliseconds: int, words: str) -> None:
    assert lasting(milliseconds) == words
