"""Eight seconds of load; `python benchmarks/soak.py` goes on for an hour."""

from __future__ import annotations

from pathlib import Path

from e2e.soaking import grown, soak


def test_under_load_nothing_grows_and_everything_is_committed(tmp_path: Path) -> None:
    looks = soak(tmp_path, seconds=8, rate=150, look_every=0.5)
    assert looks[-1].written > 400
    troubles = [each for each in grown(looks) if not each.startswith("lag")]  # a matter of others
    assert troubles == []
    assert looks[-1].lag_ms == 0  # everything is committed in the end
