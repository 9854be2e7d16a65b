"""Long lines of text for people are broken where words end."""

from __future__ import annotations

import signal

import pytest
from rich.cells import cell_len

from cli.test_fitting import of_80_columns
from risktui.cli.folding import folded
from risktui.cli.main import main
from risktui.cli.options import say, tell


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("short", ["short"]),
        (
            "source         okta: 3 files and more",
            ["source         okta: 3 files", "               and more"],
        ),
        (
            "  - what spoke against it was nothing",
            ["  - what spoke against it was", "    nothing"],
        ),
        (
            "    1. ask the person whether it was them",
            ["    1. ask the person whether", "       it was them"],
        ),
        (
            "  carol was in Lagos, and then elsewhere",
            ["  carol was in Lagos, and then", "    elsewhere"],
        ),
        (
            "見慣れない場所からサインインしました。確認",
            ["見慣れない場所からサインインし", "  ました。確認"],
        ),
        (
            "設定           既定値 (設定 (risktui.toml なし)",
            ["設定           既定値 (設定", "               (risktui.toml", "               なし)"],
        ),
        (
            "見慣れない場所からサインイン tor、proxy、vpn",
            ["見慣れない場所からサインイン", "  tor、proxy、vpn"],
        ),
        (
            "見慣れない場所からの (`risktui users` を参照",
            ["見慣れない場所からの", "  (`risktui users` を参照"],
        ),
        (
            "見慣れない場所からのメールルー ルーユーザー",
            ["見慣れない場所からのメールルー", "  ルーユーザー"],
        ),
        (
            "見慣れない場所からのメールや「carol」「dave」",
            ["見慣れない場所からのメールや", "  「carol」「dave」"],
        ),
        (
            "  /var/log/azure/insights-logs/PT1H.json",
            ["  /var/log/azure/insights-logs/PT1H.json"],
        ),
        (
            "there is none; `risktui scan LOGS` makes it",
            ["there is none;", "  `risktui scan LOGS` makes it"],
        ),
        ("", [""]),
    ],
)
def test_a_line_goes_on_below_what_stands_behind_its_label(line: str, lines: list[str]) -> None:
    assert folded(line, 30).split("\n") == lines


def test_what_is_said_fits_a_terminal_and_is_whole_in_a_pipe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "  " + "carol@contoso.com was in Lagos \x1b[2J" * 9
    tell(text)
    assert len(capsys.readouterr().out.splitlines()) == 1
    terminal = of_80_columns(monkeypatch)
    tell(text)
    told = terminal.lines()
    assert len(told) > 3
    assert max(map(cell_len, told)) <= 80
    assert not any("\x1b" in line for line in told)


def test_a_command_to_be_copied_stays_in_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = of_80_columns(monkeypatch, "stderr")
    say("22 people tried from 198.51.100.1, 198.51.100.2, 198.51.100.3, 198.51.100.4 and so on")
    say(f"see them with: risktui users --db /var/lib/{'long/' * 9}risktui.db --lang en")
    first, more, command = terminal.lines()
    assert (first.split()[-1], more) == ("and", "  so on")
    assert command.endswith("risktui.db --lang en")


@pytest.mark.parametrize(
    ("arguments", "code", "lines"),
    [
        (
            "users --db /var/lib/somewhere/else/x.db",
            1,
            [
                "Error: /var/lib/somewhere/else/x.db: no database yet; `risktui watch LOGS` or",
                "  `risktui scan LOGS --db /var/lib/somewhere/else/x.db` makes one",
            ],
        ),
        (
            "users --level high",
            2,
            [
                "Error: No such option '--level'. (Did you mean one of: '--help', '--licence',",
                "  '--min-level'?)",
            ],
        ),
        (
            "users --min-level highest",
            2,
            [
                "Error: Invalid value for '--min-level': 'highest' is not one of 'low', 'medium',",
                "  'high'.",
            ],
        ),
    ],
)
def test_what_went_wrong_fits_the_terminal(
    monkeypatch: pytest.MonkeyPatch, arguments: str, code: int, lines: list[str]
) -> None:
    terminal = of_80_columns(monkeypatch, "stderr")
    monkeypatch.setattr("sys.argv", ["risktui", *arguments.split()])
    before = [(number, signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGHUP)]
    with pytest.raises(SystemExit) as ended:
        main()
    for number, handler in before:
        signal.signal(number, handler)
    assert ended.value.code == code
    assert terminal.lines()[-len(lines) :] == lines
