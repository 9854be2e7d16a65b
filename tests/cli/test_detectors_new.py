from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_scan import run
from engine.tenant import configuration
from risktui.detect.loader import load


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("9lives.py", "my_detector.py"),
        ("Two Words.py", "two_words.py"),
        ("mine.txt", "mine.py"),
        ("a'b.py", "a_b.py"),
        ("x_fromMars", "from_mars.py"),
        ("FromMars.py", "from_mars.py"),
        ("test_mars.py", "mars.py"),
        ("conftest.py", "my_detector.py"),
        (Path(), "my_detector.py"),
    ],
)
def test_a_name_that_is_no_name_of_a_module_is_refused_and_a_better_one_offered(
    tmp_path: Path, name: str | Path, better: str
) -> None:
    refused = run("detectors", "new", tmp_path / name if isinstance(name, str) else "")
    assert refused.exit_code == 2
    assert f"like {better}; nothing was written" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_type_that_is_ours_already_is_not_begun_again(tmp_path: Path) -> None:
    refused = run("detectors", "new", tmp_path / "brute_force.py")
    assert refused.exit_code == 1
    assert "x_bruteForce is a detector of ours" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_bare_name_is_begun_as_a_file_and_passes_its_own_test(tmp_path: Path) -> None:
    begun = run("detectors", "new", tmp_path / "from_mars")
    assert begun.stderr.startswith(f"wrote {tmp_path / 'from_mars.py'} (x_fromMars)")
    test = tmp_path / "tests" / "test_from_mars.py"
    tried = run("detectors", "test", tmp_path)
    stories = tried.stdout.partition(f"  {test.name}\n")[2].splitlines()
    assert (tried.exit_code, tried.stderr) == (0, "1 file, 0 broken promises\n")
    assert len(stories) == test.read_text().count("\ndef test_") == 5
    assert all(story.startswith("  ok  ") for story in stories)
    again = run("detectors", "new", tmp_path / "from_mars")
    assert "exists already; nothing was written" in again.stderr


@pytest.mark.parametrize("name", ["none", "check"])
def test_what_is_called_as_something_it_uses_works_as_well(tmp_path: Path, name: str) -> None:
    begun = run("detectors", "new", tmp_path / name)
    assert f"(x_{name})" in begun.stderr
    found = load([tmp_path / f"{name}.py"], {}, {}).detectors
    assert [type(one).__name__ for one in found] == [f"{name.capitalize()}Detector"]


def test_its_test_is_one_for_pytest_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run("detectors", "new", tmp_path / "from_mars")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    alone = ["-q", "-c", "/dev/null", "--rootdir", str(tmp_path), "-p", "no:cacheprovider"]
    assert pytest.main([*alone, str(tmp_path)]) == pytest.ExitCode.OK
    assert "5 passed" in capsys.readouterr().out


def test_a_test_that_is_there_is_kept_and_no_detector_begun_without_one(tmp_path: Path) -> None:
    test = tmp_path / "tests" / "test_from_mars.py"
    test.parent.mkdir()
    test.write_text("mine\n")
    refused = run("detectors", "new", tmp_path / "from_mars.py")
    assert f"{test}: exists already; nothing was written" in refused.stderr
    assert [file.name for file in tmp_path.rglob("*.py")] == [test.name]
    assert test.read_text() == "mine\n"


def test_where_there_is_no_room_for_its_test_nothing_is_begun(tmp_path: Path) -> None:
    (tmp_path / "tests").write_text("no folder\n")
    refused = run("detectors", "new", tmp_path / "from_mars.py")
    assert refused.exit_code == 1
    assert "nothing was written" in refused.stderr
    assert not (tmp_path / "from_mars.py").exists()


def test_in_a_project_whose_tests_lie_together_it_lies_with_them(tmp_path: Path) -> None:
    (tmp_path / "tests" / "detectors").mkdir(parents=True)
    path = tmp_path / "detectors" / "sign_in" / "from_mars.py"
    run("detectors", "new", path)
    test = tmp_path / "tests" / "detectors" / "test_from_mars.py"
    assert '"../../detectors/sign_in/from_mars.py"' in test.read_text()
    assert run("detectors", "test", test).exit_code == 0


def test_a_way_up_and_elsewhere_is_no_part_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "project"
    (project / "tests" / "detectors").mkdir(parents=True)
    monkeypatch.chdir(project)
    begun = run("detectors", "new", Path("..", "mine", "from_mars.py"))
    assert begun.exit_code == 0, begun.stderr
    assert (tmp_path / "mine" / "tests" / "test_from_mars.py").exists()
    assert not list((project / "tests" / "detectors").iterdir())


def test_a_test_that_fails_is_shown_with_its_line_and_ends_with_1(tmp_path: Path) -> None:
    run("detectors", "new", tmp_path / "from_mars")
    test = tmp_path / "tests" / "test_from_mars.py"
    test.write_text(test.read_text().replace('["low"]', '["high"]'))
    tried = run("detectors", "test", test)
    assert tried.exit_code == 1
    assert "FAIL  from a trusted place it is low  assert [detection.risk_level" in tried.stdout
    assert "(test_from_mars.py:" in tried.stdout
    assert tried.stderr == "1 file, 0 broken promises, 1 failed test\n"


def test_one_error_that_breaks_many_promises_is_said_once_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "from_mars.py"
    run("detectors", "new", file)
    file.write_text(file.read_text().replace("in event.network.tags", "in event.time"))
    (tmp_path / "tests" / "test_from_mars.py").unlink()
    tried = run("detectors", "test", file)
    line = file.read_text().partition("in event.time")[0].count("\n") + 1
    assert tried.stdout.count("TypeError") == 1
    assert "FAIL  9 promises  TypeError: argument of type" in tried.stdout
    assert f"(from_mars.py:{line})\n        its examples hold; the same events give" in tried.stdout
    assert tried.stderr == "1 file, 9 broken promises\n"


def test_fields_that_may_be_meant_are_named_where_one_was_guessed(tmp_path: Path) -> None:
    file = tmp_path / "from_mars.py"
    run("detectors", "new", file)
    file.write_text(file.read_text().replace("event.network.tags", "event.app"))
    tried = run("detectors", "test", file).stdout
    assert "no attribute 'app'; did you mean app_display_name or app_id? (from_mars.py:" in tried


def test_one_that_lies_in_a_folder_of_its_own_is_listed_and_shown(tmp_path: Path) -> None:
    file = tmp_path / "from_mars.py"
    run("detectors", "new", file)
    told = ("--config", configuration(tmp_path), "--detectors", tmp_path)
    assert "x_fromMars" in run("detectors", "list", *told).stdout
    shown = " ".join(run("detectors", "show", "x_fromMars", *told).stdout.split())
    assert "times = 1 (the default) Sign-ins from there with which it fires." in shown
    assert f"risktui backtest --detectors {file} --set detectors.x_fromMars." in shown


def test_one_of_ours_is_tried_by_its_name_and_an_unknown_one_is_not_found() -> None:
    tried = run("detectors", "test", "maliciousApplication")
    assert (tried.exit_code, tried.stdout.splitlines()[0]) == (0, "malicious_application.py")
    assert "did you mean newCountry?" in run("detectors", "test", "newCountr").stderr
    assert "no/where.py: no such file or folder" in run("detectors", "test", "no/where.py").stderr


def test_a_file_without_a_detector_breaks_that_promise_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "empty.py"
    file.write_text('"""Nothing yet."""\n')
    tried = run("detectors", "test", file)
    assert tried.exit_code == 1
    assert "FAIL  loads  the file defines neither a Detector nor a Tracker" in tried.stdout
    assert tried.stdout.count("FAIL") == 1
    assert tried.stderr == "1 file, 1 broken promise\n"
