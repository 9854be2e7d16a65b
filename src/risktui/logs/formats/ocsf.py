"""OCSF: Authentication (3002), Account Change (3001) and Detection Finding (2004)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from risktui.logs.formats.elsewhere import (
    FAILED,
    MFA_FAILED,
    SIGNED_IN,
    SIGNED_IN_WITH_MFA,
    WRONG_PASSWORD,
    Outcome,
    first_time,
    known,
    microsofts,
    network,
    person,
    program,
    spot,
)
from risktui.logs.formats.fields import actor_named, identifier, record_id, text, typed
from risktui.logs.formats.ocsf_record import (
    Application,
    Device,
    Endpoint,
    FindingInfo,
    Metadata,
    Os,
    Place,
    Product,
    RawOcsf,
    Session,
    System,
    User,
)
from risktui.logs.formats.registry import Format, NotRead, Reading
from risktui.logs.formats.result_codes import RESULT_CODES
from risktui.model.addresses import canonical_address
from risktui.model.events import (
    AccountChange,
    Actor,
    DirectoryChange,
    Event,
    PasswordChange,
    ProductAlert,
    SignIn,
)

AUTHENTICATION, ACCOUNT_CHANGE, FINDING = 3002, 3001, 2004

SIGN_INS = {0, 1, 6, 99}
"""activity_id of attempts to sign in: unknown, logon, preauth, other; not logoff nor tickets."""

WHAT: dict[int, Literal["created", "enabled", "disabled", "deleted"]] = {
    1: "created",
    2: "enabled",
    5: "disabled",
    6: "deleted",
}
"""activity_id of Account Change; 3 and 4 are the password's change and reset."""

KINDS: dict[int, Actor] = {3: "system", 4: "servicePrincipal"}
"""user.type_id."""

ENTRA = {"microsoft", "azure", "microsoft entra"}
"""vendor_name, in lower case, of events whose users have Entra's ids."""

SEVERITIES = {1: "informational", 2: "low", 3: "medium", 4: "high", 5: "high", 6: "high"}
MOST_USERS = 32

_exact = msgspec.json.Decoder(RawOcsf, strict=False).decode

_PASSWORD_WORDS = ("password", "credential")
_FACTOR_WORDS = ("mfa", "second factor", "otp", "multi-factor")


def read(record: bytes) -> Reading | None:
    """What `record` tells; None where it is no OCSF event."""
    raw = typed(record, RawOcsf, _exact)
    if raw.class_uid is None:
        return None
    if raw.class_uid not in {AUTHENTICATION, ACCOUNT_CHANGE, FINDING}:
        return NotRead(f"ocsf: class {raw.class_uid} is not read")
    time = first_time(raw.time, raw.time_dt, raw.start_time)
    if time is None:
        return NotRead("ocsf: no readable time in time", broken=True)
    if raw.class_uid == FINDING:
        return _finding(time, raw, record)
    common = _common(time, raw, record) | _whence(raw)
    if raw.class_uid == ACCOUNT_CHANGE:
        return _account_change(common, raw)
    if raw.activity_id is not None and raw.activity_id not in SIGN_INS:
        return NotRead(f"ocsf: authentication activity {raw.activity_id}, no sign-in")
    return [_sign_in(common, raw)]


def _common(time: int, raw: RawOcsf, record: bytes) -> dict[str, Any]:
    about = raw.metadata or Metadata()
    return {
        "time": time,
        "id": record_id(known(about.uid), record),
        "source": FORMAT.name,
        "tenant_id": known(about.tenant_uid).lower(),
        "correlation_id": known(about.correlation_uid),
        "operation": known(about.event_code) or text(raw.activity_name) or "Authentication",
    }


def _whence(raw: RawOcsf) -> dict[str, Any]:
    end, device = raw.src_endpoint or Endpoint(), raw.device or Device()
    place, owner = end.location or device.location or Place(), end.autonomous_system or System()
    point: tuple[float | None, float | None] = (place.lat, place.long)
    if place.coordinates is not None and len(place.coordinates) == 2:
        point = (place.coordinates[1], place.coordinates[0])
    agent = raw.http_request.user_agent if raw.http_request else None
    names = (device.uid, device.name or device.hostname)
    return {
        "ip_address": canonical_address(end.ip) or canonical_address(device.ip),
        "location": spot(place.country, place.region, place.city, point),
        "network": network(owner.number, owner.name),
        "client": program(agent, None, (device.os or Os()).name, names),
    }


def _person(user: User, product: Product | None = None) -> dict[str, Any]:
    """The user: by an e-mail address or, where the name is one, by that; else by the id."""
    names = (user.email_addr, user.name, user.account.name if user.account else None)
    login = next((each for each in names if each and "@" in each), None)
    shown = user.full_name or (user.name if login != user.name else None)
    who = person(login or user.name or user.uid_alt, shown, "", user.uid)
    from_entra = text(product.vendor_name if product else None).casefold() in ENTRA
    return microsofts(who, user.uid) if from_entra else who


def _actor(user: User) -> Actor:
    return KINDS.get(user.type_id or 0) or actor_named(text(user.name).casefold())


def _sign_in(common: dict[str, Any], raw: RawOcsf) -> SignIn:
    user = raw.user or (raw.actor.user if raw.actor else None) or User()
    session = raw.session or (raw.actor.session if raw.actor else None) or Session()
    end, service = raw.dst_endpoint or Endpoint(), raw.service or Application()
    product = (raw.metadata or Metadata()).product or Product()
    service_name = service.name or end.name or end.hostname or product.name
    return SignIn(
        **common,
        **_person(user, product),
        **_outcome(raw, session).fields(raw.status_detail or raw.message),
        actor=_actor(user),
        session_id=known(session.uid),
        app_id=known(service.uid).lower(),
        app_display_name=known(service_name),
        authentication_protocol=known(raw.auth_protocol),
    )


def _outcome(raw: RawOcsf, session: Session) -> Outcome:
    """Success or failure; Entra's own code where the event has kept it."""
    code = text(raw.status_code)
    entra = int(code) if code.isascii() and code.isdecimal() and len(code) < 10 else -1
    with_mfa = bool(raw.is_mfa or session.is_mfa or (raw.auth_factors or [])[1:])
    if raw.status_id == 1 or (raw.status_id is None and text(raw.status).casefold() == "success"):
        return SIGNED_IN_WITH_MFA if with_mfa else SIGNED_IN
    if entra in RESULT_CODES and entra:
        return Outcome(entra)
    words = f"{text(raw.status_detail)} {text(raw.message)}".casefold()
    if any(word in words for word in _FACTOR_WORDS):
        return MFA_FAILED
    return WRONG_PASSWORD if any(word in words for word in _PASSWORD_WORDS) else FAILED


def _account_change(common: dict[str, Any], raw: RawOcsf) -> Reading:
    user = raw.user or User()
    doer = (raw.actor.user if raw.actor else None) or User()
    who, by = _person(user), _person(doer)
    initiated_by = by["user_principal_name"] or by["user_id"]
    succeeded = raw.status_id in {None, 0, 1}
    by_self = not initiated_by or by == who
    found: list[Event] = []
    if raw.activity_id in {3, 4}:
        how: Literal["change", "self-service reset", "admin reset"] = "admin reset"
        if by_self:
            how = "change" if raw.activity_id == 3 else "self-service reset"
        found.append(
            PasswordChange(**common, **who, how=how, initiated_by=initiated_by, succeeded=succeeded)
        )
    elif (what := WHAT.get(raw.activity_id or 0)) is not None:
        found.append(
            AccountChange(
                **common, **who, what=what, initiated_by=initiated_by, succeeded=succeeded
            )
        )
    if not found or not by_self:
        target = known(user.email_addr) or known(user.name)
        found.append(
            DirectoryChange(
                **common | {"id": f"{common['id']}:by" if found else common["id"]},
                **(who if by_self else by),
                actor=_actor(user if by_self else doer),
                category="Account Change",
                succeeded=succeeded,
                target_ids=(known(user.uid),),
                target_names=(target,),
                target_types=("User",),
            )
        )
    return found


def _finding(time: int, raw: RawOcsf, record: bytes) -> Reading:
    product = (raw.metadata or Metadata()).product or Product()
    if text(product.name).casefold() == "risktui":
        return NotRead("ocsf: a finding of risktui's own")
    info = raw.finding_info or FindingInfo()
    title = text(info.title) or text(raw.message)
    common = _common(time, raw, record)
    name = text(product.name)
    vendor = known(product.vendor_name)
    common |= {
        "operation": "finding",
        "alert_id": known(info.uid) or common["id"],
        "product": name if name.startswith(vendor) else f"{vendor} {name}".strip(),
        "title": title,
        "severity": SEVERITIES.get(raw.severity_id or 0, text(raw.severity).casefold()),
        "category": ", ".join(known(each) for each in (info.types or [])[:4] if each),
        "about": "user",
        "detected_at": time,
        "time": first_time(info.first_seen_time, raw.start_time) or time,
    }
    found: dict[str, Event] = {}
    for user, end in _people(raw):
        who = _person(user, product)
        key = who["user_id"] or who["user_principal_name"]
        if key and key not in found and len(found) < MOST_USERS and _actor(user) == "user":
            address = canonical_address(end.ip) if end else ""
            fields = common | {"id": f"{common['id']}:{identifier(key)}", "ip_address": address}
            found[key] = ProductAlert(**fields, **who)
    return list(found.values()) or NotRead(f"ocsf: a finding about no user: {common['product']}")


def _people(raw: RawOcsf) -> Iterator[tuple[User, Endpoint | None]]:
    """Everybody a finding names, with where they came from."""
    for evidence in raw.evidences or []:
        user = evidence.user or (evidence.actor.user if evidence.actor else None)
        if user is not None:
            yield user, evidence.src_endpoint
    for resource in raw.resources or []:
        if resource.owner is not None:
            yield resource.owner, None
    for each in (raw.user, raw.actor.user if raw.actor else None):
        if each is not None:
            yield each, raw.src_endpoint


FORMAT = Format(
    name="ocsf",
    hints=(b'"class_uid"',),
    read=read,
)
