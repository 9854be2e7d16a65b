"""What one watch tells the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.playing import console
from risktui.console.memory import MAX_SEEN, MAX_TYPED, Diary, Order, View, usual_folder


def test_what_was_written_is_read_again_for_the_same_database_only(tmp_path: Path) -> None:
    diary = Diary(tmp_path / "state", tmp_path / "risk.db")
    diary.memory.search = "level:high"
    diary.kept.views["mine"] = View("user:al*", Order("name", turned=True))
    assert diary.write() == ""
    again = Diary(tmp_path / "state", tmp_path / "risk.db")
    assert again.memory.search == "level:high"
    other = Diary(tmp_path / "state", tmp_path / "other.db")
    assert other.memory.search == ""
    assert other.kept.views["mine"].people == Order("name", turned=True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"people": {"by": "shoe size"}}', b"\xff"])
def test_a_file_that_cannot_be_read_is_as_if_there_were_none(tmp_path: Path, body: bytes) -> None:
    diary = Diary(tmp_path, tmp_path / "risk.db")
    diary.write()
    for file in tmp_path.glob("*.json"):
        file.write_bytes(body)
    assert Diary(tmp_path, tmp_path / "risk.db").memory.search == ""


def test_nothing_is_written_without_a_folder_and_a_full_disk_is_told(tmp_path: Path) -> None:
    assert Diary(None, tmp_path / "risk.db").write() == ""
    (tmp_path / "state").write_text("a file where the folder should be")
    assert "state" in Diary(tmp_path / "state", tmp_path / "risk.db").write()


def test_it_does_not_grow_for_ever(tmp_path: Path) -> None:
    diary = Diary(tmp_path, tmp_path / "risk.db")
    diary.memory.seen = {str(number): number for number in range(MAX_SEEN + 10)}
    diary.kept.typed = [str(number) for number in range(MAX_TYPED + 10)]
    diary.write()
    again = Diary(tmp_path, tmp_path / "risk.db")
    assert len(again.memory.seen) == MAX_SEEN
    assert "0" not in again.memory.seen
    assert again.kept.typed[-1] == str(MAX_TYPED + 9)


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    Diary(tmp_path / "state", tmp_path / "risk.db").write()
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
    assert all(file.stat().st_mode & 0o077 == 0 for file in (tmp_path / "state").iterdir())


def test_it_lies_where_the_platform_keeps_states(tmp_path: Path) -> None:
    assert usual_folder({"XDG_STATE_HOME": str(tmp_path)}) == tmp_path / "risktui" / "console"
    assert usual_folder({}).parts[-2:] == ("risktui", "console")


async def test_the_next_watch_begins_where_this_one_ended(database: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    async with console(database, state=state) as playing:
        await playing.press("slash")
        await playing.type("country:NG")
        await playing.press("enter")
        await playing.sees("/country:NG")
        await playing.press("j", "o", "enter")
        await playing.sees("erin@contoso.com")
        await playing.press("Q")
    async with console(database, state=state) as playing:
        await playing.sees("/country:NG › erin@contoso.com")
        await playing.press("q")
        await playing.sees("▌▲ HIGH   erin", "/country:NG")
        assert playing.app.session.memory.people == Order("name")


async def test_who_was_looked_at_is_nothing_new_in_the_next_watch(
    database: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    async with console(database, state=state) as playing:
        await playing.press("Q")
    async with console(database, state=state) as playing:
        assert "•" not in playing.text
        playing.app.session.memory.seen["erin"] = 0
        playing.app.look_again()
        await playing.sees("erin             •")
