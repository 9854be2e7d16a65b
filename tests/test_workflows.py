"""What runs in continuous integration is pinned, and may do nothing but read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

WORKFLOWS = sorted((Path(__file__).parents[1] / ".github" / "workflows").glob("*.yml"))


@pytest.mark.skipif(not WORKFLOWS, reason="the tests run outside the repository")
def test_every_action_is_pinned_by_its_hash_and_nothing_may_write() -> None:
    for path in WORKFLOWS:
        text = path.read_text("utf-8")
        actions = re.findall(r"uses: (\S+)", text)
        assert [each for each in actions if not re.fullmatch(r"\S+@[0-9a-f]{40}", each)] == []
        assert re.findall(r"^permissions: (.*)$", text, re.MULTILINE) == ["{}"]
        assert "write" not in re.findall(r"^ +\w+: (\w+)$", text, re.MULTILINE)
        assert "secrets." not in text
