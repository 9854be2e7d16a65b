from __future__ import annotations

from pathlib import Path

import pytest

from cli.test_scan import run


@pytest.mark.parametrize("name", ["9lives.py", "Two Words.py", "mine.txt", "a'b.py", "x-y.py"])
def test_a_name_that_is_no_name_of_a_module_is_refused(tmp_path: Path, name: str) -> None:
    refused = run("detectors", "new", tmp_path / name)
    assert refused.exit_code == 2
    assert "like my_detector.py; nothing was written" in refused.stderr
    assert not list(tmp_path.iterdir())


def test_a_file_without_a_detector_breaks_that_promise_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "empty.py"
    file.write_text('"""Nothing yet."""\n')
    tried = run("detectors", "test", file)
    assert tried.exit_code == 1
    assert "FAIL  loads  the file defines neither a Detector nor a Tracker" in tried.stdout
    assert tried.stdout.count("FAIL") == 1
    assert tried.stderr == "1 file, 1 broken promise\n"
