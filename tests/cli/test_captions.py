"""What the demo says, and when it shows what."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from risktui.cli.captions import ENDING, OPENING, caption_at, captions_of
from risktui.cli.demo import demo
from risktui.cli.pacing import even, within
from risktui.cli.stage import set_the_stage
from risktui.content import content

HOUR = 3_600_000
DAY = 24 * HOUR


def test_the_day_is_played_into_folders_that_are_there(tmp_path: Path) -> None:
    stage = set_the_stage(content("sample_logs"), tmp_path)
    there = {path for path in tmp_path.rglob("*") if path.is_dir()}
    with stage.playing(1e9):
        end = time.monotonic() + 60
        while stage.caption() != ENDING and time.monotonic() < end:
            time.sleep(0.01)
    assert stage.caption() == ENDING
    assert {path for path in tmp_path.rglob("*") if path.is_dir()} == there


def test_the_day_begins_when_the_month_before_it_is_read(tmp_path: Path) -> None:
    stage = set_the_stage(content("sample_logs"), tmp_path)
    asked: list[int] = []

    def is_read() -> bool:
        asked.append(sum(path.is_file() for path in tmp_path.rglob("*")))
        return len(asked) > 1

    with stage.playing(1e9, is_read=is_read):
        end = time.monotonic() + 60
        while stage.caption() != ENDING and time.monotonic() < end:
            time.sleep(0.01)
    assert len(asked) == 2
    assert asked[0] == asked[1] < sum(path.is_file() for path in tmp_path.rglob("*"))


def test_every_event_of_the_story_has_a_caption() -> None:
    story = content("sample_logs") / "story.json"
    captions = captions_of(story, timedelta(days=1))
    assert len(captions) == len(json.loads(story.read_text()))
    first = captions[0]
    assert first.loud
    assert first.text.startswith("00:12  Haruto Mori: signs in through Tor")
    assert "Watch: anonymous IP" in first.text
    assert "Nothing must be found" in captions[1].text


def test_the_caption_is_that_of_what_has_just_happened() -> None:
    captions = captions_of(content("sample_logs") / "story.json", timedelta(0))
    assert caption_at(captions, 0) == OPENING
    assert caption_at(captions, captions[0].time - 1) == OPENING
    assert caption_at(captions, captions[0].time) == captions[0].text
    assert caption_at(captions, captions[-1].time + DAY) == captions[-1].text


def test_a_day_in_two_minutes_lingers_where_something_happens() -> None:
    moments = [2 * HOUR, 9 * HOUR]
    pace = within(0, DAY, 60.0, 120.0, moments)
    assert pace.seconds == pytest.approx(120.0)
    scene = pace.offset(9 * HOUR + 9 * 60_000) - pace.offset(9 * HOUR - 3 * 60_000)
    assert scene == pytest.approx(12.0)  # twelve minutes at sixty times life
    offsets = [pace.offset(time) for time in range(0, DAY, HOUR)]
    assert offsets == sorted(offsets)


def test_too_many_scenes_for_the_time_share_it() -> None:
    pace = within(0, DAY, 60.0, 60.0, [hour * HOUR for hour in range(1, 23)])
    assert pace.seconds == pytest.approx(60.0)


def test_scenes_that_overlap_are_one() -> None:
    pace = within(0, DAY, 60.0, 100.0, [HOUR, HOUR + 60_000, HOUR + 120_000])
    assert len(pace.stretches) == 3
    assert pace.stretches[-1][1] == DAY


def test_what_is_over_in_time_anyway_is_played_evenly() -> None:
    assert within(0, HOUR, 480.0, 600.0, [60_000]) == even(0, HOUR, 480.0)


def test_the_stage_says_that_the_day_is_over(tmp_path: Path) -> None:
    stage = set_the_stage(content("sample_logs"), tmp_path)
    assert stage.caption() == OPENING
    stage._cues = stage._cues[:3]
    with stage.playing(1e9):
        for _ in range(1_000):
            if stage.caption() == ENDING:
                break
            time.sleep(0.005)
    assert stage.caption() == ENDING


@pytest.mark.parametrize("said", ["0", "soon", "-3m", "1e9h", "nan"])
def test_a_length_that_is_none_is_refused(said: str) -> None:
    told = CliRunner().invoke(demo, ["--headless", "--for", said])
    assert told.exit_code == 2
    assert "is no length of time" in told.output
