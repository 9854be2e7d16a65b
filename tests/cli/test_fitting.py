"""Tables and lines that are as wide as the terminal, and whole where no terminal reads."""

from __future__ import annotations

import io
import os
import pty
import sys
import termios
from pathlib import Path

import pytest
from rich.cells import cell_len

from cli.test_scan import run
from risktui.cli.fitting import cut, end_of, laid_out, room
from risktui.cli.main import cli
from risktui.cli.table import echo_table
from risktui.language import choice

HEADINGS = ("level", "type", "user", "activity", "from", "", "state", "id", "why")
ROW = (
    "high",
    "investigationsThreatIntelligence",
    "mia.torres@contosoworks.example",
    "2026-03-03T21:05:40.592Z",
    "2001:db8:1234:5678:9abc:def0:1234:5678",
    "US",
    "confirmedCompromised",
    "a489291e6f38",
    "The sign-in of mia.torres@contosoworks.example fits a pattern " * 3,
)
WIDTHS = tuple(map(len, ROW))


class Terminal(io.TextIOWrapper):
    """What is written to a terminal; a real one would wait for somebody to read."""

    def isatty(self) -> bool:
        return True

    def lines(self) -> list[str]:
        self.seek(0)
        return self.read().splitlines()


def of_80_columns(monkeypatch: pytest.MonkeyPatch, name: str = "stdout") -> Terminal:
    """A terminal of 80 columns as stdout, or as stderr."""
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, name, stream)
    return stream


@pytest.mark.parametrize("cells", [80, 100, 120, 160, 200])
def test_no_line_is_longer_than_the_terminal_is_wide(cells: int) -> None:
    layout = laid_out(HEADINGS, WIDTHS, cells)
    assert cells - 20 < cell_len(layout.line(ROW)) <= cells
    for heading in ("level", "type", "user", "activity", "id"):
        assert HEADINGS.index(heading) in layout.kept
    assert "a489291e6f38" in layout.line(ROW)
    assert ("why" in layout.left_out) == (cells < 200)


def test_a_terminal_is_asked_itself_how_wide_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Though stdout is a file, as in `risktui scan LOGS > found.json`."""
    monkeypatch.delenv("COLUMNS", raising=False)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (12, 43))
    with os.fdopen(ours, "rb"), os.fdopen(theirs, "w", encoding="utf-8") as terminal:
        assert room(terminal) == 43
    assert room(io.StringIO()) is None


def test_into_a_pipe_everything_goes() -> None:
    assert laid_out(HEADINGS, WIDTHS, None).line(ROW) == "  ".join(ROW).rstrip()


def test_seconds_go_before_anything_else_is_cut() -> None:
    line = laid_out(("user", "updated"), (31, 24), 50).line(ROW[2:4])
    assert line == "mia.torres@contosoworks.example  2026-03-03T21:05Z"


def test_a_terminal_that_is_far_too_narrow_has_as_much_as_there_is_room_for() -> None:
    assert cell_len(laid_out(HEADINGS, WIDTHS, 20).line(ROW)) <= 20


def test_what_was_left_out_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    terminal = of_80_columns(monkeypatch)
    choice.choose("ja")
    echo_table(HEADINGS, [ROW], spoken=True)
    choice.choose("en")
    heading, row = terminal.lines()
    assert heading.startswith("レベル")
    assert max(map(cell_len, (heading, row))) <= 80
    assert "幅が足りないため省いた列: 接続元, 状態, 理由" in capfd.readouterr().err


def test_who_is_blind_is_seen_at_80_columns(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "risktui.toml").write_text("")
    command = ["detectors", "list", "--config", str(tmp_path / "risktui.toml")]
    terminal = of_80_columns(monkeypatch)
    with pytest.raises(SystemExit):
        cli.main(command)
    told = terminal.lines()
    assert max(map(cell_len, told)) <= 80
    assert any("nationStateIP " in line and "BLIND: no list tagged actor" in line for line in told)
    assert "sign-ins" in run(*command).stdout  # no terminal: what each watches is there


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (60, "logs/y=2026/m=03/d=02/h=09/m=00/PT1H.json"),
        (30, "…/d=02/h=09/m=00/PT1H.json"),
        (13, "…/PT1H.json"),
        (8, "…1H.json"),
    ],
)
def test_of_a_long_path_the_end_is_shown(width: int, shown: str) -> None:
    assert end_of("logs/y=2026/m=03/d=02/h=09/m=00/PT1H.json", width) == shown


def test_wide_letters_are_never_cut_in_half() -> None:
    assert cut("東京オフィス", 8) == "東京オ…"
    assert end_of("東京オフィス", 8) == "…フィス"


STEPS = ("time", "user", "level", "state", "detail", "by", "note", "type")
DECIDED = (
    "2026-03-03T00:15:31.907Z",
    "haruto.mori@contosoworks.example",
    "none",
    "dismissed",
    "adminDismissedAllRiskForUser",
    "j.ito",
    "penetration test of this spring, see ticket 4711",
    "unfamiliarFeatures, newCountry, mcasImpossibleTravel",
)


def test_who_decided_what_stands_in_a_history_however_narrow_the_terminal() -> None:
    layout = laid_out(STEPS, tuple(map(len, DECIDED)), 80)
    assert layout.line(DECIDED).split()[2:5] == ["none", "dismissed", "j.ito"]
    assert cell_len(layout.line(DECIDED)) <= 80


def test_the_person_one_has_asked_for_goes_before_what_one_does_not_know() -> None:
    layout = laid_out(STEPS, tuple(map(len, DECIDED)), 80, ("user",))
    assert layout.left_out[0] == "user"
    assert "type" not in layout.left_out
