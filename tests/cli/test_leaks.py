from __future__ import annotations

from pathlib import Path

from cli.test_scan import lines, run
from engine.tenant import HOME, append, log_file, record

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
    assert "dump.txt: 1 entries, 1 lines left out" in told
    assert SECRET not in told
