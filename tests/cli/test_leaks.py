from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest

from cli.test_scan import lines, run
from engine.tenant import HOME, TENANT, append, log_file, record
from risktui.model.ids import stable_id

SECRET = "correct-horse-battery"  # stands in the feed, and must stand nowhere else


def test_a_scan_reads_the_feeds_and_keeps_no_secret(tmp_path: Path) -> None:
    append(
        log_file(tmp_path / "logs"),
        record(1, "carol", HOME, "2026-03-02T09:00:00"),
        record(2, "carol", HOME, "2026-03-03T09:00:00"),
    )
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "market.txt").write_text(
        f"carol@contoso.com:{SECRET}\nnobody@contoso.com:{SECRET}\n{SECRET}\n"
    )
    config = tmp_path / "risktui.toml"
    config.write_text('[[leaks]]\npath = "dumps"\n')
    database = tmp_path / "risktui.db"
    options = ("--config", config, "--db", database, "--json")
    result = run("scan", tmp_path / "logs", *options)
    assert result.exit_code == 0, result.stderr
    (found,) = lines(result)
    assert found["riskEventType"] == "leakedCredentials"
    assert (found["riskLevel"], found["activity"]) == ("high", "user")
    assert found["userPrincipalName"] == "carol@contoso.com"
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("risktui.db*"))
    assert SECRET.encode() not in kept
    assert SECRET not in result.stdout + result.stderr
    assert run("scan", tmp_path / "logs", *options).stdout == ""


def test_the_doctor_says_what_a_feed_holds_and_not_what_it_says(tmp_path: Path) -> None:
    (tmp_path / "dump.txt").write_text(f"carol@contoso.com:{SECRET}\n{SECRET}\n")
    config = tmp_path / "risktui.toml"
    config.write_text('[[leaks]]\npath = "dump.txt"\n')
    told = run("doctor", "--config", config, "--db", tmp_path / "none.db").stdout
    assert "dump.txt: 1 entry, 1 line left out" in told
    assert SECRET not in told


def test_a_dump_among_the_logs_is_not_quoted_as_a_broken_record(tmp_path: Path) -> None:
    append(log_file(tmp_path / "logs"), record(1, "carol", HOME, "2026-03-02T09:00:00"))
    dump = tmp_path / "logs" / "leaks" / "dump.txt"
    dump.parent.mkdir()
    dump.write_text(f"carol@contoso.com:{SECRET}\n")
    (dump.parent / "table.csv").write_text(f"dave@contoso.com,{SECRET}\nerin@contoso.com,x\n")
    config, database = tmp_path / "risktui.toml", tmp_path / "risktui.db"
    config.write_text('[[leaks]]\npath = "logs/leaks"\n')
    options = ("--config", config, "--db", database)
    (found,) = lines(run("scan", tmp_path / "logs", *options, "--json"))
    assert found["riskEventType"] == "leakedCredentials"
    told = run("doctor", *options)
    assert SECRET not in told.stdout + told.stderr
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("risktui.db*"))
    assert SECRET.encode() not in kept


NTLM = "8846F7EAEE8FB117AD06BDD830B7586C"


def _exported(folder: Path, day: str) -> Path:
    """Own accounts' hashes of a day, and a list in which carol's stands; a configuration."""
    (folder / "pwned").mkdir()
    (folder / "pwned" / f"{NTLM[:5]}.txt").write_text(f"{NTLM[5:]}:9545824\n")
    export = folder / "accounts.ntlm"
    export.write_text(f"carol@contoso.com:{NTLM}\nbob@contoso.com:{'B' * 32}\n")
    exported = datetime.fromisoformat(f"{day}T00:00:00Z").timestamp()
    os.utime(export, (exported, exported))
    config = folder / "risktui.toml"
    config.write_text('[[leaks]]\npath = "accounts.ntlm"\nhashes = "pwned"\n')
    return config


def _changes_her_password(folder: Path, when: str) -> None:
    entry = {
        "time": f"{when}Z",
        "category": "AuditLogs",
        "tenantId": TENANT,
        "operationName": "Change user password",
        "properties": {
            "id": "Directory_1",
            "activityDateTime": f"{when}Z",
            "activityDisplayName": "Change user password",
            "category": "UserManagement",
            "result": "success",
            "targetResources": [
                {
                    "type": "User",
                    "id": stable_id("carol")[:36],
                    "userPrincipalName": "carol@contoso.com",
                }
            ],
            "initiatedBy": {"user": {"userPrincipalName": "carol@contoso.com"}},
        },
    }
    (folder / "logs" / "audit.json").write_text(json.dumps(entry) + "\n")


def test_a_hash_of_ones_own_that_has_leaked_is_told_and_kept_nowhere(tmp_path: Path) -> None:
    append(
        log_file(tmp_path / "logs"),
        record(1, "carol", HOME, "2026-03-02T09:00:00"),
        record(2, "bob", HOME, "2026-03-02T09:05:00"),
        record(3, "carol", HOME, "2026-03-03T09:00:00"),
    )
    config = _exported(tmp_path, "2026-03-02")
    database = tmp_path / "risktui.db"
    options = ("--config", config, "--db", database, "--json")
    result = run("scan", tmp_path / "logs", *options)
    (found,) = lines(result)
    assert found["riskEventType"] == "leakedCredentials"
    assert found["userPrincipalName"] == "carol@contoso.com"
    said = result.stdout + result.stderr
    for words in (("show", "carol@contoso.com"), ("doctor", "--config", config), ("history",)):
        told = run(*words, "--db", database)
        said += told.stdout + told.stderr
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("risktui.db*"))
    for digest in (NTLM, NTLM.lower(), NTLM[5:], NTLM[5:].lower()):
        assert digest.encode() not in kept
        assert bytes.fromhex(NTLM) not in kept
        assert digest not in said
    assert run("scan", tmp_path / "logs", *options).stdout == ""


@pytest.mark.parametrize(("exported", "fires"), [("2026-03-02", False), ("2026-03-06", True)])
def test_a_password_that_was_set_after_the_export_is_another(
    tmp_path: Path, exported: str, fires: bool
) -> None:
    append(
        log_file(tmp_path / "logs"),
        record(1, "carol", HOME, "2026-03-02T09:00:00"),
        record(2, "carol", HOME, "2026-03-07T09:00:00"),
    )
    _changes_her_password(tmp_path, "2026-03-05T09:00:00")
    config = _exported(tmp_path, exported)
    found = lines(run("scan", tmp_path / "logs", "--config", config, "--json"))
    assert [each["riskEventType"] for each in found] == ["leakedCredentials"] * fires


def test_a_list_of_hashes_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    append(log_file(tmp_path / "logs"), record(1, "carol", HOME, "2026-03-02T09:00:00"))
    config = _exported(tmp_path, "2026-03-02")
    config.write_text(config.read_text().replace('"pwned"', '"nowhere"'))
    refused = run("scan", tmp_path / "logs", "--config", config)
    assert refused.exit_code != 0
    assert "does not exist; correct [[leaks]] hashes" in refused.stderr
