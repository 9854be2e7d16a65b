"""Finding a row of a screen about the machinery, leaving it, and taking it out."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from console.playing import NOW, Playing, console
from risktui.config import Config
from risktui.console.screens.board import BoardPlace
from risktui.console.widgets.feed_table import FeedTable
from risktui.language import choice
from risktui.logs.batch import Position
from risktui.settings import Policy
from risktui.store import audit
from risktui.store.database import writer

POLICIES = Config(
    policies=[Policy(name="block high", applies_to="signIn", levels=["high"], control="block")]
)
FOLDER = "/var/log/azure"
DEEP = f"{FOLDER}/insights-logs-signinlogs/{'deep/' * 20}h=23/PT1H.json"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def used(database: Path) -> Path:
    """A database with two logs, one of them half read, bad records, and two verdicts."""
    judged = audit.Line(
        time=NOW,
        actor="olga",
        action="dismiss",
        subject="carol@contoso.com",
        result="at risk -> dismissed",
        note="her phone",
    )
    other = audit.Line(time=NOW, actor="otto", action="undo", subject="nobody@contoso.com")
    with closing(writer(database)) as connection:
        for path in (DEEP, f"{FOLDER}/insights-logs-auditlogs/a.json"):
            position = msgspec.msgpack.encode(Position(path, offset=40, size=100))
            connection.execute("INSERT INTO sources VALUES (?, ?, 10, 1, ?)", (path, position, NOW))
            connection.execute("INSERT INTO source_formats VALUES (?, 'okta', 10, 9, 0)", (path,))
        connection.execute("INSERT INTO quarantine VALUES (?, 0, 'not JSON', '{', ?)", (DEEP, NOW))
        audit.append_open(connection, [judged, other])
    return database


async def test_a_word_leaves_only_the_rows_that_have_it(used: Path) -> None:
    async with console(used) as playing:
        await playing.press("g", "a")
        await playing.sees("nobody@contoso.com", "/ find")
        await playing.press("slash")
        await playing.type("her PHONE")  # a note, which only the details show
        await playing.sees("Audit log 1 of 2  /her PHONE")
        assert "nobody@contoso.com" not in playing.text
        await playing.press("enter")
        await playing.sees("q back")
        await playing.press("slash", "ctrl+u")
        await playing.type("level:high by:x")
        await playing.sees("no level: here, but by, did, user, since, until", "Audit log 1 of 2")
        await playing.press("ctrl+u")
        await playing.type("by:ot")
        await playing.press("tab")
        await playing.sees("/ by:otto", "1 of 2", "nobody@contoso.com")
        await playing.press("escape")
        await playing.sees("Audit log 1 of 2")
        await playing.press("escape")
        await playing.sees("nobody@contoso.com", "q back")
        await playing.press("escape")
        await playing.sees("Users at risk")


async def test_one_chord_leads_to_the_overview_from_however_far(used: Path) -> None:
    async with console(used) as playing:
        await playing.press("enter", "g", "s", "g", "d", "g", "a")
        await playing.sees("the chain is whole", "g o overview")
        await playing.press("g", "o")
        await playing.sees("Users at risk")
        assert len(playing.app.screen_stack) == 1
        await playing.press("right_square_bracket")
        await playing.sees("Users › carol@contoso.com")


async def test_a_long_path_is_cut_in_its_middle_and_whole_below(used: Path) -> None:
    async with console(used) as playing:
        await playing.press("g", "s")
        await playing.sees("all in /var/log/azure\n", "insights-…", "h=23/PT1H.json")
        place = board(playing)
        place.table.select(f"file {DEEP}")
        place.show_pane("details")
        await playing.press("z")
        await playing.until(lambda: DEEP in "".join(playing.text.split()).replace("│", ""))


async def test_a_folder_that_there_is_no_room_for_is_left_out_of_the_title(database: Path) -> None:
    with closing(writer(database)) as connection:
        for name in ("a.json", "b.json"):
            path = f"/mnt/storage/insights-logs-signinlogs/tenant/{name}"
            position = msgspec.msgpack.encode(Position(path, offset=9, size=9))
            connection.execute("INSERT INTO sources VALUES (?, ?, 10, 0, ?)", (path, position, NOW))
    async with console(database) as playing:
        await playing.press("g", "s")
        await playing.sees("Sources: 2 files, 20 records, 0 not read")
        assert "0 not read; all in" not in playing.text


@pytest.mark.parametrize("key", list("sdpa"))
async def test_a_table_is_taken_out_alike_in_every_language(
    used: Path, here: Path, key: str
) -> None:
    texts = []
    for language in ("en", "ja"):
        choice.choose(language)
        async with console(used, config=POLICIES) as playing:
            await playing.press("g", key)
            await playing.until(lambda: isinstance(playing.app.here, BoardPlace), "the board")
            table = playing.app.here.query_one(FeedTable)
            await playing.until(lambda: table.row_count, "its rows")  # noqa: B023
            await playing.press("greater_than_sign", "j")
            await playing.until(lambda: list(here.glob("*.ndjson")), "the file")
        choice.choose("en")
        path = only(here, "ndjson")
        texts.append(path.read_text())
        path.unlink()
    assert texts[0] == texts[1]
    assert texts[0].isascii()


def only(folder: Path, suffix: str) -> Path:
    (path,) = folder.glob(f"*.{suffix}")
    return path


def board(playing: Playing) -> BoardPlace:
    here = playing.app.here
    assert isinstance(here, BoardPlace)
    return here
