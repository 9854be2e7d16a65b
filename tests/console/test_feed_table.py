"""The feed table in an app: keys, messages, and what a line looks like."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.app import App, ComposeResult

from risktui.console import theme
from risktui.console.widgets.feed_keys import KEYS
from risktui.console.widgets.feed_table import Cell, Column, FeedTable, Follow, Row
from risktui.content import content

COLUMNS = (Column("level", 8), Column("who"), Column("what", share=2, drop=1))


def row(number: int, who: str = "alice", *, notable: bool = False) -> Row:
    level = ("▲ HIGH", "risk-high") if notable else ("● LOW", "risk-low")
    return Row(str(number), (Cell(*level), Cell(who), Cell(f"spray {number}", "muted")), notable)


class Screen(App[None]):
    def __init__(self, follow: Follow = "no", **options: Any) -> None:
        super().__init__()
        self.table = FeedTable(COLUMNS, follow=follow, **options)
        self.heard: list[tuple[object, ...]] = []
        theme.install(self, folders=[content("themes")])

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme.VARIABLES

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()

    def on_feed_table_row_highlighted(self, message: FeedTable.RowHighlighted) -> None:
        self.heard.append(("highlighted", message.key))

    def on_feed_table_row_selected(self, message: FeedTable.RowSelected) -> None:
        self.heard.append(("selected", message.key))

    def on_feed_table_marks_changed(self, message: FeedTable.MarksChanged) -> None:
        self.heard.append(("marked", *sorted(message.marked)))

    def on_feed_table_follow_changed(self, message: FeedTable.FollowChanged) -> None:
        self.heard.append(("following", message.following, message.new_count))

    def lines(self) -> list[str]:
        return [self.table.render_line(y).text.rstrip() for y in range(self.table.size.height)]


async def test_rows_stand_in_their_columns_under_a_header() -> None:
    app = Screen()
    async with app.run_test(size=(40, 5)):
        app.table.show([row(1), row(2, "日本太郎")])
        assert app.lines() == [
            " level    who         what",
            "▌● LOW    alice       spray 1",
            " ● LOW    日本太郎    spray 2",
            "",
            "",
        ]
        assert {app.table.render_line(y).cell_length for y in range(5)} == {40}


async def test_a_narrow_table_leaves_a_column_out() -> None:
    app = Screen()
    async with app.run_test(size=(23, 3)) as pilot:
        app.table.show([row(1)])
        assert app.lines()[:2] == [" level    who", "▌● LOW    alice"]
        await pilot.resize_terminal(60, 3)
        async with asyncio.timeout(60):
            while "spray 1" not in app.lines()[1]:
                await pilot.pause(0.005)


async def test_an_empty_table_says_why() -> None:
    app = Screen(empty="nobody at risk", header=False)
    async with app.run_test(size=(40, 3)):
        assert app.lines()[0] == " nobody at risk"


async def test_an_ascii_terminal_gets_ascii() -> None:
    app = Screen(ascii_only=True, header=False)
    async with app.run_test(size=(24, 2)):
        app.table.show([Row(str(n), (Cell("x" * 30), Cell("y" * 30))) for n in range(9)])
        assert all(line.isascii() for line in app.lines())
        assert app.lines()[0].startswith(">xxxxxxx~ yyy")


@pytest.mark.parametrize(
    ("keys", "key"),
    [
        ("j", "1"),
        ("down down k", "1"),
        ("G", "99"),
        ("end up", "98"),
        ("G home", "0"),
        ("pagedown", "8"),
        ("pagedown pageup", "0"),
        ("ctrl+d", "4"),
        ("e", "30"),
        ("e e E", "30"),
        ("E", "0"),
    ],
)
async def test_keys_move_the_cursor(keys: str, key: str) -> None:
    app = Screen()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show([row(n, notable=n in {30, 60}) for n in range(100)])
        await pilot.press(*keys.split())
        assert app.table.cursor_key == key


async def test_the_scroll_bar_shows_where_one_is_and_where_the_notable_rows_are() -> None:
    app = Screen(header=False)
    async with app.run_test(size=(40, 10)):
        app.table.show([row(n, notable=n == 55) for n in range(100)])
        bar = [app.table.render_line(y).text[-1] for y in range(10)]
        assert "".join(bar) == "▐    ╴    "


async def test_who_listens_hears_of_the_first_row_and_of_each_move() -> None:
    app = Screen()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show([row(1), row(2)])
        await pilot.press("j", "j", "enter")
        app.table.show([row(0), row(1), row(2)])
        await pilot.pause()
        assert app.heard == [("highlighted", "1"), ("highlighted", "2"), ("selected", "2")]
        app.table.clear()
        await pilot.pause()
        assert app.heard[-1] == ("highlighted", None)


async def test_marks_belong_to_keys_and_end_with_their_row() -> None:
    app = Screen()
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show([row(1), row(2), row(3)])
        await pilot.press("space", "space")
        assert app.table.marked == {"1", "2"}
        assert ("marked", "1", "2") in app.heard
        app.table.show([row(0), row(2)])
        assert app.table.marked == {"2"}
        assert [line[0] for line in app.lines()[1:3]] == [" ", "+"]
        app.table.clear_marks()
        assert app.table.marked == frozenset()


async def test_a_feed_says_when_it_holds_and_what_has_come() -> None:
    app = Screen("top")
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.append([row(n) for n in range(30)])
        await pilot.press("j")
        app.table.append([row(30), row(31)])
        await pilot.pause()
        follow = [heard for heard in app.heard if heard[0] == "following"]
        assert follow == [("following", False, 0), ("following", False, 2)]
        await pilot.press("f")
        assert app.table.cursor_key == "31"
        assert app.table.new_count == 0
        assert ("following", True, 0) in app.heard


async def test_only_lines_that_changed_are_painted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Screen("top")
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.append([row(n) for n in range(30)])
        await pilot.press("j", "j")
        await pilot.pause()
        painted: list[int] = []
        real = app.table.render_line

        def counting(y: int) -> Any:
            painted.append(y)
            return real(y)

        monkeypatch.setattr(app.table, "render_line", counting)
        app.table.append([row(30)])  # it holds: nothing on screen is different
        await pilot.pause()
        assert painted == []
        await pilot.press("j")
        await pilot.pause()
        assert sorted(set(painted)) == [3, 4]


async def test_a_row_can_be_chosen_by_its_key() -> None:
    app = Screen()
    async with app.run_test(size=(40, 10)):
        app.table.show([row(n) for n in range(100)])
        assert app.table.select("77")
        assert app.table.cursor_row == row(77)
        assert not app.table.select("777")
        app.table.cursor_key = "3"
        assert app.table.cursor_key == "3"


async def test_an_unknown_role_is_an_error_that_names_the_known() -> None:
    app = Screen(header=False)
    async with app.run_test(size=(40, 10)) as pilot:
        app.table.show([row(1), row(2)])
        await pilot.pause()
        with pytest.raises(ValueError, match="no style 'reddish'; there are muted, strong"):
            app.table._over(app.table.rich_style, "reddish")


def test_every_key_has_an_id_of_its_own() -> None:
    ids = [getattr(key, "id", None) for key in KEYS]
    assert len(set(ids)) == len(KEYS)
    assert all(each and each.startswith("feed.") for each in ids)
