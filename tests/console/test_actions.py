"""The list of actions is the one source of key bar, help, palette and docs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from textual.binding import Binding

from console.playing import console
from risktui.console.actions import ACTIONS, PLACES, Action, Place, action_called, actions_of
from risktui.console.app import Console
from risktui.console.keyboard import as_markdown, key_bar, keys_of, rebound
from risktui.console.screens.bindings import bindings_of
from risktui.console.screens.help import help_lines
from risktui.console.widgets.feed_table import FeedTable
from risktui.store.search import FIELDS

DOCS = Path(__file__).parents[2] / "docs" / "keys.md"


def test_every_action_has_its_own_name_and_a_sentence() -> None:
    assert len({action.id for action in ACTIONS}) == len(ACTIONS)
    assert all(action.help.endswith(".") for action in ACTIONS)


@pytest.mark.parametrize("place", PLACES)
def test_no_key_means_two_things_at_one_place(place: Place) -> None:
    keys = [key for action in actions_of(place) for key in action.keys.split(",")]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("place", PLACES)
def test_help_lists_every_action_of_the_place(place: Place) -> None:
    text = "\n".join(row.plain for row in help_lines(place, {}, 400))
    for action in actions_of(place):
        assert action.help in text
        assert " ".join(keys_of(action, {})) in text


def test_the_docs_are_what_the_list_says() -> None:
    assert as_markdown() in DOCS.read_text("utf-8"), "docs/keys.md: put as_markdown() into it"


def test_what_tables_do_themselves_is_listed_with_the_tables_own_keys() -> None:
    listed = {action.id: action.keys for action in ACTIONS}
    for binding in FeedTable.BINDINGS:
        assert isinstance(binding, Binding)
        assert binding.id is not None
        assert listed[binding.id] == binding.key


def test_the_key_bar_writes_keys_as_one_reads_them() -> None:
    assert ("d", "dismiss") in key_bar("overview", {})
    assert ("D", "dismiss") in key_bar("overview", {"verdict.dismiss": "D"})
    assert not any(words == "dismiss" for _, words in key_bar("user", {"verdict.dismiss": ""}))


def test_actions_can_be_listed_without_the_consoles_libraries() -> None:
    code = "import sys, risktui.console.keyboard; assert 'textual' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("place", PLACES)
def test_every_function_exists(place: Place) -> None:
    from risktui.console.screens.board import BOARD_PLACES
    from risktui.console.screens.detection import DetectionPlace
    from risktui.console.screens.overview import Overview
    from risktui.console.screens.user import UserPlace

    screens: dict[str, type] = {
        "overview": Overview,
        "user": UserPlace,
        "detection": DetectionPlace,
        **BOARD_PLACES,
    }
    for binding in bindings_of(place):
        assert isinstance(binding, Binding)
        name = binding.action.partition("(")[0]
        owner: type = Console if name.startswith("app.") else screens[place]
        assert hasattr(owner, f"action_{name.removeprefix('app.')}"), binding.action


@pytest.mark.parametrize("action", [action for action in ACTIONS if action.prefix])
def test_what_a_second_key_does_exists(action: Action) -> None:
    from risktui.console.screens.place import Place as PlaceScreen

    name = action.function.partition("(")[0]
    owner: type = Console if name.startswith("app.") else PlaceScreen
    assert hasattr(owner, f"action_{name.removeprefix('app.')}")


def test_a_key_after_another_is_written_with_it() -> None:
    audit = next(action for action in ACTIONS if action.id == "go.audit")
    assert keys_of(audit, {}) == ["g a"]
    assert keys_of(audit, {"go.audit": "l"}) == ["g l"]
    assert keys_of(audit, {"go.audit": "g l"}) == ["g l"]
    assert rebound({"go.audit": "g l", "app.quit": "X"}) == {"go.audit": "l", "app.quit": "X"}


async def test_a_rebound_key_works_and_is_shown(database: Path) -> None:
    async with console(database, keymap={"verdict.dismiss": "x"}) as playing:
        await playing.sees("x dismiss")
        await playing.press("x")
        await playing.sees("Dismiss carol@contoso.com")


def test_the_help_of_the_filter_names_all_its_fields() -> None:
    told = action_called("find.start").help
    assert [field for field in FIELDS if f"{field}:" not in told] == []


async def test_a_second_key_that_is_none_does_not_do_what_it_does_alone(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("g", "c")  # judges nobody
        await playing.sees("g c does nothing here", "s safe  u undo")
        assert "Confirm" not in playing.text
        await playing.press("greater_than_sign", "right_square_bracket")
        await playing.sees("> ] does nothing here")
        await playing.press("g", "escape", "c")
        await playing.sees("Confirm compromised carol@contoso.com")


async def test_a_keymap_for_something_unknown_is_said(database: Path) -> None:
    async with console(database, keymap={"verdict.dismis": "x"}) as playing:
        await playing.sees("keys: no action verdict.dismis")


async def test_help_opens_where_one_is_and_closes(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("question_mark")
        await playing.sees("Overview: keys", "Open the row under the cursor")
        await playing.press("ctrl+f")  # a key it names works in it
        await playing.sees_no_more("Open the row under the cursor")
        await playing.press("ctrl+b")
        await playing.sees("Open the row under the cursor")
        await playing.press("d")  # not a verdict while reading the help
        await playing.press("escape")
        await playing.sees_no_more("Overview: keys")
        assert "Dismiss" not in playing.text


async def test_the_palette_runs_actions_and_wears_themes(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("colon")
        await playing.type("dismiss")
        await playing.sees("Teaches nothing")
        await playing.press("enter")
        await playing.sees("Dismiss carol@contoso.com")
        await playing.press("escape", "ctrl+p")
        await playing.type("theme paper-lamp")
        await playing.until(lambda: "Wear this theme" in playing.text)
        await playing.press("enter")
        await playing.until(lambda: playing.app.theme == "paper-lamp", "the theme")


async def test_the_palette_finds_an_action_by_what_it_does(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("colon")
        await playing.type("spreadsheet")
        await playing.sees("CSV  > c", "The list for a spreadsheet")


async def test_the_palette_is_ascii_where_the_terminal_is(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with console(database) as playing:
        await playing.press("colon")
        await playing.type("dismiss")
        await playing.sees("Teaches nothing")
        assert playing.text.isascii(), playing.text


async def test_t_goes_round_the_themes(database: Path) -> None:
    async with console(database) as playing:
        before = playing.app.theme
        worn: list[str] = []
        while not worn or worn[-1] != before:
            await playing.press("t")
            worn.append(playing.app.theme)
        assert len(set(worn)) >= 5
        await playing.sees(f"theme {before}")


async def test_copying_says_which_way_it_went(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("y")
        await playing.sees("copied carol@contoso.com to the terminal's clipboard (OSC 52)")
        assert playing.app.clipboard == "carol@contoso.com"


async def test_in_tmux_it_is_tmux_that_copies(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    tmux = bin_folder / "tmux"
    tmux.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/args; cat > {tmp_path}/copied\n')
    tmux.chmod(0o755)
    monkeypatch.setenv("TMUX", "/tmp/tmux-0/default,1,0")
    monkeypatch.setenv("PATH", str(bin_folder), prepend=":")
    async with console(database) as playing:
        await playing.press("y")
        await playing.sees("to tmux's buffer")
    assert (tmp_path / "copied").read_text() == "carol@contoso.com"
    assert (tmp_path / "args").read_text().split() == ["load-buffer", "-w", "-"]


async def test_ctrl_c_does_not_end_a_watch(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("ctrl+c")
        await playing.sees("Q leaves the console")
        await playing.press("Q")
        await playing.until(lambda: not playing.app.is_running, "the end")


async def test_all_is_painted_again_also_where_something_stands_over_the_place(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted: list[str] = []
    async with console(database, (80, 24)) as playing:
        app = playing.app
        monkeypatch.setattr(app, "repaint", lambda: painted.append(type(app.screen).__name__))
        await playing.press("W")
        await playing.type("mine")
        await playing.press("enter", "question_mark", "ctrl+l", "escape", "v", "ctrl+l")
    assert painted == ["HelpScreen", "ViewsScreen"]
