"""Entra's directory audit: Azure Monitor's AuditLogs and Microsoft Graph's `directoryAudit`."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from risktui.logs.clean import clean
from risktui.logs.formats.entra_audit_operations import (
    ACCOUNT_CHANGES,
    PASSWORD_CHANGES,
    PRINCIPAL_VERDICTS,
    REPORTS,
    VERDICTS,
    Action,
    How,
)
from risktui.logs.formats.entra_audit_record import (
    App,
    Change,
    Detail,
    Diagnostic,
    Initiator,
    Person,
    RawAudit,
    Target,
)
from risktui.logs.formats.fields import (
    actor_named,
    embedded,
    folded,
    identifier,
    is_wrapped,
    lenient,
    principal,
    record_id,
    text,
    typed,
)
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.times import parse_time
from risktui.model.addresses import canonical_address
from risktui.model.events import (
    NO_CLIENT,
    AccountChange,
    Actor,
    Client,
    DirectoryChange,
    Event,
    PasswordChange,
    UserReport,
    Verdict,
)

MOST_TARGETS = 16
MOST_CHANGES = 32
LONGEST_CHANGE = 256
"""Characters kept of an old or new value; policies have thousands."""
LONGEST_GRANT = 8_192
"""Characters of a consent that are looked at."""

_IDS_OF_A_GRANT = re.compile(r"\b(?:Id|ClientId|PrincipalId|ResourceId): ?[^,\]]*, ?")
"""Stand before the permissions of a consent, and would leave no room for them."""

_DASHES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212", "------")


_diagnostic = msgspec.json.Decoder(Diagnostic, strict=False).decode
_graph = msgspec.json.Decoder(RawAudit, strict=False).decode


def read(record: bytes) -> Reading | None:
    """What `record` tells of a change in the directory; None where it is no audit record."""
    wrapped = is_wrapped(record)
    if wrapped:
        envelope = typed(record, Diagnostic, _diagnostic)
    elif b'"Properties"' in record:  # a pipeline that changes the casing of keys
        wrapped, envelope = True, lenient(Diagnostic, msgspec.json.decode(record))
    else:
        envelope = Diagnostic(properties=typed(record, RawAudit, _graph))
    if isinstance(envelope.properties, str):
        envelope.properties = lenient(RawAudit, envelope.properties)
    audit = envelope.properties
    if audit is None or not audit.activity_display_name:
        return None
    if audit.activity_date_time is None and not wrapped:
        return None
    time = parse_time(audit.activity_date_time)
    if time is None and (time := parse_time(envelope.time)) is None:
        return NotRead("audit record without a readable time", broken=True)
    return audit_events(time, envelope, audit, record)


def audit_events(
    time: int, envelope: Diagnostic, audit: RawAudit, record: bytes, source: str = ""
) -> list[Event]:
    """The events of an audit record, wherever its fields were found."""
    return _events(_Story(time, envelope, audit, record, source))


class _Story:
    """One audit record in plain words: who did what to whom."""

    def __init__(
        self, time: int, envelope: Diagnostic, audit: RawAudit, record: bytes, source: str
    ) -> None:
        self.audit = audit
        self.targets = _targets(audit.target_resources)
        self.details = _details(audit.additional_details)
        self.operation = _operation(audit.activity_display_name or "")
        self.name = self.operation.casefold()
        result = text(audit.result or envelope.result).casefold()
        self.succeeded = result in {"", "success", "succeeded", "0"}
        by = audit.initiated_by
        by = by if isinstance(by, Initiator) else lenient(Initiator, by)
        self.user = by.user or Person()
        self.app = by.app or App()
        self.actor_id = identifier(self.user.id)
        self.actor_name = principal(self.user.user_principal_name)
        by_app = not (self.actor_id or self.actor_name) and by.app is not None
        named = actor_named(folded(self.user.user_principal_name))
        self.actor: Actor = "servicePrincipal" if by_app else named
        agent = audit.user_agent or self.details.get("user-agent")
        self.common: dict[str, Any] = {
            "time": time,
            "id": record_id(audit.id, record),
            "source": source or FORMAT.name,
            "tenant_id": identifier(envelope.tenant_id),
            "ip_address": self._address(envelope),
            "client": Client(user_agent=text(agent)) if agent else NO_CLIENT,
            "correlation_id": text(audit.correlation_id or envelope.correlation_id),
            "operation": self.operation,
        }

    def _address(self, envelope: Diagnostic) -> str:
        candidates = (self.user.ip_address, envelope.caller_ip_address, self.details.get("ipaddr"))
        return next(filter(None, map(canonical_address, candidates)), "")

    @property
    def initiated_by(self) -> str:
        """Principal name or id of who did it, or the application's name."""
        app = text(self.app.display_name) or identifier(self.app.service_principal_id)
        return self.actor_name or self.actor_id or app

    def subject(self) -> dict[str, Any]:
        """The user it was done to: the first target that is one, else who did it."""
        for target in self.targets:
            kind = text(target.type or target.old_type).casefold()
            if kind == "user" or (not kind and target.user_principal_name):
                return {
                    "user_id": identifier(target.id),
                    "user_principal_name": principal(target.user_principal_name),
                    "user_display_name": text(target.display_name),
                }
        return self.doer()

    def doer(self) -> dict[str, Any]:
        """The user who did it; nobody where it was an application."""
        return {
            "user_id": self.actor_id,
            "user_principal_name": self.actor_name,
            "user_display_name": text(self.user.display_name),
            "user_type": folded(self.user.user_type),
        }


def _events(story: _Story) -> list[Event]:
    name, succeeded = story.name, story.succeeded
    if (how := PASSWORD_CHANGES.get(name)) is not None:
        if story.actor_name.startswith("sync_"):  # the account of the directory's synchronisation
            how = "on-premises"
        return _with_deed(story, _password_change(story, how))
    if (what := ACCOUNT_CHANGES.get(name)) is not None:
        changed = AccountChange(
            **story.common,
            **story.subject(),
            what=what,
            initiated_by=story.initiated_by,
            succeeded=succeeded,
        )
        return _with_deed(story, changed)
    if succeeded and (action := VERDICTS.get(name.replace(" ", ""))) is not None:
        return [_verdict(story, action)]
    if succeeded and (action := PRINCIPAL_VERDICTS.get(name.replace(" ", ""))) is not None:
        return [_principal_verdict(story, target, action) for target in story.targets]
    if succeeded and name in REPORTS:
        return [UserReport(**story.common, **story.subject(), text=story.operation)]
    return [_directory_change(story)]


def _with_deed(story: _Story, change: Event) -> list[Event]:
    """`change`, and who did it where that was somebody else: their behaviour is judged too."""
    if not story.actor_id or story.actor_id == change.user_id:
        return [change]
    deed = _directory_change(story)
    deed.id += ":by"  # an id of its own, so that nobody takes one for a repetition of the other
    return [change, deed]


def _password_change(story: _Story, how: How) -> PasswordChange:
    return PasswordChange(
        **story.common,
        **story.subject(),
        how=how,
        initiated_by=story.initiated_by,
        succeeded=story.succeeded,
    )


def _verdict(story: _Story, action: Action) -> Verdict:
    judged = [
        identifier(target.id)
        for target in story.targets
        if text(target.type or target.old_type).casefold() not in {"", "user"}
    ]
    return Verdict(
        **story.common,
        **story.subject(),
        action=action,
        detection_id=judged[0] if judged else "",
        author=story.initiated_by,
        author_kind="provider",
        place=story.common["ip_address"],
        note=text(story.audit.result_reason),
    )


def _principal_verdict(story: _Story, target: Target, action: Action) -> Verdict:
    verdict = Verdict(
        **story.common,
        actor="servicePrincipal",
        user_id=identifier(target.id),
        user_principal_name=text(target.display_name),
        action=action,
        author=story.initiated_by,
        author_kind="provider",
        place=story.common["ip_address"],
        note=text(story.audit.result_reason),
    )
    if target is not story.targets[0]:
        verdict.id += f":{verdict.user_id}"  # of several in one record each is a decision
    return verdict


def _directory_change(story: _Story) -> DirectoryChange:
    targets = story.targets[:MOST_TARGETS]
    return DirectoryChange(
        **story.common,
        **story.doer(),
        actor=story.actor,
        app_id=identifier(story.app.app_id),
        app_display_name=text(story.app.display_name),
        service_principal_id=identifier(story.app.service_principal_id),
        category=text(story.audit.category),
        succeeded=story.succeeded,
        target_ids=tuple(identifier(target.id) for target in targets),
        target_names=tuple(
            principal(target.user_principal_name) or text(target.display_name) for target in targets
        ),
        target_types=tuple(text(target.type or target.old_type) for target in targets),
        changes=tuple(
            (text(change.display_name), _value(change.old_value), _value(change.new_value))
            for target in targets
            for change in _changes(target)
        )[:MOST_CHANGES],
    )


def _operation(name: str) -> str:
    return text(name.translate(_DASHES)).removesuffix(".").strip()


def _targets(raw: list[Target] | str | None) -> list[Target]:
    return raw if isinstance(raw, list) else _unwrapped(Target, raw)


def _changes(target: Target) -> list[Change]:
    raw = target.modified_properties
    return raw if isinstance(raw, list) else _unwrapped(Change, raw)


def _details(raw: list[Detail] | str | None) -> dict[str, str]:
    details = raw if isinstance(raw, list) else _unwrapped(Detail, raw)
    return {text(each.key).casefold(): each.value or "" for each in details[:MOST_CHANGES]}


def _unwrapped(kind: type[Any], raw: str | None) -> list[Any]:
    inner = embedded(raw) if raw else None
    return [lenient(kind, each) for each in inner] if isinstance(inner, list) else []


def _value(raw: str | None) -> str:
    """An old or new value, taken out of the JSON it is wrapped in where it is one word."""
    if not raw:
        return ""
    inner = embedded(raw) if len(raw) <= 4 * LONGEST_CHANGE else None
    if isinstance(inner, list) and len(inner) == 1:
        inner = inner[0]
    if isinstance(inner, bool):
        return str(inner).lower()
    if inner == []:
        return ""
    word = (
        inner if isinstance(inner, str) else str(inner) if isinstance(inner, int | float) else raw
    )
    if "Scope:" in word:
        return clean(_IDS_OF_A_GRANT.sub("", word[:LONGEST_GRANT]), 4 * LONGEST_CHANGE).strip()
    return clean(word, LONGEST_CHANGE).strip()


FORMAT = Format(
    name="entra audit",
    hints=(b"activityDisplayName",),
    read=read,
    rank=0,
)
