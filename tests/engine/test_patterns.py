"""Patterns of tools and actors: lines of one's own, and the packs."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from risktui import config as configuration
from risktui.detect.examples import LAGOS, STRANGER, signs_in
from risktui.detect.indicators import Indicators
from risktui.engine.given import built_in, given_by
from risktui.engine.patterns import packs, patterns_of
from risktui.enrich.sources import SourceError

LINES = """\
# our own
{"id": "OWN-1", "description": "kit", "cidr": "203.0.113.0/28", "userAgent": "curl/8",\
 "level": "high"}
{"id": "OWN-2", "cidr": ["192.0.2.1", "192.0.2.9"], "validUntil": "2027-01-31T00:00:00Z"}

{"id": "OWN-3", "userAgent": "Evil*"}
{"id": "OWN-4"}
{"id": "OWN-5", "userAgent": "x", "favouriteColour": "red"}
{"id": "OWN-6", "cidr": "not a network"}
{"id": "OWN-7", "cidr": "192.0.2.1", "level": "extreme"}
not json
"""


def own(folder: Path, text: str | bytes) -> tuple[Indicators, list[str]]:
    """What is understood of a file, and what is said of the rest."""
    path = folder / "ti.jsonl"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found, feed = patterns_of(path)
    assert (feed.entries, feed.skipped) == (len(found), len(feed.bad_lines))
    return Indicators(found), [f"{bad.line}: {bad.reason}" for bad in feed.bad_lines]


def test_lines_are_understood_and_those_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    known, bad = own(tmp_path, LINES)
    assert set(known.by_id) == {"OWN-1", "OWN-2", "OWN-3"}
    assert known.by_id["OWN-1"].title == "kit"
    assert known.by_id["OWN-1"].level == "high"
    assert known.by_id["OWN-1"].where.user_agent == ("*curl/8*",)
    assert known.by_id["OWN-2"].level == "medium"
    assert str(known.by_id["OWN-2"].expires) == "2027-01-31"
    assert known.by_id["OWN-3"].where.user_agent == ("Evil*",)
    assert [line.partition(":")[0] for line in bad] == ["6", "7", "8", "9", "10"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"id": "X"}', "no condition; known: appId, asn,"),
        ('{"id": "X", "userAgent": ["", null], "cidr": ""}', "no condition"),
        ('{"id": "X", "userAgent": "*"}', "fit every sign-in; name a program"),
        ('{"id": "X", "cidr": "0.0.0.0/0", "userAgent": ["curl", "?*"]}', "fit every sign-in"),
        ('{"id": "X", "favouriteColour": "red"}', "favouriteColour is no condition"),
        ('{"id": "X", "userAgent": {"is": "curl"}}', "userAgent {'is': 'curl'} is no text"),
        ('{"id": "X", "appId": true}', "appId True is no text"),
        ('{"id": "X", "cidr": "192.0.2.300"}', "cidr '192.0.2.300' is no address or network"),
        ('{"id": "X", "ip": "not a network"}', "ip 'not a network' is no address or network"),
        ('{"id": "X", "asn": "AS64500.5"}', "is no number like 64500 or AS64500"),
        ('{"id": "X", "asn": 99999999999}', "is no number like 64500 or AS64500"),
        ('{"id": "X", "country": "Japan"}', "country 'Japan' is no code of two letters like JP"),
        ('{"id": "X", "cidr": "192.0.2.1", "level": "extreme"}', "none of low, medium, high"),
        ('{"id": "X", "cidr": "192.0.2.1", "validUntil": "soon"}', "no date like 2026-03-02"),
        (
            '{"id": "X", "asn": 1, "validFrom": "2027-01-02", "expires": "2027-01-01"}',
            "it ends on 2027-01-01, before it begins on 2027-01-02",
        ),
        ('{"id": ["X"], "cidr": "192.0.2.1"}', "id ['X'] is no text"),
        ('{"cidr": "192.0.2.1"}', "no id; give it one of its own"),
        ('["X"]', "a pattern is one object on one line"),
        ('{"id": "X",', "a pattern is one object on one line"),
        ('{"id": "X\\ud800"}', "a pattern is one object on one line"),
        pytest.param("[" * 200_000, "a pattern is one object on one line", id="deep"),
        ('{"id": "OWN-1", "cidr": "192.0.2.9"}', "OWN-1 is line 1's id already; rename one"),
        ('{"\\u001b[31mred": 1, "id": "X"}', "red is no condition"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_with_what_it_takes(
    tmp_path: Path, line: str, said: str
) -> None:
    first = '{"id": "OWN-1", "asn": 64500}'
    known, (bad,) = own(tmp_path, f"{first}\n{line}\n")
    assert list(known.by_id) == ["OWN-1"]
    assert bad.startswith("2: ")
    assert said in bad
    assert bad.isprintable()


def test_a_list_from_another_system_is_read_with_its_mark_and_its_line_ends(tmp_path: Path) -> None:
    lines = '\ufeff{"id": "A", "asn": "AS64500"}\r\n\r\n{"id": 7, "country": "jp"}\r\n'
    known, bad = own(tmp_path, lines)
    assert list(known.by_id) == ["A", "7"]
    assert bad == []


def test_what_a_line_is_called_reaches_no_terminal_as_more_than_text(tmp_path: Path) -> None:
    line = '{"id": "A", "description": "red \\u001b[31mkit\\u202e", "source": "x\\n\\ny", "asn": 1}'
    known, _ = own(tmp_path, line)
    assert known.by_id["A"].title == "red kit"
    assert known.by_id["A"].source.isprintable()


def test_a_list_of_thousands_is_ready_at_once_and_finds_what_it_has(tmp_path: Path) -> None:
    lines = [f'{{"id": "T{n}", "userAgent": "Tool{n}/"}}' for n in range(5_000)]
    known, bad = own(tmp_path, "\n".join(lines))
    assert (len(known.by_id), bad) == (5_000, [])
    program = msgspec.structs.replace(STRANGER, user_agent="a TOOL4999/7")
    event = signs_in("alice", LAGOS, "2026-03-02 09:00", program)
    assert [fit.id for fit in known.fitting(event)] == ["T4999"]


def test_an_own_pattern_replaces_one_of_the_pack(tmp_path: Path) -> None:
    (tmp_path / "ti.jsonl").write_text(
        '{"id": "TI_RI_9005", "userAgent": "azurehound", "level": "low"}'
    )
    (tmp_path / "risktui.toml").write_text('[[indicators]]\npath = "ti.jsonl"')
    given = given_by(configuration.load(tmp_path / "risktui.toml"))
    known = Indicators(given.values["indicators"]).by_id
    assert known["TI_RI_9005"].level == "low"
    assert len(known) == len(built_in()["indicators"])


def test_the_pack_is_complete_and_every_pattern_says_where_it_is_from() -> None:
    pack = built_in()["indicators"]
    ids = {indicator.id for indicator in pack}
    assert {f"TI_RI_90{n:02}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 9)} <= ids
    assert all(i.title and i.source and i.attack and i.feed for i in pack)


RULE = '[[rule]]\nid = "X-1"\ntitle = "t"\nlevel = "high"\nsource = "s"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (RULE, "X-1 has no condition and would fit every sign-in; give it a [rule.where]"),
        (f"{RULE}[rule.where]\nasn = [1]\n{RULE}[rule.where]\nasn = [2]", "X-1 is there twice"),
        (f"{RULE}[rule.where]\ncolour = ['red']", "X-1: where: colour is unknown"),
        (f"{RULE}[rule.where]\ncidr = ['x/9']", "X-1: 'x/9' does not appear to be"),
        (f"{RULE}[rule.where]\nnew = ['hat']", "X-1: where.new[0]: 'hat' is none of the values"),
        (RULE.replace("high", "extreme"), "rule[0].level: 'extreme' is none of the values"),
        (RULE.replace("title", "name"), "rule[0]: name is unknown"),
        ("[[rule]\n", "(at line 1, column 7)"),
    ],
)
def test_a_pack_that_cannot_be_used_is_named_with_its_rule(
    tmp_path: Path, text: str, said: str
) -> None:
    (tmp_path / "own.toml").write_text(text)
    with pytest.raises(SourceError) as refused:
        packs(tmp_path)
    assert str(refused.value).startswith(f"{tmp_path / 'own.toml'}: ")
    assert said in str(refused.value)


def test_a_pack_may_begin_with_a_mark_and_have_other_line_ends(tmp_path: Path) -> None:
    text = f"\ufeff{RULE}[rule.where]\nasn = [64500]\n".replace("\n", "\r\n")
    (tmp_path / "own.toml").write_bytes(text.encode())
    assert [rule.id for rule in packs(tmp_path)] == ["X-1"]
