"""What a filter that is being typed could go on with."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from console.playing import console
from risktui.console.completing import Completer, complete

VALUES = {
    "level": ["high", "medium"],
    "user": ["carol@contoso.com", "Zoë@contoso.com"],
    "country": ["NG", "NL"],
}


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("le", "level:"),
        ("level:h", "level:high"),
        ("level:high us", "level:high user:"),
        ("level:high user:CA", "level:high user:CArol@contoso.com"),
        ("country:NG,N", "country:NG,NL"),
        ("-us", "-user:"),
        ("-user:zo", "-user:zoë@contoso.com"),
        ("level:high", None),
        ("level:", None),
        ("level:x", None),
        ("xyz", None),
        ("lvl:h", None),
        ("", None),
        ("level:high ", None),
    ],
)
def test_the_last_part_is_completed(typed: str, whole: str | None) -> None:
    values = VALUES | ({"country": ["NL"]} if "," in typed else {})
    assert complete(typed, values) == whole


async def test_lists_are_gone_through_once_and_not_at_every_key() -> None:
    asked: list[str] = []

    def values(country: str) -> dict[str, list[str]]:
        asked.append(country)
        return {"country": [country]}

    completer = Completer(VALUES)
    for country in ("NG", "NL"):
        completer.learn(partial(values, country))
        assert await completer.get_suggestion("c") == "country:"
        assert await completer.get_suggestion("country:N") == f"country:{country}"
    assert asked == ["NG", "NL"]


async def test_tab_takes_a_name_that_is_there(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("slash")
        await playing.type("user:han")
        await playing.sees("user:hanako.takahashi@contoso.")
        await playing.press("tab")
        await playing.sees("1 user, 1 detection")


async def test_a_name_is_suggested_when_the_lists_have_it_again(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("slash")
        await playing.type("user")  # which nobody is called
        await playing.sees("0 users, 0 detections")
        await playing.burst(*":han")  # before they follow
        await playing.sees("user:hanako.takahashi@contoso.")


async def test_arrow_up_brings_back_what_was_typed_before(database: Path) -> None:
    async with console(database) as playing:
        for text in ("level:high", "country:NL"):
            await playing.press("slash", "ctrl+u")
            await playing.type(text)
            await playing.press("enter")
            await playing.sees(f"/{text} ")
        await playing.press("slash", "ctrl+u")
        await playing.type("bob")
        await playing.press("up", "up")
        await playing.sees("/ level:high", "2 users")
        await playing.press("down", "down")
        await playing.sees("/ bob", "1 user")
