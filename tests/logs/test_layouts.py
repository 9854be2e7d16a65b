"""The same days of logs in different layouts lead to the same detections."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cli.test_scan import lines, run
from logs.layouts import LAYOUTS, as_lines, diagnostic
from risktui.content import content

SAMPLES = content("sample_logs")


@pytest.fixture(scope="module")
def days() -> list[dict[str, Any]]:
    """Everything of the last two days of the sample logs."""
    found = []
    for day in ("y=2026/m=03/d=02", "y=2026/m=03/d=03"):
        for folder in sorted((SAMPLES / "logs").glob(f"insights-logs-*/*/{day}")):
            found += diagnostic(folder)
    assert len(found) > 500
    return found


def detections(folder: Path) -> set[tuple[Any, ...]]:
    """What is found in the logs in `folder`, without what only says where they came from."""
    result = run("scan", folder, "--config", SAMPLES / "risktui.toml", "--json")
    assert result.exit_code == 0, result.stderr
    assert "; 0 quarantined" in result.stderr
    names = ("riskEventType", "riskLevel", "riskState", "userId", "requestId", "activityDateTime")
    return {tuple(found[name] for name in names) for found in lines(result)}


@pytest.fixture(scope="module")
def expected(days: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("lines")
    (folder / "log").write_bytes(as_lines(days))
    found = detections(folder)
    assert len(found) > 8
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_same_days_in_every_layout_lead_to_the_same_detections(
    layout: str, days: list[dict[str, Any]], expected: Any, tmp_path: Path
) -> None:
    (tmp_path / "log").write_bytes(LAYOUTS[layout](days))
    assert detections(tmp_path) == expected
