"""What policies set off: never by default, never through a shell, never without a trace."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from notify.office import Desk
from risk.ledger_stories import HOUR, NOON
from risktui.model.risk import PolicyResult, RiskLevel
from risktui.notify.action import MOST_BYTES, _listen, filled
from risktui.notify.sending import GiveUpError
from risktui.settings import Action
from risktui.store import audit

WRITE = (
    "import os, sys; open('done.txt', 'a').write(repr(sys.argv[1:])"
    " + os.environ['RISKTUI_USER_PRINCIPAL_NAME'] + str(sorted(os.environ)) + chr(10));"
    " print('session', 'ended')"
)


def _desk(folder: Path, action: str, state: str = "on") -> Desk:
    settings = (
        '[[policies]]\nname = "end sessions"\napplies_to = "user"\nlevels = ["high"]\n'
        f'control = "block"\nstate = "{state}"\n[policies.action]\n{action}'
    )
    return Desk(folder, settings)


def _command(code: str = WRITE, *arguments: str) -> str:
    return f"command = {[sys.executable, '-c', code, *arguments]}\n"


def _raise(desk: Desk, who: str = "carol", at: int = NOON) -> None:
    desk.finds(who, f"e-{who}-{at}", "high", at=at, key=str(at))


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_report_only_runs_nothing(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command() + "dry_run = false\n", "reportOnly")
    _raise(desk)
    assert desk.send() == 0
    assert not (tmp_path / "done.txt").exists()


def test_dry_run_is_the_default_and_says_what_it_would_do(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command("pass", "{userPrincipalName}"))
    _raise(desk)
    desk.send()
    assert "dry run: would run" in desk.held()[0].error
    assert "'carol@contoso.com'" in desk.held()[0].error


def test_a_program_gets_values_as_whole_arguments_and_in_its_environment(tmp_path: Path) -> None:
    who = "$(touch pwned)`id`;&& 'x'@contoso.com"
    desk = _desk(tmp_path, _command(WRITE, "--user={userPrincipalName}") + "dry_run = false\n")
    life = desk.person("carol")
    life.user_principal_name = who
    _raise(desk)
    desk.send()
    done = (tmp_path / "done.txt").read_text()
    assert repr([f"--user={who}"]) in done
    assert "RISKTUI_POLICY" in done
    assert "PYTEST_CURRENT_TEST" not in done  # nothing else of our environment
    assert not (tmp_path / "pwned").exists()
    assert desk.sent()[0].state == "sent"


def test_every_run_stands_in_the_audit_log(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command() + "dry_run = false\n")
    _raise(desk)
    desk.send()
    with desk.writing() as connection:
        lines = audit.read(connection)
        assert audit.verify(connection) is None
    assert [(w.line.actor, w.line.action, w.line.subject) for w in lines] == [
        ("risktui", "action end sessions", "carol@contoso.com")
    ]
    assert "session ended" in lines[0].line.result


def test_above_the_rate_it_is_held_back(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command() + "dry_run = false\nper_hour = 2\n")
    for who in ("carol", "dave", "erin"):
        _raise(desk, who)
    desk.send()
    assert (len(desk.sent()), len(desk.held())) == (2, 1)
    assert "more than 2 in an hour" in desk.held()[0].error


def test_runs_that_fail_count_for_the_rate_too(tmp_path: Path) -> None:
    code = "import sys; open('done.txt', 'a').write('x'); sys.exit(1)"
    desk = _desk(tmp_path, _command(code) + "dry_run = false\nper_hour = 2\n")
    for who in ("carol", "dave", "erin", "frank"):
        _raise(desk, who)
    desk.send()
    assert (len(desk.dead()), len(desk.held())) == (2, 2)
    assert (tmp_path / "done.txt").read_text() == "xx"


def test_for_one_person_it_runs_once_an_hour(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command() + "dry_run = false\n")
    _raise(desk)
    desk.person("carol").judged("dismiss")
    _raise(desk, at=NOON + 60_000)
    desk.send()
    assert len(desk.sent()) == 1


def test_old_logs_set_nothing_off(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command() + "dry_run = false\n")
    desk.now = NOON + 30 * 24 * HOUR
    _raise(desk)
    desk.send()
    assert "too long ago" in desk.held()[0].error
    assert not (tmp_path / "done.txt").exists()


def test_a_program_that_fails_is_not_run_again_by_itself(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command("import sys; print('no'); sys.exit(3)") + "dry_run = false\n")
    _raise(desk)
    desk.send()
    assert desk.dead()[0].error.endswith("exit code 3: no")


def test_a_program_that_hangs_is_ended(tmp_path: Path) -> None:
    action = _command("import time; time.sleep(60)") + "dry_run = false\ntimeout_seconds = 0.5\n"
    desk = _desk(tmp_path, action)
    _raise(desk)
    desk.send()
    assert "not done within 0.5 s" in desk.dead()[0].error


def test_what_a_hanging_program_began_ends_with_it(tmp_path: Path) -> None:
    code = "sleep 60 & echo $! >child; wait"  # a shell has said it long before its time is over
    action = f"command = {['/bin/sh', '-c', code]}\ndry_run = false\ntimeout_seconds = 1.5\n"
    desk = _desk(tmp_path, action)
    _raise(desk)
    desk.send()
    assert "not done within 1.5 s" in desk.dead()[0].error
    assert _is_gone((tmp_path / "child").read_text())


def _is_gone(pid: str) -> bool:
    """Whether it ends within the time that the system needs to carry out the signal."""
    for _ in range(100):
        try:
            state = Path("/proc", pid, "stat").read_text()
        except OSError:
            return True
        if state.rpartition(")")[2].split()[0] in {"Z", "X"}:
            return True
        time.sleep(0.05)
    return False


def test_a_program_may_leave_something_behind_that_holds_its_output(tmp_path: Path) -> None:
    code = (
        "import subprocess; child = subprocess.Popen(['sleep', '60']);"
        " open('child', 'w').write(str(child.pid)); print('begun')"
    )
    desk = _desk(tmp_path, _command(code) + "dry_run = false\ntimeout_seconds = 20\n")
    _raise(desk)
    desk.send()
    os.kill(int((tmp_path / "child").read_text()), signal.SIGKILL)  # it is still there
    assert desk.sent()[0].state == "sent"


async def test_of_endless_words_only_the_beginning_is_kept() -> None:
    heard, said = asyncio.StreamReader(), bytearray()
    for _ in range(10):
        heard.feed_data(b"x" * 50_000)
    heard.feed_eof()
    await _listen(heard, said)
    assert len(said) == MOST_BYTES
    assert heard.at_eof()


def test_what_a_program_says_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    code = "print('\\x1b]0;PWN\\x07\\x1b[31mred\\u202e'); print('forged: line')"
    desk = _desk(tmp_path, _command(code) + "dry_run = false\n")
    _raise(desk)
    desk.send()
    with desk.writing() as connection:
        result = audit.read(connection)[0].line.result
    assert result.endswith("]: red forged: line")


def test_a_program_that_is_not_there_is_said(tmp_path: Path) -> None:
    desk = _desk(tmp_path, 'command = ["/nowhere/at/all"]\ndry_run = false\n')
    _raise(desk)
    desk.send()
    assert desk.dead()[0].error == "/nowhere/at/all: No such file or directory"


def test_what_a_crash_interrupted_is_not_run_a_second_time(tmp_path: Path) -> None:
    desk = _desk(tmp_path, _command() + "dry_run = false\n")
    _raise(desk)
    desk.plan()
    with desk.writing() as connection:
        connection.execute("UPDATE deliveries SET state = 'sending'")
    desk.send()
    assert "it may have run" in desk.dead()[0].error
    assert not (tmp_path / "done.txt").exists()


def test_a_value_that_looks_like_an_option_is_refused() -> None:
    result = PolicyResult(
        id="r",
        policy="p",
        applies_to="user",
        control="block",
        risk_level=RiskLevel.HIGH,
        expected="blocked",
        time=NOON,
        user_id="--all",
        user_principal_name="x",
    )
    with pytest.raises(GiveUpError, match="looks like an option"):
        filled(Action(command=["revoke", "{userId}"]), result)
    assert filled(Action(command=["revoke", "--user={userId}"]), result)[1] == "--user=--all"
