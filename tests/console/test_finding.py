"""Filters while they are typed, and after."""

from __future__ import annotations

from pathlib import Path

from textual.events import Key

from console.playing import console


async def test_the_lists_follow_while_one_types(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("slash")
        await playing.type("level:high")
        await playing.sees("2 users, 2 detections", "Users at risk 2 of 12  /level:high")
        assert "bob" not in playing.text
        await playing.press("enter")
        await playing.sees("enter open", "/level:high")


async def test_a_mistake_is_explained_and_the_lists_stay(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("slash")
        for letter in "lvl:high":  # without a pause in which a part of it would be tried
            playing.app.post_message(Key(letter, letter))
        await playing.sees("no field lvl: did you mean level:?", "carol")
        await playing.press("enter")
        await playing.sees("no field lvl")


async def test_escape_goes_back_to_the_filter_there_was_and_then_clears_it(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("slash")
        await playing.type("country:NL")
        await playing.press("enter", "slash")
        await playing.type(" user:bob")
        await playing.sees("1 user, 1 detection")
        await playing.press("escape")
        await playing.sees("/country:NL ")
        await playing.press("escape")
        await playing.sees("▲ HIGH   carol")
        assert "country:NL" not in playing.text


async def test_a_filter_is_kept_and_shown_on_other_screens(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("slash")
        await playing.type("ip:203.0.113.77")
        await playing.press("enter")
        await playing.sees("▌■ MEDIUM bob")
        await playing.press("enter")
        await playing.sees("Users /ip:203.0.113.77 › bob")
        await playing.press("q")
        await playing.sees("/ip:203.0.1", "1 of 12")


async def test_closed_ones_are_found_by_their_state(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("slash")
        await playing.type("state:dismissed")
        await playing.press("enter")
        await playing.sees("no row meets the filter", "nobody selected")
