from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_scan import run


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("9lives.py", "my_detector.py"),
        ("Two Words.py", "two_words.py"),
        ("mine.txt", "mine.py"),
        ("a'b.py", "a_b.py"),
        ("x_fromMars", "from_mars.py"),
        ("FromMars.py", "from_mars.py"),
    ],
)
def test_a_name_that_is_no_name_of_a_module_is_refused_and_a_better_one_offered(
    tmp_path: Path, name: str, better: str
) -> None:
    refused = run("detectors", "new", tmp_path / name)
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
    assert run("detectors", "test", tmp_path).exit_code == 0
    again = run("detectors", "new", tmp_path / "from_mars")
    assert "exists already; nothing was written" in again.stderr


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
