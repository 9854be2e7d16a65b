from __future__ import annotations

import email
import email.policy
from email.message import EmailMessage
from pathlib import Path

import msgspec

from notify.office import Desk
from risk.ledger_stories import Life
from risktui.model.risk import RiskLevel, RiskState
from risktui.notify.letter import html, mail, subject, text
from risktui.notify.news import Item, Message, item_of

EVIL = Item(
    user_id="x",
    user_principal_name="<script>alert(1)</script>\r\nBcc: all@contoso.com",
    user_display_name="Eve & <b>Mallory</b>",
    risk_level=RiskLevel.HIGH,
    risk_state=RiskState.AT_RISK,
    risk_event_types=("passwordSpray",),
    reasons=("<img src=x onerror=alert(1)>",),
    open_detections=4,
    activity_date_time=1_772_366_400_000,
    ip_address="203.0.113.7",
    where="Lagos, NG",
    command="risktui show 'eve; rm -rf /'",
)


def test_names_from_logs_are_text_and_never_markup_or_a_header() -> None:
    message = Message(id="m1", kind="risk", items=(EVIL,))
    made = mail(message, "risktui@contoso.com", ["soc@contoso.com"], 0)
    parsed = email.message_from_bytes(made.as_bytes(), policy=email.policy.default)
    assert parsed["Bcc"] is None
    assert "\n" not in subject(message)
    assert "<script>" not in html(message)
    assert "<img" not in html(message)
    assert "Eve &amp; &lt;b&gt;Mallory&lt;/b&gt;" in html(message)


def test_both_parts_say_who_level_reasons_when_where_and_what_to_type() -> None:
    message = Message(id="m1", kind="risk", items=(EVIL,))
    for part in (text(message), html(message)):
        for words in ("HIGH", "203.0.113.7", "Lagos, NG", "2026-03-01T12:00", "and 3 more"):
            assert words in part
    assert "look:  risktui show 'eve; rm -rf /'" in text(message)


def test_the_message_id_depends_on_the_message_alone() -> None:
    message = Message(id="m1", kind="risk", items=(EVIL,))
    first = mail(message, "a@b.example", ["c@d.example"], 0)
    again = mail(message, "a@b.example", ["c@d.example"], 99_000)
    assert first["Message-ID"] == again["Message-ID"] == "<m1@risktui.invalid>"
    assert first["Auto-Submitted"] == "auto-generated"
    assert first["Importance"] == "high"


def test_several_people_are_counted_in_the_subject() -> None:
    other = Item(
        user_id="y",
        user_principal_name="dave@contoso.com",
        risk_level=RiskLevel.MEDIUM,
        risk_state=RiskState.AT_RISK,
        activity_date_time=0,
    )
    message = Message(id="m", kind="risk", items=(EVIL, other))
    assert subject(message) == "risktui: 2 people at risk, up to high"


def test_a_dropped_mail_is_a_whole_file_with_both_parts(tmp_path: Path) -> None:
    desk = Desk(tmp_path, '[notify.eml]\nfolder = "mails"\n')
    desk.finds("carol", "e1")
    desk.send()
    (file,) = (tmp_path / "mails").iterdir()
    assert file.name == f"{desk.sent()[0].id}.eml"
    parsed = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    assert parsed["Subject"] == "risktui: carol@contoso.com at high risk"
    kinds = [part.get_content_type() for part in parsed.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    assert oct(file.stat().st_mode & 0o777) == "0o600"


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, '[notify.eml]\nfolder = "mails"\n')
    (tmp_path / "mails").write_text("a file is in the way")
    desk.finds("carol", "e1")
    desk.send()
    assert desk.waiting()[0].error.endswith("File exists")
    (tmp_path / "mails").unlink()
    assert desk.send(after=60_000) == 1
    assert len(desk.sent()) == 1


def test_a_letter_speaks_its_readers_language_and_names_stay_names() -> None:
    headline = (
        "carol@contoso.com signed in from a Tor exit, 203.0.113.200 in Amsterdam, NL, "
        "at 2026-03-02 09:00 UTC"
    )
    item = msgspec.structs.replace(
        EVIL, user_principal_name="carol@contoso.com", reasons=(headline,), open_detections=3
    )
    message = Message(id="m1", kind="risk", items=(item,), language="ja")
    assert subject(message) == "risktui: carol@contoso.com のリスクは高"
    for part in (text(message), html(message)):
        for words in (
            "危険なユーザーが検出されました",
            "危険な状態, 未対応の検出 3 件: passwordSpray",
            "接続元 203.0.113.7, Lagos, NG",
            "Tor 出口ノード (203.0.113.200、Amsterdam, NL) からサインイン",
            "他 2 件",
            "risktui.toml の [notify] に指定されているため",
        ):
            assert words in part, words
    assert '<html lang="ja">' in html(message)


def test_what_was_seen_and_where_is_told_before_the_decision_on_it_whatever_its_id() -> None:
    life = Life()
    seen = life.finds("e1", RiskLevel.HIGH).detections[0]
    outcome = life.judged("confirmCompromised")
    decision = next(d for d in outcome.detections if d.id != seen.id)
    for number in ("", "~"):  # before and behind every other id
        decided = msgspec.structs.replace(decision, id=number)
        item = item_of(outcome.users[-1], [decided, seen], 0)
        assert item.detection_ids == (seen.id, number)
        assert item.ip_address == seen.ip_address == "203.0.113.7"
