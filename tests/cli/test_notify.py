from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_scan import run
from engine.tenant import TOR, append, configuration, log_file, record
from risktui.store.lock import EngineLock

EML = '[notify.eml]\nfolder = "mails"\nlevel = "low"\n'
DEAD = '[[notify.webhooks]]\nname = "siem"\nlevel = "low"\nurl = "http://127.0.0.1:1/"\n'


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    append(log_file(tmp_path / "logs"), record(1, "carol", TOR, "2026-03-02T09:05:00"))
    config = configuration(tmp_path)
    config.write_text(config.read_text() + EML)
    run("scan", tmp_path / "logs", "--config", config, "--db", tmp_path / "x.db")
    return tmp_path


def test_test_sends_one_message_each_way_and_fails_when_one_fails(tenant: Path) -> None:
    config = tenant / "risktui.toml"
    assert run("notify", "test", "--config", config).exit_code == 0
    assert len(list((tenant / "mails").glob("*.eml"))) == 1
    config.write_text(config.read_text() + DEAD)
    failed = run("notify", "test", "--config", config)
    assert failed.exit_code == 1
    assert "eml: sent," in failed.stderr
    assert "webhook siem: not sent:" in failed.stderr
    assert run("notify", "test", "--config", config, "eml").exit_code == 0
    assert run("notify", "test", "--config", config, "fax").exit_code == 2
    assert run("notify", "test", "--config", config, "webhook").exit_code == 2
    for words in (["webhook siem"], ["webhook", "siem"], ["siem"]):
        said = run("notify", "test", "--config", config, *words).stderr
        assert said.startswith("webhook siem: not sent: ")


def test_send_sends_what_a_scan_has_found_and_only_once(tenant: Path) -> None:
    common = ("--config", tenant / "risktui.toml", "--db", tenant / "x.db")
    assert "1 tried" in run("notify", "send", *common).stderr
    assert "0 tried" in run("notify", "send", *common).stderr
    mail = next((tenant / "mails").glob("*.eml")).read_text()
    assert "Subject: risktui: carol@contoso.com at" in mail


def test_status_tells_of_each_channel_and_retry_takes_dead_letters_out(tenant: Path) -> None:
    config = tenant / "risktui.toml"
    config.write_text(config.read_text() + DEAD + "[notify]\nmax_attempts = 1\n")
    common = ("--config", config, "--db", tenant / "x.db")
    run("notify", "send", *common)
    shown = run("notify", "status", "--dead", *common).stdout
    eml, siem = shown.splitlines()[1:3]
    assert eml.split()[:5] == ["eml", "0", "1", "0", "0"]
    assert siem.split()[:6] == ["webhook", "siem", "0", "0", "1", "0"]
    assert "(1 attempt)" in shown
    assert "1 on its way again" in run("notify", "retry", *common).stderr
    assert "retry all dead letters" in run("audit", "show", "--db", tenant / "x.db").stdout


def test_send_leaves_it_to_the_engine_where_one_runs(tenant: Path) -> None:
    lock = EngineLock(tenant / "x.db")
    assert lock.take()
    refused = run("notify", "send", "--config", tenant / "risktui.toml", "--db", tenant / "x.db")
    lock.release()
    assert refused.exit_code == 1
    assert "is the engine and sends by itself" in refused.stderr


def test_only_an_administrator_takes_dead_letters_out(tenant: Path) -> None:
    config = tenant / "risktui.toml"
    config.write_text(config.read_text() + '[people]\nadministrators = ["nobody-here"]\n')
    refused = run("notify", "retry", "--config", config, "--db", tenant / "x.db")
    assert refused.exit_code == 1
    assert "is no administrator" in refused.stderr


def test_the_digest_can_be_read_before_it_is_sent(tenant: Path) -> None:
    config = tenant / "risktui.toml"
    shown = run("notify", "digest", "--config", config, "--db", tenant / "x.db")
    assert shown.stdout.startswith("risktui: the week, 1 person at risk")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[notify.eml]\nfolder = "x"\nquiet_hours = "10pm-7am"', "write 22:00-07:00"),
        ('[notify.eml]\nfolder = "x"\ntimezone = "Mars/Olympus"', "no such zone"),
        ("[notify.digest]\nhour = 8", "needs [notify.mail] or [notify.eml]"),
        ('[notify.mail]\nhost = "x"\nsender = "y"\nto = []', "names nobody"),
        ('[[notify.webhooks]]\nname = "x"\nurl = "file:///etc/passwd"', "write https://"),
        ('[notify.mail]\nhost = "x"\nsender = "y"\nto = []\nusr = "z"', "[notify.mail] usr"),
        ('[notify.eml]\nfolder = "x"\ngroups = ["vip"]', "'vip' is none of [groups]"),
        ('[groups]\nvip = "missing.txt"', "missing.txt: No such file"),
    ],
)
def test_mistakes_in_the_configuration_are_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "risktui.toml").write_text(text + "\n")
    checked = run("config", "check", "--config", tmp_path / "risktui.toml")
    assert checked.exit_code == 2
    assert words in checked.stderr


def test_where_nothing_is_set_up_every_command_says_so(tenant: Path) -> None:
    config = configuration(tenant)
    common = ("--config", config, "--db", tenant / "x.db")
    for result, code in (
        (run("notify", "test", "--config", config), 2),
        (run("notify", "status", *common), 0),
        (run("notify", "send", *common), 0),
    ):
        assert result.exit_code == code
        assert "no channel is set up; `risktui config init` shows [notify]" in result.stderr
