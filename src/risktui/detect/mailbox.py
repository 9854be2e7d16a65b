"""Reading mailbox rules: whose address a target is, what hides behind a rule's name."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.modifiers import new_place
from risktui.model.events import MailboxRule

FREEMAIL = frozenset(
    """
    126.com 163.com aol.com fastmail.com gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
    googlemail.com hotmail.co.uk hotmail.com hotmail.fr icloud.com inbox.lv laposte.net libero.it
    live.com mac.com mail.com mail.ru mailfence.com me.com msn.com naver.com orange.fr outlook.com
    outlook.de outlook.fr outlook.jp proton.me protonmail.ch protonmail.com qq.com rediffmail.com
    rocketmail.com seznam.cz sina.com t-online.de tuta.io tutanota.com web.de wp.pl yahoo.co.in
    yahoo.co.jp yahoo.co.uk yahoo.com yahoo.de yahoo.fr yandex.com yandex.ru ymail.com zoho.com
    """.split()  # noqa: SIM905  # a list is read more easily as text
)
"""Providers where anybody gets an address at once; from general knowledge."""

LEARNT_DAYS = 7
"""So long a person must be known before a network can be unfamiliar (Defender for Cloud Apps)."""

_WRAPPING = re.compile(r"^.*\[\s*smtp:\s*([^\]\s]+)\s*\].*$|^\s*smtp:\s*(.+)$", re.IGNORECASE)
_SPLIT = re.compile(r"[;,]")


@lru_cache(maxsize=1024)
def targets_of(text: str) -> tuple[str, ...]:
    """The mail addresses in a forwarding target, as Exchange writes them, in lower case.

    `"Bob" [SMTP:bob@x.example]; smtp:eve@y.example` is two. Recipients of the directory, which have
    no @, are left out: they are the organisation's own.
    """
    found = []
    for part in _SPLIT.split(text):
        wrapped = _WRAPPING.match(part)
        bare = (wrapped[1] or wrapped[2]) if wrapped else part
        address = bare.strip().strip("\"'<>").strip().casefold()
        if "@" in address and not address.startswith("/o="):
            found.append(address)
    return tuple(dict.fromkeys(found))


def domain_of(address: str) -> str:
    """The domain of a mail address or principal name."""
    return address.rpartition("@")[2].casefold().strip().rstrip(".")


def within(domain: str, domains: Iterable[str]) -> bool:
    """Whether `domain` is one of `domains` or below one."""
    return any(domain == own or domain.endswith(f".{own}") for own in domains)


def strange_place(rule: MailboxRule, facts: Facts) -> Check:
    """A rule made in a network that is not the person's; at first every network is new."""
    place, known = new_place(rule, facts), facts.person.days_since_first(rule.time)
    if not place or known >= LEARNT_DAYS:
        return place
    reason = f"{place.reason}, but the person is known for {known:.0f} days only"
    return Check(place.rule, place.label, False, reason)


def odd_name(rule: MailboxRule) -> Check:
    """A rule's name that is meant to be overlooked: empty, nothing but signs, one or two letters.

    Defender for Cloud Apps names ".", empty and the like; Microsoft-Analyzer-Suite lists the signs.
    Setting a mailbox's forwarding makes no rule, and a change need not repeat the name.
    """
    name = rule.rule_name.strip()
    named = rule.operation.casefold() != "set-mailbox" and (rule.is_whole or bool(name))
    signs = not any(letter.isalnum() for letter in name)
    short = name.isascii() and len(name) <= 2  # two ideographs are a word
    odd = named and (signs or short)
    return Check("name", "name meant to be overlooked", odd, f'the rule is called "{name}"')


def names_nobody(rule: MailboxRule) -> bool:
    """Whether the rule takes every mail: all of it is known, and it has no condition.

    Exceptions are no conditions: everything but something is nearly everything.
    """
    asked = [name for name, _ in rule.conditions if not name.casefold().startswith("exceptif")]
    return rule.is_whole and not asked and not (rule.keywords and not rule.conditions)


def in_words(rule: MailboxRule, targets: Collection[str] = ()) -> str:
    """What a rule does, as a sentence would say it: `deletes mail with "invoice"`."""
    acts = []
    if targets:
        acts.append(f"sends mail on to {', '.join(targets)}")
    if rule.delete_message:
        acts.append("deletes it" if targets else "deletes mail")
    if rule.move_to_folder:
        acts.append(f"moves {'it' if acts else 'mail'} to {rule.move_to_folder}")
    if rule.copy_to_folder:
        acts.append(f"copies {'it' if acts else 'mail'} to {rule.copy_to_folder}")
    if rule.mark_as_read:
        acts.append(f"marks {'it' if acts else 'mail'} as read")
    if rule.redirects:
        acts.append("keeps no copy")
    return f"{', '.join(acts) or 'does nothing to mail'}; {_conditions(rule)}"


def _conditions(rule: MailboxRule) -> str:
    if rule.conditions:
        said = "; ".join(f"{name} {value[:80]}" for name, value in rule.conditions[:6])
        return f"for mail with {said}"
    if rule.keywords:
        return f"for mail with {', '.join(rule.keywords[:8])}"
    return "for ALL mail" if rule.is_whole else "conditions not told by this record"
