"""Records are found again in the logs they came from."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from risktui.console.raw import search


def test_a_record_is_found_by_its_id_in_whatever_form_the_log_has(tmp_path: Path) -> None:
    plain, packed, page = tmp_path / "a.json", tmp_path / "b.json.gz", tmp_path / "c.json"
    plain.write_text('{"id": "first"}\n{"id": "second"}\n')
    packed.write_bytes(gzip.compress(b'{"id": "third", "x": 1}\n'))
    page.write_text(json.dumps({"value": [{"id": "fourth"}, {"id": "fifth"}]}, indent=1))
    found = search([plain, packed, page], ["fifth", "third", "second"])
    assert [record.value["id"] for record in found.records] == ["fifth", "third", "second"]
    assert found.records[2].offset == len('{"id": "first"}\n')
    assert found.complete


def test_it_stops_when_every_record_was_found(tmp_path: Path) -> None:
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_text('{"id": "here"}\n')
    second.write_text('{"id": "other"}\n')
    assert search([first, second], ["here"]).files == 1


def test_logs_that_are_gone_or_broken_are_passed_over(tmp_path: Path) -> None:
    broken, whole = tmp_path / "a.json.gz", tmp_path / "b.json"
    broken.write_bytes(gzip.compress(b'{"id": "lost"}' * 100)[:30])
    whole.write_text('not json\n{"id": "here"}\n')
    found = search([tmp_path / "gone.json", broken, whole], ["here", "lost"])
    assert [record.value for record in found.records] == [{"id": "here"}]


def test_nothing_is_looked_for_without_an_id(tmp_path: Path) -> None:
    assert search([tmp_path / "a.json"], ["", "x"]).files == 0
