"""The engine that a console starts: what becomes of it is told where the console can say it."""

from __future__ import annotations

from pathlib import Path

import pytest

from risktui.cli.console import EngineEndedError, EngineProcess


def test_an_engine_that_cannot_begin_says_what_to_correct(tmp_path: Path) -> None:
    config = tmp_path / "risktui.toml"
    config.write_text('[tenant]\naccepted_domains = "nowhere.txt"\n')
    engine = EngineProcess(tmp_path / "risktui.db", [tmp_path], config)
    engine.words.write_text("Error: what an engine of yesterday said\n")
    engine.start()
    assert engine._child is not None
    assert engine._child.wait(60) == 2
    with pytest.raises(EngineEndedError, match=r"nowhere\.txt: cannot be read .*accepted_domains"):
        engine.start()
    engine.stop()
