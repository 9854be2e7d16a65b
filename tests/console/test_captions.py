"""A demo says what happens, and ends by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from console.playing import console
from risktui.cli.captions import captions_of
from risktui.console.screens.framed import CAPTION_LINES, whole_clauses
from risktui.content import content
from risktui.language import choice


async def test_the_caption_is_there_on_every_screen(database: Path) -> None:
    said = ["Somebody guesses at [b]Carol[/b]'s password"]
    async with console(database, captions=lambda: said[0]) as playing:
        await playing.sees("Somebody guesses at [b]Carol[/b]'s password", "enter open")
        said[0] = "It was right. " + "Watch the list of users, " * 20 + "and see."
        await playing.press("enter")
        await playing.sees("It was right. Watch the list")
        text = " ".join(playing.text.split())
        assert "Watch the list of users. enter open" in text  # it ends with a clause
        said[0] = ""
        await playing.sees_no_more("It was right")


@pytest.mark.parametrize("language", choice.LANGUAGES)
def test_no_caption_of_the_demo_is_cut_in_a_word_at_80_columns(language: str) -> None:
    choice.choose(language)
    captions = captions_of(content("sample_logs") / "story.json", timedelta(0))
    choice.choose("en")
    for caption in captions:
        rows = [row.plain for row in whole_clauses(caption.text, 78)]
        assert len(rows) <= CAPTION_LINES
        assert rows[-1][-1] in ".。", rows


async def test_it_ends_after_its_time(database: Path) -> None:
    async with console(database, seconds=0.5) as playing:
        await playing.until(lambda: not playing.app.is_running, "the end")
        assert playing.app.return_code == 0
