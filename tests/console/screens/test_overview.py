"""What an operator sees on the first screen, at every size."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from console.people import HOUR, LAGOS, MINUTE, SPRAY, Person, finding, sign_in
from console.playing import NOW, Playing, console
from console.prepared import more, prepared
from risktui.console.screens.overview import Overview
from risktui.console.widgets.feed_table import FeedTable
from risktui.model.risk import RiskLevel
from risktui.store.database import prepare, writer


def overview(playing: Playing) -> Overview:
    place = playing.app.here
    assert isinstance(place, Overview)
    return place


def newcomer(name: str, at: int, level: RiskLevel = RiskLevel.HIGH) -> Person:
    about = sign_in(f"{name}-1", name, at, "203.0.113.200", LAGOS)
    found = finding(level, f"{name} was sprayed", about, [("x", "1", "0", 1.0)])
    return Person(name.title(), f"{name}@contoso.com", ((SPRAY, found),))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (260, 70)])
async def test_it_looks_as_it_always_did(database: Path, size: tuple[int, int]) -> None:
    async with console(database, size) as playing:
        await playing.sees("Password right on 3rd try")
        await playing.looks_like(f"overview_{size[0]}x{size[1]}")


async def test_the_reason_of_the_first_user_is_there_without_a_key(database: Path) -> None:
    async with console(database) as playing:
        await playing.sees(
            "▲ HIGH   carol",
            "Password right on 3rd try from an address that tried 41 people",
            "41 users in 20 min",
            "nothing spoke against it (2 looked at)",
            "Do: Ask the user",
        )


async def test_nobody_is_called_safe_while_logs_are_still_being_read(tmp_path: Path) -> None:
    database = tmp_path / "new.db"
    prepare(database)
    async with console(database) as playing:
        await playing.sees("nobody so far: no log has been read yet")
    await prepared(database, NOW, [])
    with closing(writer(database)) as connection:
        connection.execute("UPDATE meta SET value = 'reading' WHERE name = 'engine.state'")
    async with console(database) as playing:
        await playing.sees("nobody so far: logs are still being read", "no detections so far")
        with closing(writer(database)) as connection:
            connection.execute("UPDATE meta SET value = 'live' WHERE name = 'engine.state'")
        await playing.sees("nobody is at risk", "no detections yet")


async def test_while_a_backlog_is_read_an_untouched_list_stays_with_the_most_urgent(
    tmp_path: Path,
) -> None:
    database = tmp_path / "backlog.db"

    async def met(name: str, level: RiskLevel) -> None:
        await more(database, NOW, [newcomer(name, NOW - MINUTE, level)])
        with closing(writer(database)) as connection:
            connection.execute("UPDATE meta SET value = 'reading' WHERE name = 'engine.state'")

    await prepared(database, NOW, [])
    await met("lea", RiskLevel.LOW)
    async with console(database) as playing:
        await playing.sees("lea was sprayed")
        await playing.until(lambda: overview(playing)._read, "it knows of the backlog")
        await met("max", RiskLevel.MEDIUM)
        await playing.sees("max was sprayed")
        await playing.press("j", "k")
        await met("zoe", RiskLevel.HIGH)
        await playing.sees("▲ HIGH   zoe")
        await playing.rest()
        assert overview(playing).users.cursor_key == "max"


async def test_a_filter_that_is_given_up_leaves_the_cursor_where_it_was(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("j", "slash")
        await playing.type("dan")
        await playing.sees("1 user,")
        assert overview(playing).users.cursor_key == "dan"
        await playing.press("escape")
        await playing.until(lambda: overview(playing).users.cursor_key == "erin", "erin again")


async def test_the_reason_follows_the_cursor(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("j")
        await playing.sees("erin · inbox rule · ▲ HIGH", "moves mail about invoices")
        await playing.press("tab", "j", "j", "j")
        await playing.sees("bob · odd token", "Session moved from Paris to Amsterdam")


async def test_what_spoke_against_is_named(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("j", "j", "j", "j", "j")
        await playing.sees("alice · new country", "- fresh MFA: passed now (-1 level)")


async def test_the_feed_holds_while_one_reads_and_counts_what_is_new(database: Path) -> None:
    async with console(database) as playing:
        await playing.sees("Detections following")
        await playing.press("tab", "j")
        feed = playing.app.here.query_one("#feed", FeedTable)
        read = feed.cursor_key
        await more(database, NOW + MINUTE, [newcomer("victor", NOW)])
        await playing.sees("Detections held, 1 new")
        assert feed.cursor_key == read
        await playing.press("f")
        await playing.sees("Detections following", "password spray           victor")


async def test_pause_holds_the_feed_from_any_pane(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("p")
        await playing.sees("Detections held")
        await playing.press("p")
        await playing.sees("Detections following")


async def test_somebody_new_is_marked_until_one_looks(database: Path) -> None:
    async with console(database) as playing:
        assert "•" not in playing.text
        await more(database, NOW, [newcomer("victor", NOW - 4 * HOUR)])
        await playing.sees("victor           •")
        await playing.press("G", "g", "g")
        assert overview(playing).users.select("victor")
        await playing.press("j")
        playing.app.look_again()
        await playing.sees_no_more("•")


async def test_a_pane_takes_the_whole_screen_and_gives_it_back(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("tab", "tab", "z")
        await playing.sees("Rules looked at", "shared egress of the organisation: no")
        assert "Users at risk" not in playing.text
        await playing.press("escape")
        await playing.sees("Users at risk")


@pytest.mark.parametrize("width", [100, 170, 260])
async def test_the_reason_is_beside_the_people_and_the_feed_has_whole_lines(
    database: Path, width: int
) -> None:
    async with console(database, (width, 40)) as playing:
        place = overview(playing)
        assert place.reason.region.y == place.users.region.y < place.feed.region.y
        assert place.reason.region.x > place.users.region.x
        assert place.feed.region.width == width


async def test_no_name_is_cut_at_80_columns_and_the_strongest_evidence_is_whole(
    database: Path,
) -> None:
    async with console(database) as playing:
        await playing.sees("hanako.takahashi", "Example Hosting B.V. (AS64500)")
        await playing.sees("usual: Example Telecom (AS64510)")


async def test_the_feed_names_other_days(database: Path) -> None:
    async with console(database, clock=lambda: NOW + 20 * HOUR) as playing:
        await playing.sees("▌05-15 09:39 ▲")


async def test_ages_do_not_jump_when_a_replay_passes_midnight(database: Path) -> None:
    clock = [NOW + 40 * 24 * HOUR]
    async with console(database, clock=lambda: clock[0]) as playing:
        await playing.sees("impossible travel      2m")
        clock[0] = NOW + 23 * HOUR
        playing.app.look_again()
        await playing.rest()
        await playing.sees("impossible travel      2m", "2026-05-15 09:41Z")


async def test_a_flat_terminal_shows_one_list_and_tab_the_other(database: Path) -> None:
    async with console(database, (80, 14)) as playing:
        await playing.sees("Users at risk")
        assert "Detections" not in playing.text
        await playing.press("tab")
        await playing.sees("Detections")
        assert "Users at risk" not in playing.text


async def test_a_terminal_that_is_too_small_is_told_the_size_it_needs(database: Path) -> None:
    async with console(database, (59, 12)) as playing:
        await playing.sees("needs 60x12")
        await playing.pilot.resize_terminal(60, 12)
        await playing.sees("Users at risk")


async def test_a_terminal_without_our_signs_gets_its_own(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with console(database) as playing:
        await playing.sees("! HIGH   carol", "-Users at risk--")
        await playing.press("enter")
        await playing.sees("Users > carol@contoso.com")
        own = playing.text.replace("…", "")
        assert own.isascii()


async def test_without_colour_nothing_is_coloured_and_everything_is_said(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with console(database) as playing:
        await playing.sees("▲ HIGH   carol")
        for line in playing.app.screen._compositor.render_strips():
            for segment in line:
                if segment.style is not None and segment.style.color is not None:
                    assert segment.style.color.is_default, segment


async def test_the_age_of_a_replayed_past_is_counted_from_its_end(database: Path) -> None:
    async with console(database, clock=lambda: NOW + 40 * 24 * HOUR) as playing:
        await playing.sees("impossible travel      2m", "2026-05-15 09:41Z")
