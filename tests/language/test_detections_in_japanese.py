"""Everything that explanations say is known to the Japanese catalogue.

Three nets: every piece of text in the sources that may end in an explanation is found in an entry;
what the detectors' examples and the sample logs lead to is translated without a rest; and what a
catalogue of detectors says of itself (titles, tips) is there word for word.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from click.testing import CliRunner

from risktui.cli.main import cli
from risktui.content import content
from risktui.detect import Detector
from risktui.detect.loader import Catalogue, load
from risktui.engine.given import built_in
from risktui.engine.memory import latest, run
from risktui.engine.stages import Pipeline
from risktui.language.choice import catalogue
from risktui.model.risk import Detection
from risktui.store import queries
from risktui.store.database import reader

JA = catalogue("ja")
FILES = sorted(content("detectors").rglob("*.py"))
SHARED = sorted(
    Path(str(files(package))) / f"{name}.py"
    for package, names in (
        ("risktui.detect", "alerts explain mailbox modifiers score sessions travel words"),
        ("risktui.risk", "confirmed feedback provider raising"),
    )
    for name in names.split()
)
"""Besides the detectors: where sentences of explanations are composed."""

UNSAID = frozenset(
    {
        "__all__", "attack", "cooldown_key", "examples", "family", "key", "keys", "mode", "name",
        "part_of", "raised_by", "risk_event_type", "risk_reasons", "rule", "timing", "title_ja",
        "topic", "watches",
    }
)  # fmt: skip
"""Names whose strings nobody reads."""
CALLS_UNSAID = frozenset({"compile", "endswith", "get", "has", "partition", "startswith"})
DATA = re.compile(
    r"^[a-z0-9_.@:/|-]+$"  # a key, an id, a word in small letters
    r"|^[\w-]*[a-z0-9][A-Z]\w*$|^[A-Z]\w+(-\w+)*$"  # a type, an operation
    r"|[\\^$*?]|client=|; wv\)"  # a pattern, a part of a user agent
)
UNTRANSLATED = re.compile(
    r"\S+@\S+|https?://\S+|\b[\w-]+(?:\.[\w-]+)+\b"  # addresses
    r"|“[^”]*”|\"[^\"]*\"|「[^」]*」|`[^`]*`|\[[^]]*\]|出典: .*"  # quotations
    r"|\b[a-z]+_\w+|\b[A-Za-z]+/[\w.]+"  # settings, programs
    r"|\b\w*[a-z][A-Z]\w*|\b\w*\d\w*"  # types and ids
)
WORD = re.compile(r"(?<![A-Za-z'-])[a-z]{2,}(?![A-Za-z])")
FROM_LOGS = re.compile(
    r"(?i)doc viewer|calendar helper|pdf viewer sync|graph helper|python-requests|paste\b"
    r"|user compromised in aitm phishing attack|suspicious email sending patterns detected"
    r"|disabledduetoviolation\w*|invoice|fabrikam|contoso\b(?!\.)|laptop-\w+|id-of-\S+|azurehound"
    r"|\b(?:devices|groups|organization|roles|users)\b|false → true"
)
"""What the examples and the sample logs say themselves."""
ALLOWED = frozenset(
    {
        "accounts", "act", "allowed", "browsers", "client", "corp", "disabled", "exempt", "feeds",
        "habit", "km", "low", "maintenance", "many", "new", "risk", "risktui", "sensitivity",
        "stopped", "target", "token", "tor",
    }
)  # fmt: skip
"""Units, and the names of settings and rules, which stay as they are."""


def shown(detection: Detection) -> Iterator[str]:
    """Every sentence of an explanation."""
    why = detection.explanation
    yield why.headline
    for line in why.evidence:
        yield from (line.label, line.observed, line.baseline)
    for check in why.counter_evidence:
        yield from (check.label, check.reason, check.effect)
    yield from (str(number.source) for number in why.thresholds)
    yield from (entry.text for entry in why.timeline)
    yield from (why.level.base_reason, *why.level.modifiers)
    yield from (*why.what_would_change, *why.tips)


def rest(text: str) -> list[str]:
    """English words that a translation leaves."""
    left = UNTRANSLATED.sub(" ", FROM_LOGS.sub(" ", names().sub(" ", JA(text))))
    return [word for word in WORD.findall(left) if word not in ALLOWED]


@cache
def entries() -> frozenset[str]:
    found: set[str] = set()
    for file in files("risktui.language").joinpath("ja").iterdir():
        if not file.name.startswith("console"):
            found |= set(tomllib.loads(file.read_text("utf-8")))
    return frozenset(found)


@cache
def names() -> re.Pattern[str]:
    """What audit logs call an act, and products: never translated."""
    folder = files("risktui.language").joinpath("ja")
    known = {
        name
        for file in ("operations.toml", "products.toml")
        for name in tomllib.loads(folder.joinpath(file).read_text("utf-8"))
    }
    listed = "|".join(map(re.escape, sorted(known, key=len, reverse=True)))
    return re.compile(f"(?i){listed}")


def missing(sentences: Iterable[str]) -> list[str]:
    """The sentences that are not, or not wholly, translated, and what is left of each."""
    found = {text: rest(text) for text in sentences if text}
    return [f"{text!r} -> {JA(text)!r}: {words}" for text, words in found.items() if words]


# What the sources may say


def pieces(node: ast.AST) -> Iterator[tuple[int, str]]:
    """The pieces of text between gaps of all strings that a reader may see, with their lines."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Compare():
            return
        case ast.ClassDef(name="Settings"):
            return
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=value)
        ):
            words_of_logs = name.isupper() and name != "TIPS" and not isinstance(value, ast.Dict)
            if name in UNSAID or words_of_logs:
                return
        case ast.keyword(arg=str() as name):
            if name in UNSAID:
                return
        case ast.Raise() | ast.Set():
            return
        case ast.Call(func=ast.Attribute(attr=name)):
            if name in CALLS_UNSAID:
                return
        case ast.Call(func=ast.Name(id="frozenset" | "Line")):
            return
        case ast.Constant(value=str() as text):
            yield node.lineno, text
            return
    for child in ast.iter_child_nodes(node):
        yield from pieces(child)


@pytest.mark.parametrize("file", [*FILES, *SHARED], ids=lambda file: file.stem)
def test_every_piece_of_text_that_a_source_may_say_is_in_an_entry(file: Path) -> None:
    known = "\n".join(entries()).casefold()
    unknown = [
        f"{file.name}:{line}: {text!r}"
        for line, text in pieces(ast.parse(file.read_text("utf-8")))
        if re.search(r"[a-z]{2}", text)
        and not DATA.search(text)
        and text.strip(' ,;:.(“”"').casefold() not in known
    ]
    assert not unknown, "\n".join(unknown)


# What is really said


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_the_examples_lead_to_is_told_in_japanese(file: Path) -> None:
    found = load([file], {}, built_in())
    said = {text for made in examples(found) for text in shown(made)}
    assert said, "no example fires"
    assert not missing(said), "\n".join(missing(said))


def examples(found: Catalogue) -> Iterator[Detection]:
    """Whatever the examples of `found` lead to."""
    for detector in found.detectors:
        for example in detector.examples:
            events = sorted(example.events, key=lambda event: event.order)
            yield from latest(run(Pipeline(found), events)).values()


def test_why_examples_stay_quiet_is_told_in_japanese() -> None:
    said: set[str] = set()
    for file in FILES:
        found = load([file], {}, built_in())
        for detector in found.detectors:
            for example in detector.examples:
                events = sorted(example.events, key=lambda event: event.order)
                outcome = run(Pipeline(found), events)
                said |= {suppression.reason for suppression in outcome.suppressions}
    assert said
    assert not missing(said), "\n".join(missing(said))


def test_what_the_sample_logs_lead_to_is_told_in_japanese(tmp_path: Path) -> None:
    samples, database = content("sample_logs"), tmp_path / "samples.db"
    options = ["--config", str(samples / "risktui.toml"), "--db", str(database), "--json"]
    result = CliRunner().invoke(cli, ["scan", str(samples / "logs"), *options])
    assert result.exit_code == 0, result.output
    with closing(reader(database)) as connection:
        said = {text for made in queries.detections(connection) for text in shown(made)}
    assert len(said) > 300
    assert not missing(said), "\n".join(missing(said))


# What the catalogue says of itself


def detectors() -> Iterator[Detector]:
    for file in FILES:
        yield from load([file], {}, built_in()).detectors


def test_the_title_of_a_detector_is_its_own_japanese_one() -> None:
    differing = [d.title for d in detectors() if JA(d.title) != d.title_ja]
    assert not differing


def test_every_tip_is_translated_whole_and_politely() -> None:
    tips = {tip for detector in detectors() for tip in detector.tips}
    unknown = [tip for tip in sorted(tips) if tip not in entries()]
    assert not unknown, "\n".join(unknown)
    blunt = [JA(tip) for tip in sorted(tips) if not re.search(r"(い|す|ん)。$", JA(tip))]
    assert not blunt, "\n".join(blunt)


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("signed in in Lagos, NG, 192.0.2.70 of Lagoon Net (AS64507, isp), 2026-03-02 12:00 UTC",
         "Lagos, NG、192.0.2.70 (Lagoon Net (AS64507、ISP))、2026-03-02 12:00 UTC: サインイン成功"),
        ("+1 A7 Add member to role 8 min later", "+1 A7 8 分後に Add member to role"),
        ("Edge on Windows 11, device LAPTOP-7", "Windows 11 の Edge、デバイス LAPTOP-7"),
        ("password right, MFA not passed (50076), MFA none, while it was known",
         "パスワードは正しく、MFA は未通過 (50076)、MFA: なし、アドレスが悪意ありと判明した後"),
        ("wrong password (50126) to Office 365 from Lagos",
         "Lagos から Office 365 へ: パスワード誤り (50126)"),
        ("2 d 21 h from its attempts", "そのアドレスの試行から 2 日 21 時間"),
        ("for good 10, new to the organisation 15, unfamiliar network 30",
         "継続的なアクセス 10、組織に新規 15、見慣れないネットワーク 30"),
        ("192.0.2.70 (AS64505) is new, the program is new; Firefox on Windows 10",
         "192.0.2.70 (AS64505) は新規、プログラムは新規。Windows 10 の Firefox"),
        ('The rule "to do; and from" of a@x.example deletes mail; for ALL mail; made with '
         "New-InboxRule from 192.0.2.70 in Washington, D.C., US at 2026-03-02 09:00 UTC",
         'a@x.example のルール "to do; and from": メールを削除。対象はすべてのメール '
         "(2026-03-02 09:00 UTC に 192.0.2.70、Washington, D.C., US から New-InboxRule で作成)"),
        ("score of 3", "score of 3"),
        ("report on Windows sales", "report on Windows sales"),
        ("User restricted from sending email", "User restricted from sending email"),
    ],
)  # fmt: skip
def test_sentences_come_apart_where_they_were_put_together(english: str, said: str) -> None:
    assert JA(english) == said


def test_every_type_has_a_name_which_no_sentence_takes_for_its_own() -> None:
    for detector in detectors():
        kind = detector.risk_event_type
        assert JA(f"riskEventType {kind}") in detector.title_ja, kind
        assert JA(kind) == kind
