"""A scan that is told to end keeps what it has read, and the same command goes on from there."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.test_scan import lines, run
from engine.tenant import TOR, append, configuration, record
from risktui.cli.ending import Ending
from risktui.cli.main import cli
from risktui.cli.pipe import Pipe, StuckReaderError

SENDS = '''"""Sends a signal to who scans, when bob is met."""

from __future__ import annotations

from risktui.detect import SignIn, Tracker


class Sends(Tracker):
    """Detects nothing."""

    name = "sends"
    keys = ("ip",)
    watches = (SignIn,)

    def track(self, event, key, state, facts):
        if event.user_principal_name.startswith("bob"):
            for number in NUMBERS:
                __import__("signal").raise_signal(number)
        return ()
'''
WHO = ("alice", "bob", "carol", "dave", "erin", "fay", "gus")
"""Whose sign-ins are read one after the other; a signal is heard a few later."""


@pytest.fixture(autouse=True)
def a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One event is a batch, and whatever a scan does to signals is over after it."""
    monkeypatch.setattr("risktui.logs.order.BATCH_EVENTS", 1)
    before = [(number, signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    assert [(number, signal.getsignal(number)) for number, _ in before] == before


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    configuration(tmp_path)
    (tmp_path / "logs").mkdir()
    for number, who in enumerate(WHO, 1):
        signed_in = record(number, who, TOR, f"2026-03-0{number}T11:00:00")
        append(tmp_path / "logs" / f"{number}.json", signed_in)
    return tmp_path / "logs"


def command(logs: Path, *numbers: signal.Signals) -> list[object]:
    """A scan that gets these signals on its way."""
    sends = logs.with_name("sends.py")
    sends.write_text(SENDS.replace("NUMBERS", str([int(number) for number in numbers])))
    return ["scan", logs, "--config", logs.with_name("risktui.toml"), "--detectors", sends]


def test_what_was_read_is_printed_and_kept_and_the_rest_comes_with_the_same_command(
    logs: Path,
) -> None:
    words = [*command(logs, signal.SIGINT), "--json", "--db", logs.with_name("x.db")]
    ended = run(*words)
    assert ended.exit_code == 128 + signal.SIGINT
    assert (
        "ended by ctrl+c before all was read: the same command goes on from there" in ended.stderr
    )
    goes_on = run(*words)
    assert goes_on.exit_code == 0
    assert "ended" not in goes_on.stderr
    assert "no new records" in run(*words).stderr
    found = [[each["id"] for each in lines(one)] for one in (ended, goes_on)]
    assert all(found)
    whole = run(*command(logs), "--json", "--db", logs.with_name("y.db"))
    assert "ended" not in whole.stderr
    assert found[0] + found[1] == [each["id"] for each in lines(whole)]


def test_where_nothing_is_kept_what_was_found_is_printed_and_called_not_everything(
    logs: Path,
) -> None:
    ended = run(*command(logs, signal.SIGTERM), "--json")
    assert ended.exit_code == 128 + signal.SIGTERM
    assert ended.stderr.endswith("ended by SIGTERM before all was read: this is not everything\n")
    found, whole = (
        [each["id"] for each in lines(one)] for one in (ended, run(*command(logs), "--json"))
    )
    assert 0 < len(found) < len(whole)
    assert found == whole[: len(found)]


def test_where_ctrl_c_ends_the_reader_as_well_it_is_said_that_not_all_was_read(
    logs: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(word) for word in command(logs, signal.SIGINT)]
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        with pytest.raises(SystemExit) as ended:
            cli.main([*words, "--json", "--db", str(logs.with_name("x.db"))])
    assert ended.value.code == 128 + signal.SIGINT
    assert "ended by ctrl+c before all was read: the same" in capsys.readouterr().err


def test_told_twice_it_ends_at_once(logs: Path) -> None:
    twice = run(*command(logs, signal.SIGINT, signal.SIGTERM), "--db", logs.with_name("x.db"))
    assert twice.exit_code == 128 + signal.SIGINT
    assert twice.stderr == (
        "ended at once: what was not written yet is read again by the same command\n"
    )
    unkept = run(*command(logs, signal.SIGTERM, signal.SIGINT), "--json")
    assert (unkept.exit_code, unkept.stdout) == (128 + signal.SIGTERM, "")
    assert unkept.stderr == "ended at once: what was found is not told\n"


def test_who_is_told_by_the_last_record_has_read_all(logs: Path) -> None:
    for later in range(3, len(WHO) + 1):
        (logs / f"{later}.json").unlink()
    done = run(*command(logs, signal.SIGTERM), "--db", logs.with_name("x.db"))
    assert done.exit_code == 0
    assert "ended" not in done.stderr


async def test_a_reader_that_does_not_read_holds_up_nobody_who_is_told_to_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("risktui.cli.pipe.PATIENCE_SECONDS", 0.0)
    reading, writing = os.pipe()
    gone = threading.Timer(5.0, os.close, (reading,))
    with os.fdopen(writing, "w") as stdout:
        monkeypatch.setattr("sys.stdout", stdout)
        pipe = Pipe()
        with Ending(pipe, keeps=True) as ending:
            signal.raise_signal(signal.SIGTERM)
            gone.start()
            with pytest.raises(StuckReaderError):
                pipe.write("x" * 1_000_000)
            assert ending.is_told()
            signal.raise_signal(signal.SIGINT)
            with pytest.raises(SystemExit, match="143"):
                signal.raise_signal(signal.SIGINT)
            with pytest.raises(asyncio.CancelledError):
                await asyncio.sleep(5)
    gone.cancel()
    os.close(reading)
