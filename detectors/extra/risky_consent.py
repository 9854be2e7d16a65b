"""A person lets an application in that should not be let in.

Consent outlives passwords and second factors: the application reads mail and files by itself. It
is asked for by mail ("open the shared document"), or given by an intruder to stay. Applications
that colleagues use, and those that only want to know who signs in, are everybody's.
"""

import re
from collections.abc import Iterable

import msgspec

from risktui.detect import (
    DAY,
    Answer,
    Check,
    Detector,
    DirectoryChange,
    Event,
    Example,
    Facts,
    KeyedState,
    Recent,
    RiskLevel,
    Score,
    Tracker,
    a2_tool,
    activity_of,
    new_place,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOKYO, changes, habits, laptop

CONSENTS = ("consent to application", "add delegated permission grant", "add oauth2permissiongrant")
"""Beginnings of operations, in Entra's audit and in the unified log."""
GRAND = (
    "mail.read",
    "mail.send",
    "mailboxsettings.",
    "ews.accessasuser",
    "full_access_as",
    "imap.accessasuser",
    "files.read",
    "sites.read",
    "sites.fullcontrol",
    "allsites.",
    "notes.read",
    "contacts.read",
    "chat.read",
    "directory.readwrite",
    "user.readwrite.all",
    "application.readwrite",
    "rolemanagement.readwrite",
    "user_impersonation",
)
"""Beginnings of permissions that give away mail, files or the directory (Microsoft's guidance on
consent phishing, Sentinel's list for offline access)."""
ABUSED = (
    "perfectdata software",
    "em client",
    "emclient",
    "newsletter software supermailer",
    "rclone",
    "cloudsponge",
    "fastmail",
    "postbox",
    "sigparser",
    "spike",
    "zoominfo login",
    "mail_backup",
    "o365 backup",
)
"""Applications that intruders bring along (Huntress on traitorware, Wiz, Microsoft's reports)."""


class Settings(msgspec.Struct, frozen=True):
    """Points for levels; the numbers are ours."""

    low_at: int = 45
    medium_at: int = 70
    high_at: int = 100
    learning_days: int = 7
    """In the organisation's first days every application is new."""
    abused: tuple[str, ...] = ABUSED
    """Names of applications that intruders bring along, in lower case."""
    allow_apps: tuple[str, ...] = ()
    """Names or object ids of applications that anybody may let in; names can be forged."""


class Consents(Tracker):
    """Which applications the organisation has let in."""

    name = "consents"
    part_of = "x_riskyConsent"
    keys = ("tenant",)
    watches = (DirectoryChange,)
    ttl = 400 * DAY
    Settings = Settings

    class State(KeyedState):
        """Bounded: 256 applications."""

        apps: Recent = msgspec.field(default_factory=lambda: Recent(256))

    def track(
        self, event: DirectoryChange, key: str, state: State, facts: Facts
    ) -> Iterable[Event]:
        """Say whether anybody has let it in before, then remember it."""
        if not event.operation.casefold().startswith(CONSENTS):
            return ()
        app = _identity_of(event)
        seen = state.apps.get(app)
        facts.notes["consented_days"] = (event.time - seen.first) / DAY if seen else -1.0
        if event.succeeded and app:
            state.apps.add(app, event.time)
        return ()


class RiskyConsent(Detector):
    """Consent to a risky application."""

    risk_event_type = "x_riskyConsent"
    title = "Consent to a risky application"
    title_ja = "危険なアプリケーションへの同意"
    scope = "user"
    watches = (DirectoryChange,)
    attack = ("T1528", "T1098.003", "T1550.001")
    premium = False
    family = "directory"
    tips = (
        "Disable the application (Enterprise applications) first: a password reset does not end "
        "its access.",
        "Take back its permissions, and look in Graph's activity log at what it has read.",
        "Ask the person how they came to it; look for others who got the same mail.",
        "Let people consent only to verified publishers and small permissions, or ask an "
        "administrator.",
    )
    Settings = Settings

    class State(KeyedState):
        """Bounded: how many consents the person has given."""

        given: Recent = msgspec.field(default_factory=lambda: Recent(16))

    def observe(self, event: DirectoryChange, state: State, facts: Facts) -> Answer:
        """Weigh what is let in, by whom and from where."""
        if not event.operation.casefold().startswith(CONSENTS):
            return None
        if not event.succeeded or not event.by_the_person:
            return None
        app, identity = _app_of(event), _identity_of(event)
        again = identity in state.given
        state.given.add(identity or event.id, event.time)
        if again or {app, identity} & {name.casefold() for name in self.settings.allow_apps}:
            return None
        return self._judge(event, app, facts)

    def _judge(self, event: DirectoryChange, app: str, facts: Facts) -> Answer:
        score, ids = Score(), (event.id,)
        scopes = _scopes_of(event)
        grand = [scope for scope in scopes if scope.casefold().startswith(GRAND)]
        reason = ", ".join(grand[:6]) or ", ".join(scopes[:6]) or "permissions not in the record"
        score.add(Check("grand", "gives away mail, files or more", bool(grand), reason), 30)
        offline = bool(grand) and "offline_access" in {scope.casefold() for scope in scopes}
        reason = "offline_access: goes on without the person" if offline else "not offline"
        score.add(Check("offline", "for good", offline, reason), 10, event_ids=ids)
        days = float(facts.notes.get("consented_days", -1.0))
        settled = event.time - facts.tenant_first_seen >= self.settings.learning_days * DAY
        new = days < 0 and settled
        reason = "nobody has let it in before" if days < 0 else f"let in {days:.0f} days ago first"
        score.add(Check("new", "new to the organisation", new, reason), 15, event_ids=ids)
        abused = any(_has_words(app, name) for name in self.settings.abused if name)
        reason = f"{app or 'its name'} is {'' if abused else 'not '}listed"
        score.add(Check("abused", "intruders bring it along", abused, reason), 40, event_ids=ids)
        place = new_place(event, facts)
        score.add(place, 30, event_ids=ids)
        risky = _risk(event, facts, place)
        score.add(risky, 30, event_ids=ids)
        for_all = _is_for_all(event)
        reason = "for the whole organisation" if for_all else "for the person alone"
        strange = bool(place or risky or abused)
        score.add(Check("all", "for everybody", for_all and strange, reason), 20, event_ids=ids)
        score.add(a2_tool(event), 15, event_ids=ids)
        if not score.level(self.settings).rank or not (grand or abused or risky):
            return None
        if for_all and not strange:
            return None  # an administrator who lets in what the company has bought
        return self._found(event, app, score, scopes)

    def _found(self, event: DirectoryChange, app: str, score: Score, scopes: list[str]) -> Answer:
        weighing = score.weighing(self.settings)
        alone = not (score.has("place") or score.has("risk") or score.has("abused"))
        reason = "at home, and not at risk" if alone else "something else speaks against it"
        weighing.cap(RiskLevel.LOW, Check("home", "the person themselves", alone, reason))
        name = next(iter(event.target_names), "") or app or "an application"
        what = ", ".join(scopes[:4])
        return weighing.result(
            headline=(
                f"{words.who(event)} let {name[:80]} in at {words.clock(event.time)} from "
                f"{event.ip_address or 'an unknown address'}"
                f"{', which may now use ' + what if what else ''}"
            ),
            about=activity_of(event),
            evidence=score.evidence(),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                "allow_apps: an application that anybody may let in.",
                "An application that a colleague has let in before weighs less.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
            ),
            cooldown_key=_identity_of(event),
        )

    examples = (
        Example(
            name="mail for good, to an application that nobody knows, from abroad",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", TOKYO),
                changes(
                    "alice",
                    LAGOS,
                    "2026-03-02 09:00",
                    "Consent to application",
                    STRANGER,
                    target_names=("Doc Viewer",),
                    target_types=("ServicePrincipal",),
                    changes=(("ConsentAction.Permissions", "", "Scope: Mail.Read offline_access"),),
                ),
            ],
        ),
        Example(
            name="an application that only wants to know who signs in",
            fires=False,
            events=[
                *habits("alice", TOKYO, HQ),
                changes(
                    "alice",
                    HQ,
                    "2026-03-02 09:00",
                    "Consent to application",
                    laptop("alice"),
                    target_names=("Whiteboard",),
                    target_types=("ServicePrincipal",),
                    changes=(("ConsentAction.Permissions", "", "Scope: User.Read openid"),),
                ),
            ],
        ),
    )


def _risk(event: DirectoryChange, facts: Facts, place: Check) -> Check:
    """Whether it may be the work of whoever put the account at risk, within the week before.

    The owner goes on working meanwhile: what comes from their own network, by a session that is
    not suspect, is theirs.
    """
    label, risky = "at risk already", facts.person.risk_before(event.time, 7 * DAY)
    if not risky:
        return Check("risk", label, False, "nothing of medium level or higher is open")
    reason = f"detection of {words.clock(risky)} is open"
    if event.ip_address and not place and not facts.person.is_suspect(event):
        return Check("risk", label, False, f"{reason}, but this is the person's own network")
    return Check("risk", label, True, reason)


def _app_of(event: DirectoryChange) -> str:
    """Which application was let in: its name, else its id."""
    return (next(iter(event.target_names), "") or next(iter(event.target_ids), "")).casefold()


def _identity_of(event: DirectoryChange) -> str:
    """By what it is told from others: its id, else its name, which anybody can give to theirs."""
    return (next(iter(event.target_ids), "") or next(iter(event.target_names), "")).casefold()


def _has_words(text: str, words_: str) -> bool:
    """Whether `words_` stand in `text`, and not within longer ones ("system client")."""
    return re.search(rf"(?<!\w){re.escape(words_)}(?!\w)", text) is not None


def _scopes_of(event: DirectoryChange) -> list[str]:
    """The permissions that a record names, in its own spelling."""
    found: list[str] = []
    for what, _, new in event.changes:
        name = what.casefold()
        if name.endswith("delegatedpermissiongrant.scope"):
            found += new.split()
        elif name.endswith("permissions"):
            given = new.rpartition("=>")[2]  # the record has old => new
            for part in given.split("Scope:")[1:]:
                found += part.split(",")[0].split("]")[0].split()
    return list(dict.fromkeys(scope.strip("[];,\"'") for scope in found))[:32]


def _is_for_all(event: DirectoryChange) -> bool:
    for what, _, new in event.changes:
        name = what.casefold()
        if name.endswith("isadminconsent") and new.strip('"').casefold() == "true":
            return True
        if name.endswith("consenttype") and "allprincipals" in new.casefold():
            return True
    return False
