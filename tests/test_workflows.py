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


@pytest.mark.skipif(not WORKFLOWS, reason="the tests run outside the repository")
def test_the_checks_run_on_every_python_that_the_package_names() -> None:
    package = WORKFLOWS[0].parents[2] / "pyproject.toml"
    named = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', package.read_text("utf-8"))
    (tried,) = re.findall(r"python: \[(.*)\]", (WORKFLOWS[0].parent / "ci.yml").read_text("utf-8"))
    assert named == re.findall(r"3\.\d+", tried)
