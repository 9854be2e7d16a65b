"""A detector of one's own that raises is said, and nobody else's detections are lost."""

from __future__ import annotations

from pathlib import Path

from cli.test_scan import lines, run
from engine.tenant import TOR, append, configuration, log_file, record

BROKEN = '''"""Raises on one person."""

from __future__ import annotations

from risktui.detect import Detector, RiskLevel, SignIn, Tracker, Weighing, activity_of


class Broken(Detector):
    """Raises."""

    risk_event_type = "x_broken"
    title = "Broken"
    watches = (SignIn,)

    def observe(self, event, state, facts):
        if event.user_principal_name.startswith("bob"):
            raise ZeroDivisionError(f"of {event.user_principal_name}\\x1b[2J")
        return None


class Mute(Detector):
    """Finds everybody, and cannot say it."""

    risk_event_type = "x_mute"
    title = "Mute"
    watches = (SignIn,)

    def observe(self, event, state, facts):
        return Weighing(RiskLevel.LOW, "x").outline(lambda: {}["why"], about=activity_of(event))


class Torn(Tracker):
    """Raises while it is read."""

    name = "torn"
    keys = ("ip",)
    watches = (SignIn,)

    def track(self, event, key, state, facts):
        yield from ()
        raise KeyError(key)
'''

MENDED = (
    BROKEN.replace("bob", "nobody")
    .replace("raise KeyError(key)", "return")
    .replace('{}["why"]', '{"headline": "Found"}')
)


def test_it_is_said_with_its_event_and_the_remedy_and_the_rest_is_found(tmp_path: Path) -> None:
    for number, who in enumerate(("alice", "bob", "carol"), 1):
        append(log_file(tmp_path / "logs"), record(number, who, TOR, f"2026-03-02T09:0{number}:00"))
    broken = tmp_path / "own" / "broken.py"
    broken.parent.mkdir()
    broken.write_text(BROKEN)
    options = ("--config", configuration(tmp_path), "--db", tmp_path / "x.db")
    done = run("scan", tmp_path / "logs", "--detectors", broken, "--json", *options)
    assert done.exit_code == 0, done.output
    assert len({each["userId"] for each in lines(done)}) == 3
    assert "x_broken failed on event 00000000-0000-4000-8000-000000000002" in done.stderr
    assert "ZeroDivisionError: of bob@contoso.com" in done.stderr
    assert "[detectors.x_broken] enabled = false" in done.stderr
    assert "torn failed on event" in done.stderr
    assert "x_mute failed on event" in done.stderr
    assert [each["riskEventType"] for each in lines(done)].count("x_mute") == 3
    assert ", 3 times" in done.stderr
    assert "\x1b" not in done.stderr
    asked = run("doctor", *options)
    assert "FAILED         x_broken failed on event" in asked.stdout
    broken.write_text(MENDED)
    again = run("scan", tmp_path / "logs", "--detectors", broken, *options)
    assert "no new records" in again.stderr
    assert "FAILED         x_broken" in run("doctor", *options).stdout  # nobody has tried it yet
    append(log_file(tmp_path / "logs"), record(4, "bob", TOR, "2026-03-02T09:05:00"))
    run("scan", tmp_path / "logs", "--detectors", broken, *options)
    assert "FAILED" not in run("doctor", *options).stdout
