from __future__ import annotations

import json
from pathlib import Path

from risktui import config as configuration
from risktui.cli.service import changes
from risktui.engine.setup import assemble


def test_patterns_that_changed_are_named_by_their_numbers_and_not_at_length(tmp_path: Path) -> None:
    (tmp_path / "risktui.toml").write_text('[[indicators]]\npath = "ti.jsonl"\n')
    settings = configuration.load(tmp_path / "risktui.toml")
    lists = (
        [{"id": f"A{n:02}", "asn": 64500 + n} for n in range(3)],
        [{"id": f"A{n:02}", "asn": 64500 + max(2, n)} for n in range(1, 20)],
    )
    parts = []
    for lines in lists:
        (tmp_path / "ti.jsonl").write_text("\n".join(map(json.dumps, lines)))
        parts.append(assemble(settings))
    before, after = parts
    assert list(changes(settings, settings, before, after)) == [
        "list ti.jsonl: 3 -> 19 entries",
        "patterns new: A03, A04, A05, A06, A07, A08, A09, A10, A11, A12, A13, A14 and 5 more",
        "patterns changed: A01",
        "patterns gone: A00",
    ]
    assert list(changes(settings, settings, after, after)) == []
