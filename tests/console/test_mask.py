"""Who somebody is cannot be read from a masked screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.playing import console
from risktui.console.mask import Mask
from risktui.model.events import Activity, Location
from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskLevel, RiskyUser


def mask(*users: tuple[str, str]) -> Mask:
    worn = Mask(on=True)
    worn.learn(
        RiskyUser(id=name, user_principal_name=name, user_display_name=display)
        for name, display in users
    )
    return worn


def detection(location: Location, activities: tuple[Activity, ...]) -> Detection:
    return Detection(
        id="d1",
        risk_event_type="unlikelyTravel",
        risk_level=RiskLevel.HIGH,
        location=location,
        activities=activities,
        activity_date_time=1,
        detected_date_time=1,
        last_updated_date_time=1,
        user_id="u1",
        explanation=Explanation(
            headline="x", level=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH)
        ),
    )


CAROL = mask(("carol.adams@contoso.com", "Carol Adams"), ("mark.hill@contoso.com", "Mark Hill"))


def test_the_same_name_has_the_same_stand_in_however_it_is_written() -> None:
    names = ("carol.adams", "Carol.Adams", "carol.adams@contoso.com")
    first = [CAROL(name).partition("@")[0] for name in names]
    assert len(set(first)) == 1
    assert mask(("carol.adams@contoso.com", ""))("carol.adams") == first[0]


@pytest.mark.parametrize(
    "text",
    [
        "carol.adams@contoso.com was active in Tokyo",
        "device CW-CAROL-01",
        "Mail from Carol to a stranger",
        "rule of adams.carol",
        "stranger@elsewhere.example",
        "from 203.0.113.9 and 2001:db8:7::9",
    ],
)
def test_nothing_of_it_is_left_in_a_sentence(text: str) -> None:
    shown = CAROL(text).casefold()
    for part in ("carol", "adams", "stranger@", "203.0.113.9", "db8:7"):
        assert part not in shown


def test_words_and_times_stay_what_they_are() -> None:
    text = "12:41:07 a mark on the hill, 13,545 km/h, AS64502, 15 % of 41 users"
    assert CAROL(text) == text
    assert Mask()("carol.adams 203.0.113.9") == "carol.adams 203.0.113.9"


def test_a_city_stays_a_city_though_somebody_has_its_name() -> None:
    worn = mask(("reception.tokyo@contoso.com", "Reception Tokyo"))
    assert worn("was active in Tokyo, JP") == "was active in Tokyo, JP"
    assert "Tokyo" not in worn("cities Tokyo, mail to Tokyo")  # it may be the name as well as not
    tokyo, newark = Location("JP", city="Tokyo"), Location("US", city="Newark")
    activities = (Activity(time=1, id="e1", location=tokyo),)
    worn.learn([detection(location=newark, activities=activities)])
    assert worn("cities Tokyo, mail to Tokyo") == "cities Tokyo, mail to Tokyo"
    for text in ("reception.tokyo", "Reception Tokyo", "TOKYO Reception, JP", "CW-TOKYO-01"):
        assert "tokyo" not in worn(text).casefold()


def test_names_without_blanks_between_words_are_found() -> None:
    worn = mask(("hanako@contoso.com", "高橋 花子"))
    assert "高橋" not in worn("高橋花子さんのアカウント")


async def test_one_key_masks_every_screen_and_shows_them_again(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("P")
        await playing.is_told("names and addresses are masked")
        await playing.sees_no_more("carol")
        await playing.sees_no_more("203.0.113.9")
        await playing.press("enter")
        await playing.sees("Users › user-")
        for name in ("carol", "Carol", "Adams", "contoso.com", "203.0.113."):
            await playing.sees_no_more(name)
        await playing.press("P")
        await playing.sees("carol@contoso.com")


async def test_what_is_typed_under_the_mask_is_not_seen_and_still_meant(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("P", "slash")
        await playing.type("user:carol")
        await playing.sees("/ user:*****", "1 user")
        for part, drawn in (("ar", "ar"), ("aro", "***"), ("-caro*", "******"), ("lev", "lev")):
            playing.app.screen.filter_bar._input.value = part  # type: ignore[attr-defined]
            await playing.sees(f"/ {drawn} ")
        playing.app.screen.filter_bar._input.value = "user:carol"  # type: ignore[attr-defined]
        await playing.sees("1 user")
        await playing.press("enter", "d")
        await playing.type("asked carol.adams")
        await playing.sees("note asked ***********")
        assert "carol" not in playing.text.casefold()
        await playing.press("escape", "P", "slash")
        await playing.sees("/ user:carol")


async def test_no_name_is_suggested_under_the_mask(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("P", "slash")
        await playing.type("user:caro")
        await playing.pilot.pause(0.3)
        assert "carol" not in playing.text.casefold()


async def test_a_filter_that_is_kept_says_no_name_either(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("P", "slash")
        await playing.type("adams")
        await playing.press("enter")
        await playing.sees("/*****")
        await playing.press("enter")
        await playing.sees("Users /***** ›")
        assert "adams" not in playing.text.casefold()


async def test_who_else_is_masked_though_a_filter_hides_their_row(
    database: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    async with console(database, state=state) as playing:
        await playing.press("slash")
        await playing.type("user:carol")
        await playing.press("enter", "P")
        await playing.is_told("names and addresses are masked")
    async with console(database, state=state) as playing:
        await playing.press("tab", "enter", "w")
        await playing.sees("Who else 11")
        assert "erin" not in playing.text.casefold()
