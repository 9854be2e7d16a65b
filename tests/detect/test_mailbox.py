from __future__ import annotations

from typing import Any

import pytest

from risktui.detect import mailbox
from risktui.detect.examples import HQ, sets_rule

WHEN = "2026-03-02 09:00"


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("bob@x.example", ("bob@x.example",)),
        ("smtp:Bob@X.example", ("bob@x.example",)),
        ('"Bob, B." [SMTP:bob@x.example]', ("bob@x.example",)),
        ("a@x.example;b@x.example, a@x.example", ("a@x.example", "b@x.example")),
        ("'<bob@x.example>'", ("bob@x.example",)),
        ("Bob Brown", ()),
        ("/o=ExchangeLabs/ou=Exchange/cn=bob@x", ()),
        ("", ()),
        (";;,", ()),
    ],
)
def test_targets_are_read_however_they_are_written(text: str, targets: tuple[str, ...]) -> None:
    assert mailbox.targets_of(text) == targets


def test_below_a_domain_is_within_it_and_beside_is_not() -> None:
    own = ("contoso.com",)
    assert mailbox.within("contoso.com", own)
    assert mailbox.within("mail.contoso.com", own)
    assert not mailbox.within("notcontoso.com", own)
    assert not mailbox.within("contoso.com.evil.example", own)


@pytest.mark.parametrize(
    ("name", "odd"),
    [
        (".", True),
        ("", True),
        ("…", True),
        ("ab", True),
        ("fwd", False),
        ("News", False),
        ("経理", False),
    ],
)
def test_names_meant_to_be_overlooked(name: str, odd: bool) -> None:
    assert bool(mailbox.odd_name(sets_rule("a", HQ, WHEN, rule_name=name))) is odd


def test_a_record_that_has_no_name_to_tell_is_not_odd() -> None:
    unnamed: dict[str, Any] = {"rule_name": ""}
    assert not mailbox.odd_name(sets_rule("a", HQ, WHEN, operation="Set-Mailbox", **unnamed))
    assert not mailbox.odd_name(sets_rule("a", HQ, WHEN, is_whole=False, **unnamed))


def test_a_rule_is_told_as_a_sentence() -> None:
    rule = sets_rule(
        "a", HQ, WHEN, mark_as_read=True, conditions=(("SubjectContainsWords", "invoice"),)
    )
    assert mailbox.in_words(rule) == (
        "deletes mail, marks it as read; for mail with SubjectContainsWords invoice"
    )
    rule = sets_rule("a", HQ, WHEN, delete_message=False, redirects=True)
    assert mailbox.in_words(rule, ["x@y.example"]) == (
        "sends mail on to x@y.example, keeps no copy; for ALL mail"
    )
