from __future__ import annotations

from pathlib import Path

import pytest

from risktui.detect.examples import LAGOS, STRANGER, TOKYO, habits, laptop, signs_in
from risktui.detect.loader import DetectorError, files_in
from risktui.engine.stories import Tried, stories_of, told, try_stories

GUIDE = (Path(__file__).parents[2] / "docs" / "detectors.md").read_text("utf-8")


def written(folder: Path, *tests: str) -> Path:
    """The detector of the authors' guide, and tests of it."""
    file = folder / "from_lagos.py"
    file.write_text(GUIDE.split("```python\n")[1].split("```")[0], "utf-8")
    test = folder / "tests" / "test_from_lagos.py"
    test.parent.mkdir()
    test.write_text("\n\n".join(tests), "utf-8")
    return file


def test_a_story_is_told_in_order_whatever_order_it_was_written_in(tmp_path: Path) -> None:
    file = written(tmp_path)
    there = signs_in("ann", LAGOS, "2026-03-02 09:00", STRANGER)
    assert [d.risk_level for d in told(file, [there, *habits("ann", TOKYO)])] == ["low"]
    assert not told(file, [signs_in("ann", TOKYO, "2026-03-02 09:00", laptop("ann"))])


def test_settings_are_those_of_the_configuration(tmp_path: Path) -> None:
    file = written(tmp_path)
    days = [signs_in("ann", LAGOS, f"2026-03-0{day} 09:00", STRANGER) for day in (2, 3, 4)]
    for known_after, times in ((1, 1), (9, 3)):
        found = told(file, days, {"x_fromLagos": {"days": known_after}})
        assert sum(detection.count for detection in found) == times
    with pytest.raises(DetectorError, match="no setting 'dys'; did you mean days"):
        told(file, days, {"x_fromLagos": {"dys": 9}})


def test_the_test_in_the_authors_guide_holds(tmp_path: Path) -> None:
    file = written(tmp_path, GUIDE.split("```python\n")[2].split("```")[0])
    test = stories_of(file)
    assert test is not None
    assert [tried.outcome for tried in try_stories(test)] == ["ok", "ok"]


def test_each_test_says_how_it_went_and_what_only_pytest_can_run_is_left_to_it(
    tmp_path: Path,
) -> None:
    file = written(
        tmp_path,
        "import pytest",
        "def test_good(): pass",
        "def test_wrong():\n    assert 1 == 2",
        "def test_raises():\n    raise KeyError('x')",
        "def test_fixture(tmp_path): pass",
        "async def test_waits(): pass",
        "def test_skipped():\n    pytest.skip('not today')",
        "def helper(): pass",
    )
    test = stories_of(file)
    assert test is not None
    assert list(try_stories(test)) == [
        Tried("good", "ok"),
        Tried("wrong", "FAIL", "assert 1 == 2 (test_from_lagos.py:6)"),
        Tried("raises", "FAIL", "KeyError: 'x' (test_from_lagos.py:9)"),
        Tried("fixture", "skip", "for pytest: it asks for tmp_path"),
        Tried("waits", "skip", "for pytest: it asks for an event loop"),
        Tried("skipped", "skip", "not today"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import nothing_of_the_kind", "ModuleNotFoundError: No module named"),
        ("def test_half(:", "SyntaxError: invalid syntax"),
        ("X = 1", "no function is called test_"),
    ],
)
def test_a_file_that_cannot_be_run_says_why(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "test_x.py"
    file.write_text(text, "utf-8")
    (tried,) = try_stories(file)
    assert (tried.outcome, tried.detail[: len(said)]) == ("FAIL", said)


def test_tests_that_lie_among_detectors_are_none(tmp_path: Path) -> None:
    file = written(tmp_path, "def test_good(): pass")
    for name in ("tests/places.py", "test_other.py", "conftest.py"):
        (tmp_path / name).write_text("raise SystemExit\n", "utf-8")
    assert files_in(tmp_path) == [file]
