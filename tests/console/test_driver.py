"""The driver on a real pty: nothing that comes from outside leaves the terminal in a bad state."""

from __future__ import annotations

import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from textual import events

from console.terminal import RESTORED, Terminal, command, run, wait_for_beats
from risktui.console.driver import _Keys


def start(**options: object) -> Terminal:
    terminal = run("feed", **options)  # type: ignore[arg-type]
    terminal.wait_for("passwordSpray 99")
    terminal.settle()
    return terminal


def missing(terminal: Terminal) -> list[str]:
    return [what for what, sequence in RESTORED.items() if sequence not in terminal.output]


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_a_signal_ends_the_app_with_every_mode_restored(number: signal.Signals, code: int) -> None:
    with run("feed") as terminal:
        modes = termios.tcgetattr(terminal.master)
        terminal.wait_for("passwordSpray 99")
        assert termios.tcgetattr(terminal.master) != modes
        terminal.signal(number)
        assert terminal.wait_exit() == code
        assert missing(terminal) == []
        assert termios.tcgetattr(terminal.master) == modes


def test_a_signal_ends_an_app_whose_terminal_does_not_read(tmp_path: Path) -> None:
    beats = tmp_path / "beats"
    with run("feed", "top", beats) as terminal:
        terminal.wait_for("passwordSpray")
        wait_for_beats(beats, 100)
        terminal.signal(signal.SIGTERM)
        assert terminal.process.wait(60) == 143
        terminal.wait_exit()
        assert missing(terminal) == []


def test_bytes_that_are_no_text_are_nothing() -> None:
    with start() as terminal:
        terminal.type(b"\xff\xfe\x80a\xff")
        terminal.wait_for("added 1")
        assert terminal.process.poll() is None


def test_a_mouse_report_nobody_asked_for_is_no_key() -> None:
    with start() as terminal:
        terminal.type(b"\x1b[M \x90\x30\x1b[M qqzy")
        terminal.type("a")
        terminal.wait_for("added 1 keys zy")


def test_a_mouse_report_in_two_pieces_is_no_key_either() -> None:
    keys = _Keys(debug=False)
    messages = [*keys.read(b"x\x1b[M d"), *keys.read(b"dy"), *keys.read(b"")]
    assert [m.character for m in messages if isinstance(m, events.Key)] == ["x", "y"]


def test_a_window_that_is_closed_ends_the_app_even_when_hangups_are_ignored() -> None:
    with start(ignore_hangup=True) as terminal:
        terminal.hang_up()
        assert terminal.wait_exit() == 129


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again() -> None:
    with start() as terminal:
        picture = terminal.picture()
        terminal.type("\x1a")
        terminal.wait_stopped()
        assert missing(terminal) == []
        terminal.signal(signal.SIGCONT)
        terminal.wait_until(lambda: terminal.picture() == picture, "the same picture")
        terminal.type("a")
        terminal.wait_for("added 1")


def test_a_stop_from_outside_is_repaired_and_keys_count_once() -> None:
    with start() as terminal:
        picture = terminal.picture()
        terminal.signal(signal.SIGSTOP)
        terminal.wait_stopped()
        terminal.signal(signal.SIGCONT)
        terminal.wait_until(lambda: terminal.picture() == picture, "the same picture")
        terminal.type("a")
        terminal.wait_for("added 1")
        terminal.settle()
        assert "added 1 " in terminal.text


def test_the_app_is_on_the_terminal_while_stdin_and_stdout_are_pipes(tmp_path: Path) -> None:
    out, err = tmp_path / "out", tmp_path / "err"
    feed = " ".join(command("feed"))
    script = f"(echo piped; exec sleep 60) | {feed} 2>{err} | cat >{out}"
    with Terminal(["sh", "-c", script]) as terminal:
        terminal.wait_for("passwordSpray 99")
        terminal.type("a")
        terminal.wait_for("added 1")
        terminal.type("\x11")
        terminal.wait_until(lambda: not missing(terminal), "every mode restored")
    assert out.read_bytes() == b""
    assert err.read_bytes() == b""


def test_mouse_reports_are_off_unless_asked_for() -> None:
    with start() as terminal:
        assert b"\x1b[?1003h" not in terminal.output


def test_without_a_terminal_one_can_know_before_starting() -> None:
    code = "from risktui.console.driver import has_terminal; print(has_terminal())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=True,
    )
    assert done.stdout == b"False\n"
