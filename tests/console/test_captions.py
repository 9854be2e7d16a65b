"""A demo says what happens, and ends by itself."""

from __future__ import annotations

from pathlib import Path

from console.playing import console


async def test_the_caption_is_there_on_every_screen(database: Path) -> None:
    said = ["Somebody guesses at [b]Carol[/b]'s password"]
    async with console(database, captions=lambda: said[0]) as playing:
        await playing.sees("Somebody guesses at [b]Carol[/b]'s password", "enter open")
        said[0] = "It was right. " + "Watch the list of users. " * 20
        await playing.press("enter")
        await playing.sees("It was right. Watch the list", "…")
        said[0] = ""
        await playing.sees_no_more("It was right")


async def test_it_ends_after_its_time(database: Path) -> None:
    async with console(database, seconds=0.5) as playing:
        await playing.until(lambda: not playing.app.is_running, "the end")
        assert playing.app.return_code == 0
