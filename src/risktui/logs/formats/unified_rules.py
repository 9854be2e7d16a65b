"""Inbox rules and forwarding as the unified audit log tells them (record types 1 and 2)."""

from __future__ import annotations

import re
from typing import Any, Literal

import msgspec

from risktui.logs.clean import clean
from risktui.logs.formats.fields import embedded, principal, text
from risktui.logs.formats.unified_record import Access, Unified, named
from risktui.model.events import DirectoryChange, Event, MailboxRule
from risktui.model.names import name_of

Action = Literal["set", "enabled", "disabled", "removed"]

COMMANDS: dict[str, Action] = {
    "new-inboxrule": "set",
    "set-inboxrule": "set",
    "enable-inboxrule": "enabled",
    "disable-inboxrule": "disabled",
    "remove-inboxrule": "removed",
    "new-transportrule": "set",
    "set-transportrule": "set",
}
WHOLE = frozenset({"new-inboxrule", "new-transportrule", "set-mailbox"})
"""Commands whose parameters are all there is."""

FORWARDING = frozenset({"forwardingsmtpaddress", "forwardingaddress", "delivertomailboxandforward"})
TARGETS = ("forwardto", "redirectto", "forwardasattachmentto", "redirectmessageto", "blindcopyto")
REDIRECTS = frozenset({"redirectto", "redirectmessageto"})
CONDITIONS = (
    *("From", "SentTo", "FromAddressContainsWords", "RecipientAddressContainsWords"),
    *("SubjectContainsWords", "BodyContainsWords", "SubjectOrBodyContainsWords"),
    *("HeaderContainsWords", "FromSubscription", "MessageTypeMatches", "HasAttachment"),
    *("HasClassification", "FlaggedForAction", "MyNameInToBox", "MyNameInCcBox"),
    *("MyNameInToOrCcBox", "MyNameNotInToBox", "SentOnlyToMe", "WithImportance"),
    *("WithSensitivity", "WithinSizeRangeMinimum", "WithinSizeRangeMaximum"),
    *("ReceivedAfterDate", "ReceivedBeforeDate"),
)
"""Conditions of an inbox rule as Exchange names them; each also exists with ExceptIf before it."""

_CONDITIONS = {name.casefold(): name for name in CONDITIONS} | {
    f"exceptif{name}".casefold(): f"ExceptIf{name}" for name in CONDITIONS
}
_WORDS = re.compile(r"[;,]")
MOST_WORDS = 64
LONGEST_VALUE = 256


def exchange_command(record: Unified) -> list[Event]:
    """What a command of Exchange's administration did."""
    command = record.operation.casefold()
    given = named(record.raw.parameters)
    sets_forwarding = command == "set-mailbox" and not FORWARDING.isdisjoint(given)
    if command in COMMANDS or sets_forwarding:
        return [_rule(record, given)]
    return exchange_change(record)


def exchange_change(record: Unified) -> list[Event]:
    """Any other change of a mailbox or of the organisation's settings."""
    raw = record.raw
    given = named(raw.parameters or raw.operation_properties)
    changes = [("", name, value) for name, value in given.items()][:32]
    return [
        DirectoryChange(
            **record.common(),
            **record.doer(),
            category="Exchange",
            succeeded=record.succeeded,
            target_names=tuple(filter(None, [_owner(record, given) or text(raw.object_id)])),
            target_types=("Mailbox",),
            changes=tuple((name, old, clean(new, LONGEST_VALUE)) for old, name, new in changes),
        )
    ]


def _rule(record: Unified, given: dict[str, str]) -> Event:
    command = record.operation.casefold()
    names: tuple[str, ...] = TARGETS
    if command == "set-mailbox":
        names = ("forwardingsmtpaddress", "forwardingaddress")
        keeps = given.get("delivertomailboxandforward", "").casefold() != "false"
        redirects = not keeps and any(given.get(name) for name in names)
    else:
        redirects = any(given.get(name) for name in REDIRECTS)
    return _mailbox_rule(
        record,
        _owner(record, given),
        rule_name="" if command == "set-mailbox" else _rule_name(record, given),
        forward_to=_split(given.get(name, "") for name in names),
        move_to_folder=text(given.get("movetofolder")),
        copy_to_folder=text(given.get("copytofolder")),
        delete_message=_yes(given, "deletemessage") or _yes(given, "softdeletemessage"),
        mark_as_read=_yes(given, "markasread"),
        stop_processing=_yes(given, "stopprocessingrules"),
        keywords=_split(given[name] for name in given if name.endswith("containswords")),
        redirects=redirects,
        conditions=tuple(
            (_CONDITIONS[name], clean(value, LONGEST_VALUE))
            for name, value in given.items()
            if name in _CONDITIONS and value
        ),
        is_whole=command in WHOLE,
        action=COMMANDS.get(command, "set"),
    )


def client_rule(record: Unified) -> list[Event]:
    """A rule that a mail program set: actions and conditions are JSON inside strings."""
    given = named(record.raw.operation_properties)
    acts = [each for each in _listed(given.get("ruleactions")) if isinstance(each, dict)]
    kinds = {str(each.get("ActionType", "")).casefold(): each for each in acts}
    forwards = [each for kind, each in kinds.items() if "forward" in kind or "redirect" in kind]
    recipients = [text(str(one)) for each in forwards for one in _recipients(each)]
    recipients += [
        value for name, value in given.items() if name.endswith("recipientsaction") and value
    ]
    operation = given.get("ruleoperation", "").casefold()
    disabled = given.get("rulestate", "").casefold() == "disabled"
    action: Action = (
        "removed"
        if operation.startswith(("remove", "delete"))
        else "disabled"
        if disabled
        else "set"
    )
    condition = clean(given.get("rulecondition", ""), LONGEST_VALUE).strip()
    move, copy = kinds.get("move") or kinds.get("movetofolder"), kinds.get("copy")
    return [
        _mailbox_rule(
            record,
            "",
            rule_name=text(given.get("rulename")),
            forward_to=_split(recipients),
            move_to_folder=_folder(move),
            copy_to_folder=_folder(copy),
            delete_message=any("delete" in kind for kind in kinds),
            mark_as_read=any("markasread" in kind for kind in kinds),
            stop_processing=any("stop" in kind for kind in kinds),
            keywords=(),
            redirects=any("redirect" in kind for kind in kinds)
            or bool(given.get("redirecttorecipientsaction")),
            conditions=(("RuleCondition", condition),) if condition not in {"", "[]"} else (),
            is_whole=operation.startswith("add"),
            action=action,
        )
    ]


def _mailbox_rule(record: Unified, owner: str, **rule: Any) -> Event:
    """The rule, about the owner of the mailbox, whoever set it."""
    doer = record.doer()
    name = doer["user_principal_name"]
    owner = owner or (
        name_of(record.raw.mailbox_owner_upn or "") and principal(record.raw.mailbox_owner_upn)
    )
    somebody_else = bool(owner) and name_of(owner) != name_of(name)
    access = record.raw.app_access_context or Access()
    if somebody_else and doer["actor"] == "user":
        doer = {
            **doer,
            "user_id": "",
            "user_principal_name": owner,
            "user_type": "",
            "aliases": (),
        }
    return MailboxRule(
        **record.common(),
        **doer,
        initiated_by=name if somebody_else else "",
        by_administrator=record.by_administrator and somebody_else,
        succeeded=record.succeeded,
        unique_token_identifier=text(access.UniqueTokenId),
        **rule,
    )


def _owner(record: Unified, given: dict[str, str]) -> str:
    """Whose mailbox it is, where the parameters name somebody with an @."""
    identity = given.get("identity", "").partition("\\")[0]
    for candidate in (given.get("mailbox"), identity, record.raw.object_id):
        if candidate and name_of(candidate):
            return principal(candidate)
    return ""


def _rule_name(record: Unified, given: dict[str, str]) -> str:
    """By its parameter; else what stands behind the mailbox in the object's path."""
    if "name" in given:
        return text(given["name"])
    for path in (given.get("identity"), record.raw.object_id):
        name = text(path).rpartition("\\")[2] if path and "\\" in path else ""
        if name and not name.isdecimal():
            return name
    identity = text(given.get("identity"))
    return identity if not identity.isdecimal() and not name_of(identity) else ""


def _split(values: Any) -> tuple[str, ...]:
    words = [text(word) for value in values if value for word in _WORDS.split(value)]
    return tuple(dict.fromkeys(filter(None, words)))[:MOST_WORDS]


def _yes(given: dict[str, str], name: str) -> bool:
    return given.get(name, "").casefold() == "true"


def _listed(value: str | None) -> list[Any]:
    inner = embedded(value) if value else None
    return inner if isinstance(inner, list) else []


def _recipients(action: dict[str, Any]) -> list[Any]:
    found = action.get("Recipients") or action.get("ForwardRecipients") or ()
    return list(found) if isinstance(found, list) else [found]


def _folder(action: dict[str, Any] | None) -> str:
    names = ("FolderName", "Folder", "TargetFolder", "DestinationFolder")
    found = next((action[name] for name in names if action.get(name)), "") if action else ""
    return text(found if isinstance(found, str) else msgspec.json.encode(found).decode())
