"""What `risktui doctor` says of the logs."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cli.test_scan import run
from engine.tenant import HOME, append, configuration, log_file, record
from risktui.cli.doctor import lasting
from risktui.language import choice
from risktui.store.database import prepare
from risktui.store.lock import EngineLock

HOUR = 3_600_000


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
    signed = "entra sign-in: 1 file, 1 event, last 2026-03-04T10:00:00.000Z (the newest)"
    audited = "unified audit: 1 file, 1 event, last 2026-03-02T09:00:00.000Z"
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


def test_a_database_that_everybody_on_the_host_can_read_is_a_failure(tmp_path: Path) -> None:
    path, config = tmp_path / "x.db", configuration(tmp_path)
    prepare(path)
    path.chmod(0o644)
    found = run("doctor", "--db", path, "--config", config)
    assert found.exit_code == 1
    assert f"{path} can be read by everybody on this host; chmod o= {path}" in found.stdout
    prepare(path)
    assert run("doctor", "--db", path, "--config", config).exit_code == 0


def test_a_folder_where_the_usual_database_belongs_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    (tmp_path / "risktui" / "risktui.db").mkdir(parents=True)
    for command in ("doctor", "users"):
        found = run(command, "--config", configuration(tmp_path))
        assert found.exit_code == 1
        assert "risktui.db: is a folder, and no database" in found.output


def test_it_tells_of_a_clock_that_is_ahead(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    later = datetime.fromtimestamp(time.time() + 7200, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    append(path, record(1, "carol", HOME, later))
    said = doctor(tmp_path)
    assert "CLOCK" in said
    assert "an event of entra sign-in was 1 h 59 min ahead of this host's clock" in said


def test_it_says_how_old_the_newest_event_is_and_how_much_of_each_format_is_read(
    tmp_path: Path,
) -> None:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-04T10:00:00"))
    size = path.stat().st_size
    said = doctor(tmp_path)
    assert "newest event   2026-03-04T10:00:00.000Z, " in said
    assert " ago" in said
    assert f", {size:,} of {size:,} bytes" in said


def test_it_counts_what_came_when_later_events_had_been_judged(tmp_path: Path) -> None:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-04T10:00:00"))
    assert "late " not in doctor(tmp_path)
    append(path, record(2, "carol", HOME, "2026-03-03T10:00:00"))
    append(path, record(3, "carol", HOME, "2026-03-04T09:59:00"))
    append(path, record(4, "carol", HOME, "2026-03-04T11:00:00"))
    assert "late           1 event, up to 1 d: judged as they came" in doctor(tmp_path)
    append(path, record(5, "carol", HOME, "2026-03-04T09:00:00"))
    assert "late           2 events, up to 1 d: judged as they came" in doctor(tmp_path)


def test_a_folder_that_is_named_in_two_ways_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-04T10:00:00"))
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path)
    database = ("--config", configuration(tmp_path), "--db", tmp_path / "risktui.db")
    names = ("logs", tmp_path / "logs", "./logs", "other/../logs")
    for name in names:
        assert run("scan", name, *database).exit_code == 0
    said = run("doctor", *database).stdout
    assert "logs           1 file, 1 record" in said
    assert "entra sign-in: 1 file, 1 event" in said


KEPT = re.compile(
    r"\S*[/\\.@\[`=-]\S*|[A-Z]{4,}|entra|unified|audit|risktui|actor|tor|intel|JSON|Enc\w*|status|db|\w+IP\w*"
)
"""What a Japanese reader sees as it is: paths, commands, formats, types, words in capitals."""


def test_it_speaks_the_reader_s_language_but_for_names_and_words_in_capitals(
    tmp_path: Path,
) -> None:
    path = log_file(tmp_path / "logs")
    append(path, record(1, "carol", HOME, "2026-03-04T10:00:00"))
    append(path.with_name("audit.json"), rule(1, "2026-03-02T09:00:00"), *[rule(2, "no time")] * 5)
    english = doctor(tmp_path)
    config = ("--config", tmp_path / "risktui.toml", "--db", tmp_path / "risktui.db")
    said = run("doctor", "--lang", "ja", *config).stdout
    choice.choose("en")
    assert len(said.splitlines()) == len(english.splitlines())
    assert "SILENT         unified audit: 2026-03-02T09:00:00.000Z 以降なし" in said
    assert "隔離           5 レコード" in said
    reasons = [line for line in said.splitlines() if not line.startswith("  ")]
    assert re.findall(r"[a-z]{3,}", KEPT.sub("", "\n".join(reasons))) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "tor.txt@53702e1d (tor, vpn): 1 entry",
        "dumps/a.txt: 12 entries, 1 line left out",
        "tor: never fetched",
        "process 4711",
        "1 event, up to 1 d 2 h: judged as they came",
        "logs/x: does not exist",
        "the database cannot be written: the disk is full; logs wait until it can",
        "the engine has written nothing for 7 h: see what it says",
        "siem: 12 waiting, moved never",
        "x.db: database disk image is malformed; restore a backup, or `risktui db rebuild`",
        "x.db: lacks the table meta: another build of risktui made it, or it is damaged; restore a"
        " backup, or make another of the logs: `risktui scan LOGS --db OTHER`",
        "logs/a.json: an event of okta was 7 min 2 s ahead of this host's clock",
        "x_own failed on event 1: KeyError: a, 3 times; mend it, or turn it off:"
        " [detectors.x_own] enabled = false",
        "1,000 records; 7 more were counted and not kept",
    ],
)
def test_what_is_rarely_said_has_its_japanese_too(sentence: str) -> None:
    said = choice.catalogue("ja").find(sentence)
    assert said is not None
    assert re.search("[ぁ-んァ-ヶ一-龠]", said)


def test_what_is_missing_is_said_and_is_no_failure(tmp_path: Path) -> None:
    config = tmp_path / "risktui.toml"
    config.write_text("")
    result = run("doctor", "--config", config, "--db", tmp_path / "risktui.db")
    assert "BLIND " in result.stdout
    assert result.exit_code == 0


def test_what_does_not_work_is_a_failure(tmp_path: Path) -> None:
    config = tmp_path / "risktui.toml"
    config.write_text('[[intel]]\npath = "there-is-none.txt"\ntag = "tor"\n')
    assert run("doctor", "--config", config, "--db", tmp_path / "none.db").exit_code == 1
    (tmp_path / "notes.db").write_text("a text and no database, and long enough to be none")
    config.write_text("")
    broken = run("doctor", "--config", config, "--db", tmp_path / "notes.db")
    assert "FAIL " in broken.stdout
    assert broken.exit_code == 1


def test_an_engine_that_has_not_written_for_long_is_a_failure(tmp_path: Path) -> None:
    database = tmp_path / "risktui.db"
    prepare(database)
    wrote = str(time.time_ns() // 1_000_000 - 7 * HOUR)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("INSERT INTO meta VALUES ('engine.heartbeat', ?)", (wrote,))
        connection.commit()
    config = ("--config", configuration(tmp_path), "--db", database)
    assert "written nothing" not in run("doctor", *config).stdout, "none runs"
    lock = EngineLock(database)
    assert lock.take()
    try:
        assert "written nothing" not in run("doctor", *config).stdout, "it has only begun"
        begun = time.time() - 7 * HOUR / 1000
        os.utime(f"{database}.lock", (begun, begun))
        found = run("doctor", *config)
    finally:
        lock.release()
    assert found.exit_code == 1
    assert "FAIL           the engine has written nothing for 7 h" in found.stdout


def test_a_database_that_lacks_a_table_is_a_failure_with_a_way_out(tmp_path: Path) -> None:
    append(log_file(tmp_path / "logs"), record(1, "carol", HOME, "2026-03-02T09:00:00"))
    doctor(tmp_path)
    with closing(sqlite3.connect(tmp_path / "risktui.db")) as connection:
        connection.execute("DROP TABLE source_formats")
        connection.commit()
    config = ("--config", tmp_path / "risktui.toml", "--db", tmp_path / "risktui.db")
    result = run("doctor", *config)
    assert result.exit_code == 1
    assert "risktui.db: lacks the table source_formats: another build" in result.stdout


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
