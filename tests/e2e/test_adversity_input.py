"""Logs written by somebody who means harm, and secrets that must not get out: whole commands."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import unicodedata
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from e2e.adversity import Engine, visit, watching
from engine.tenant import TOR, append, configuration, log_file, record
from risktui.store.database import reader

NASTY = "=cmd|'/C calc'!A1\x1b]0;owned\x07\x1b[2J\u202e\u2066[bold red]\x00\r\nFORGED line"
BROKEN = (
    b'{"category": "SignInLogs", "properties": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    b'{"category": "SignInLogs", "properties": {"id": "\xff\xfe\x80"',
    b'{"time": 1e400, "category": "SignInLogs", "properties": {"createdDateTime": 9' + b"9" * 400,
    b"\x00" * 4096 + b"\x1b[31m not JSON \xe2\x80\xae",
    b'{"category": "SignInLogs", "category": "AuditLogs", "properties": {}, "properties": 1}',
)
COMMANDS = (
    ("users", "-f", "csv"),
    ("users", "-f", "table"),
    ("detections", "--json"),
    ("detections", "-f", "csv"),
    ("detections", "-f", "ecs"),
    ("history",),
    ("show", "mallory@contoso.com"),
    ("report", "mallory@contoso.com"),
    ("doctor",),
)


def run(database: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    config = database.parent / "risktui.toml"
    options = ["--db", str(database), "--config", str(config)]
    command = [sys.executable, "-m", "risktui", *arguments, *options]
    return subprocess.run(command, capture_output=True, check=False, timeout=60)


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database after a scan of a log in which every text is hostile."""
    folder = tmp_path_factory.mktemp("attacked")
    configuration(folder)
    log = log_file(folder / "logs")
    hostile = record(
        1, "mallory", TOR, "2026-03-02T09:05:00",
        userDisplayName=NASTY, userAgent=NASTY, appDisplayName=NASTY,
        deviceDetail={"displayName": NASTY, "browser": NASTY, "operatingSystem": NASTY},
        location={"city": NASTY, "countryOrRegion": NASTY},
    )  # fmt: skip
    append(log, hostile)
    with log.open("ab") as file:
        for line in BROKEN:
            file.write(line + b"\n")
    visit(log, 2, "carol")
    database = folder / "risktui.db"
    done = run(database, "scan", str(folder / "logs"))
    assert done.returncode == 0, done.stderr
    return database


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_an_attacker_wrote_acts_on_a_terminal(
    attacked: Path, command: tuple[str, ...]
) -> None:
    done = run(attacked, *command)
    assert b"Traceback" not in done.stderr
    text = (done.stdout + done.stderr).decode()
    acting = {c for c in text if unicodedata.category(c) in {"Cc", "Cf", "Cs"}} - {"\n", "\t", "\r"}
    assert not acting
    assert not any(line.startswith("FORGED") for line in text.splitlines())
    assert "mallory" in text or command == ("doctor",)


def test_broken_records_hide_nobody_and_are_told_of(attacked: Path) -> None:
    found = [json.loads(line) for line in run(attacked, "users", "--json").stdout.splitlines()]
    assert {user["userPrincipalName"] for user in found} == {
        "carol@contoso.com",
        "mallory@contoso.com",
    }
    assert b"quarantine     0 records" not in run(attacked, "doctor").stdout


def test_a_folder_full_of_bombs_and_traps_hides_nobody(tmp_path: Path) -> None:
    configuration(tmp_path)
    log = log_file(tmp_path / "logs")
    visit(log, 1, "carol")
    bomb, packed = b" " * 100_000_000, zstandard.ZstdCompressor(level=19).compress
    (log.parent / "a.json.gz").write_bytes(gzip.compress(bomb, 1))
    (log.parent / "b.json.gz").write_bytes(gzip.compress(gzip.compress(bomb, 1)))
    (log.parent / "c.json.zst").write_bytes(packed(bomb))
    (log.parent / "d.json.zst").write_bytes(packed(packed(bomb)))
    visit(tmp_path / "elsewhere.json", 2, "mallory")
    (log.parent / "e.json").symlink_to("../" * 8 + "elsewhere.json")
    (log.parent / "f.json").symlink_to(tmp_path / "elsewhere.json")
    (log.parent / "around").symlink_to(tmp_path)
    os.mkfifo(log.parent / "g.json")  # would wait for somebody to write, for ever
    (log.parent / "h\n\x1b[31m=cmd.json").write_text("[" * 100_000)
    done = run(tmp_path / "risktui.db", "scan", str(tmp_path / "logs"))
    assert done.returncode == 0, done.stderr
    assert b"\x1b" not in done.stderr
    users = run(tmp_path / "risktui.db", "users", "--json").stdout.splitlines()
    assert [json.loads(user)["userDisplayName"] for user in users] == ["Carol"]
    told = run(tmp_path / "risktui.db", "doctor").stdout
    assert b"400 times its size" in told
    assert b"\x1b" not in told


@pytest.mark.parametrize("command", ["users", "detections"])
def test_no_cell_of_an_export_is_computed(attacked: Path, command: str) -> None:
    text = run(attacked, command, "-f", "csv").stdout.decode()
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert any("calc" in cell for cell in cells) or command == "detections"
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))] == []


def test_no_secret_is_in_the_database_the_words_or_the_list_of_processes(tmp_path: Path) -> None:
    secrets = {name: f"hush-{name}-4711" for name in ("mail", "hook", "list")}
    for name, secret in secrets.items():
        (tmp_path / f"{name}.secret").write_text(secret)
        (tmp_path / f"{name}.secret").chmod(0o600)
    configuration(tmp_path)
    more = (
        '[[intel]]\nname = "far"\nurl = "https://127.0.0.1:1/list"\ntag = "bad"\npath = "far.txt"\n'
        'user = "me"\nsecret_file = "list.secret"\n'
        '[notify]\nbatch_seconds = 0.1\n[notify.mail]\nhost = "127.0.0.1"\nport = 1\n'
        'sender = "r@contoso.com"\nto = ["soc@contoso.com"]\nlevel = "low"\n'
        'username = "me"\npassword_file = "mail.secret"\n'
        '[[notify.webhooks]]\nname = "hook"\nurl = "https://127.0.0.1:1/"\n'
        'secret_file = "hook.secret"\nlevel = "low"\n'
    )
    config, plain = tmp_path / "secret.toml", (tmp_path / "risktui.toml").read_text()
    config.write_text(plain + more)
    visit(log_file(tmp_path / "logs"), 1, "carol")
    with watching(tmp_path, tmp_path / "logs", config=config) as engine:
        engine.until(lambda: engine.found() == {"carol"})
        engine.until(lambda: _tried(engine))
        told = Path(f"/proc/{engine.process.pid}/cmdline").read_bytes()
        assert engine.end() == 0
        told += engine.words.encode() + engine.command("notify", "status").stdout.encode()
    for file in tmp_path.glob("risktui.db*"):
        told += file.read_bytes()
        assert file.stat().st_mode & 0o077 == 0, file
    assert [name for name, secret in secrets.items() if secret.encode() in told] == []


def _tried(engine: Engine) -> bool:
    """Whether a message of each of the two channels has been tried in vain."""
    with closing(reader(engine.database)) as connection:
        query = "SELECT count(DISTINCT channel) FROM deliveries WHERE error != ''"
        return bool(connection.execute(query).fetchone() == (2,))
