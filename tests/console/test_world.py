"""The world in dots."""

from __future__ import annotations

import re

import pytest

from risktui.console.world import Canvas, Point, is_land, view_of, way

SEATTLE, TOKYO, LAGOS = (47.6, -122.3), (35.7, 139.7), (6.45, 3.39)


def drawn(*points: Point, width: int = 70, height: int = 16, ascii_only: bool = False) -> list[str]:
    canvas = Canvas(view_of(points, width, height), width, height, ascii_only=ascii_only)
    canvas.land()
    for number, point in enumerate(points):
        if number:
            canvas.way(points[number - 1], point, "map-hop")
        canvas.sign(point, str(number), "new")
    return ["".join(text for text, _ in row) for row in canvas.rows()]


@pytest.mark.parametrize(
    ("place", "land"),
    [
        ((48.9, 2.4), True),  # Paris
        ((-23.5, -46.6), True),  # Sao Paulo
        ((-25.0, 134.0), True),  # Alice Springs
        ((35.0, -40.0), False),  # the Atlantic
        ((0.0, -150.0), False),  # the Pacific
        ((90.0, 180.0), False),
        ((-90.0, -180.0), True),
    ],
)
def test_land_is_where_it_is(place: Point, land: bool) -> None:
    assert is_land(*place) is land


def test_every_row_is_as_wide_as_it_should_be() -> None:
    for ascii_only in (False, True):
        rows = drawn(SEATTLE, LAGOS, ascii_only=ascii_only)
        assert {len(row) for row in rows} == {70}
        assert len(rows) == 16
        assert not ascii_only or "".join(rows).isascii()


def test_all_places_are_in_the_view() -> None:
    for points in ((SEATTLE,), (SEATTLE, LAGOS), (SEATTLE, TOKYO), (LAGOS, TOKYO, SEATTLE)):
        text = "".join(drawn(*points))
        assert all(str(number) in text for number in range(len(points)))


def test_signs_that_are_near_each_other_do_not_touch() -> None:
    london, birmingham, amsterdam = (51.5, -0.1), (52.5, -1.9), (52.4, 4.9)
    for ascii_only in (False, True):
        rows = drawn(SEATTLE, london, birmingham, amsterdam, LAGOS, ascii_only=ascii_only)
        numbers = re.findall(r"\d+", " ".join(rows))
        assert sorted(numbers) == ["0", "1", "2", "3", "4"]
        at = {number: y for y, row in enumerate(rows) for number in re.findall(r"\d", row)}
        assert abs(at["1"] - at["2"]) <= 2


def test_over_the_date_line_the_short_way_is_shown() -> None:
    view = view_of((SEATTLE, TOKYO), 70, 16)
    assert view.west < TOKYO[1] < 180 < view.east
    assert "1" in "".join(drawn(TOKYO, SEATTLE))


def test_a_way_is_a_great_circle() -> None:
    middle = list(way(SEATTLE, TOKYO, 10))[5]
    assert middle[0] > 50
    assert list(way(LAGOS, LAGOS, 3)) == [LAGOS] * 4


def test_a_map_of_nothing_is_the_world() -> None:
    assert view_of((), 70, 16).west == -180.0
    assert view_of((LAGOS,), 0, 0).east == 180.0
