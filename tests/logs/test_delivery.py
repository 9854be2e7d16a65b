"""However logs are delivered, what is found in them is the same.

In one run files are merged by event time, so nothing about their delivery matters. What comes in a
later run, up to 48 hours late, meets an engine that has judged and learnt already: a detection may
name another of the person's sign-ins as its first, and detectors that weigh what is unusual against
what is known so far may find more or miss. Only a replay of everything could take that back; what
holds for each detector alone is in tests/engine/test_late_events.py.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cli.test_scan import lines, run
from logs.layouts import as_event_hub, as_lines, diagnostic
from risktui.content import content

SAMPLES = content("sample_logs")
DAYS = ("y=2026/m=03/d=02", "y=2026/m=03/d=03")
LATE_MATTERS = frozenset({"investigationsThreatIntelligence", "riskyIPAddress", "unlikelyTravel"})
"""Types of which half of the records in a later run may make more or fewer (docs/logs.md)."""

FEW = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
"""Each example is a scan of two days; looking for a smaller one that fails takes minutes."""


def records() -> list[dict[str, Any]]:
    found = []
    for day in DAYS:
        for folder in sorted((SAMPLES / "logs").glob(f"insights-logs-*/*/{day}")):
            found += diagnostic(folder)
    return found


RECORDS = records()


def found_in(deliveries: Sequence[Sequence[bytes]]) -> set[tuple[str, ...]]:
    """Type, level, person and sign-in of all detections after runs that each find more files."""
    with TemporaryDirectory() as name:
        folder, database = Path(name) / "logs", Path(name) / "risktui.db"
        folder.mkdir()
        config = ("--config", SAMPLES / "risktui.toml", "--db", database)
        for number, files in enumerate(deliveries):
            for index, body in enumerate(files):
                (folder / f"{number}-{index}").write_bytes(body)
            result = run("scan", folder, *config)
            assert result.exit_code == 0, result.stderr
        names = ("riskEventType", "riskLevel", "userId", "requestId")
        answer = lines(run("detections", "--db", database, "--json"))
        return {tuple(each[name] or "" for name in names) for each in answer}


@pytest.fixture(scope="module")
def expected() -> set[tuple[str, ...]]:
    found = found_in([[as_lines(RECORDS)]])
    assert len(found) > 8
    return found


@FEW
@given(seed=st.integers(0, 1000), files=st.integers(1, 5))
def test_shuffled_over_two_days_and_over_files(
    seed: int, files: int, expected: set[tuple[str, ...]]
) -> None:
    chance = random.Random(seed)
    shuffled = list(RECORDS)
    chance.shuffle(shuffled)
    bodies = [as_lines(shuffled[number::files]) for number in range(files)]
    assert found_in([bodies]) == expected


@FEW
@given(seed=st.integers(0, 1000))
def test_duplicated_in_other_layouts(seed: int, expected: set[tuple[str, ...]]) -> None:
    chance = random.Random(seed)
    again = chance.sample(RECORDS, len(RECORDS) // 2)
    chance.shuffle(again)
    bodies = [as_lines(RECORDS), as_event_hub(again), gzip.compress(as_lines(again))]
    assert found_in([bodies]) == expected


@FEW
@given(at=st.floats(0.05, 0.95))
def test_cut_anywhere_and_delivered_again(at: float, expected: set[tuple[str, ...]]) -> None:
    body = as_lines(sorted(RECORDS, key=_time))
    cut = body[: int(len(body) * at)]
    assert found_in([[cut], [body]]) == expected


@FEW
@given(at=st.floats(0.05, 0.95))
def test_delivered_again_in_a_later_run(at: float, expected: set[tuple[str, ...]]) -> None:
    ordered = sorted(RECORDS, key=_time)
    end = int(len(ordered) * at)
    deliveries = [[as_lines(ordered[:end])], [as_lines(ordered)], [as_event_hub(ordered)]]
    assert found_in(deliveries) == expected


@FEW
@given(seed=st.integers(0, 1000))
def test_half_of_it_comes_in_a_later_run(seed: int, expected: set[tuple[str, ...]]) -> None:
    chance = random.Random(seed)
    shuffled = list(RECORDS)
    chance.shuffle(shuffled)
    half = len(shuffled) // 2
    found = found_in([[as_lines(shuffled[:half])], [as_lines(shuffled[half:])]])
    assert _people(found) == _people(expected)


def _people(found: set[tuple[str, ...]]) -> set[tuple[str, str]]:
    """Who is found by which type, but by those to whom the order matters."""
    return {(kind, who) for kind, _, who, _ in found if kind not in LATE_MATTERS}


def _time(record: dict[str, Any]) -> str:
    properties = record["properties"]
    return str(properties.get("createdDateTime") or properties.get("activityDateTime"))
