"""A device code that the person typed in for somebody else.

A stranger starts a sign-in on a machine "without a keyboard", and has the person enter its code on
the real sign-in page, second factor and all. It shows where nobody expects a device code: by who
never used one, for an application that has a window of its own, in a strange network; or by a
session that begins with the person and goes on elsewhere.
"""

from collections.abc import Iterable, Sequence

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    Activity,
    Answer,
    Check,
    Detector,
    Event,
    Example,
    Facts,
    KeyedState,
    Met,
    Recent,
    RiskLevel,
    Score,
    SignIn,
    Tracker,
    Users,
    a2_tool,
    activity_of,
    is_success,
    m1_trusted,
    m4_shared_egress,
    new_place,
    own_program,
    sessions,
    settled,
    words,
)
from risktui.detect.examples import HOSTING, HQ, STRANGER, TOKYO, habits, signs_in

PROTOCOL = "devicecode"
USUAL = frozenset({"", "none"})
"""The protocol of nearly all sign-ins, as records write it."""
WINDOWED = {
    "29d9ed98-a469-4536-ade2-f981bc1d605e": "Microsoft Authentication Broker",
    "d3590ed6-52b3-4102-aeff-aad2292ab01c": "Microsoft Office",
    "1fec8e78-bce4-4aaf-ab1b-5451cc387264": "Microsoft Teams",
    "27922004-5251-4030-b22d-91ecd9a37ea4": "Outlook Mobile",
    "4765445b-32c6-49b0-83e6-1d93765276ca": "OfficeHome",
    "ab9b8c07-8f02-4f72-87fa-80105867a763": "OneDrive",
    "00b41c95-dab0-4487-9791-b9d2c32c80f2": "Office 365 Management",
}
"""First-party applications that have a window or a browser to sign in with (Microsoft
on Storm-2372, Elastic's rules on the broker)."""
SHELLS = {
    "04b07795-8ddb-461a-bbee-02f9e1bf7b46": "Azure CLI",
    "1950a258-227b-4e31-a9cf-717495945fc2": "Azure PowerShell",
    "14d82eec-204b-4c2f-b7e8-296a70dab67e": "Graph command line",
    "aebc6443-996d-45c2-90f0-388ff96faa56": "Visual Studio Code",
}
"""Command lines, which people do start on machines without a browser."""
MAX_OPEN = 4


class Settings(msgspec.Struct, frozen=True):
    """Points for levels; the numbers are ours."""

    low_at: int = 55
    medium_at: int = 80
    high_at: int = 110
    learning_days: int = 3
    """Somebody newer than that has never used anything."""
    usual_people: int = 2
    """So many others who used device codes within a month make them usual."""
    habit_days: int = 3
    """Who has used codes for an application in one network on so many days goes on doing so."""
    follow_hours: int = 24
    """How long the session is watched for going on elsewhere."""
    allow_apps: tuple[str, ...] = ()
    """Ids or names of applications for which device codes are planned: meeting rooms, terminals."""


class DeviceCodes(Tracker):
    """Who of the organisation uses device codes."""

    name = "deviceCodes"
    part_of = "x_deviceCodePhishing"
    keys = ("tenant",)
    watches = (SignIn,)
    ttl = 60 * DAY
    Settings = Settings

    class State(KeyedState):
        """Bounded: the last 64 people."""

        users: Users = msgspec.field(default_factory=lambda: Users(64))

    def track(self, event: SignIn, key: str, state: State, facts: Facts) -> Iterable[Event]:
        """Write how many others did the same, then count this person."""
        if event.authentication_protocol.casefold() != PROTOCOL or not is_success(event):
            return ()
        facts.notes["device_code_users"] = state.users.count(
            event.time, days=30, without=event.user
        )
        state.users.add(event.user, event.time)
        return ()

    def track_all(
        self, met: Sequence[Met[SignIn]], key: str, state: State
    ) -> Iterable[tuple[Met[SignIn], Event]]:
        """The same at the few that may be with a device code."""
        for each in met:
            if each.event.authentication_protocol not in USUAL:
                self.track(each.event, key, state, each.facts)
        return ()


class Begun(msgspec.Struct, array_like=True, frozen=True):
    """A session that began with a device code, and what spoke against it."""

    session: str
    asn: int
    first_ever: bool
    windowed: str
    others: int
    activity: Activity


class DeviceCodePhishing(Detector):
    """Device code phishing."""

    risk_event_type = "x_deviceCodePhishing"
    title = "Device code phishing"
    title_ja = "デバイス コード フィッシング"
    watches = (SignIn,)
    attack = ("T1528", "T1566.002", "T1550.001")
    timing = "realtime"
    premium = False
    family = "token"
    tips = (
        "Ask the person whether they typed a code into a sign-in page, and who sent it to them.",
        "Revoke all sessions: the stranger holds a refresh token, which a new password alone does "
        "not end everywhere.",
        "Look for a device registered or a method added within the hours after.",
        "Conditional Access can forbid the device code flow (Authentication flows) but for those "
        "who need it.",
    )
    Settings = Settings

    class State(KeyedState):
        """Bounded: applications used by device code and where, sessions that began so."""

        used: Recent = msgspec.field(default_factory=lambda: Recent(16))
        begun: tuple[Begun, ...] = ()  # one object for all who have none: it is at hand

    def observe(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """Weigh a device code, or what has become of its session."""
        protocol = event.authentication_protocol
        if protocol in USUAL or protocol.casefold() != PROTOCOL:
            return self._followed(event, state, facts) if state.begun else None
        if event.result != "success" or not event.by_the_person:
            return None
        allowed = {name.casefold() for name in self.settings.allow_apps}
        if {event.app_id.casefold(), event.app_display_name.casefold()} & allowed:
            return None
        begun = Begun(
            event.session_id,
            event.network.asn,
            not state.used.values,
            WINDOWED.get(event.app_id, ""),
            int(facts.notes.get("device_code_users", 0)),
            activity_of(event),
        )
        used = f"{event.app_id or event.app_display_name}@{event.network.asn or event.ip_address}"
        seen = state.used.get(used)
        habit = seen is not None and seen.days >= self.settings.habit_days
        state.used.add(used, event.time)
        if habit:
            return None
        answer = self._judge(event, begun, facts, None)
        if event.session_id:
            state.begun = (*state.begun, begun)[-MAX_OPEN:]
        return answer

    def _followed(self, event: SignIn, state: State, facts: Facts) -> Answer:
        within = self.settings.follow_hours * HOUR
        state.begun = tuple([b for b in state.begun if event.time - b.activity.time <= within])
        begun = next((b for b in state.begun if b.session == event.session_id), None)
        if begun is None or event.network.asn == begun.asn or event.result != "success":
            return None
        place = _place(event, begun, facts)
        if not place or _is_own(event, begun, facts):
            return None
        state.begun = tuple([b for b in state.begun if b is not begun])
        return self._judge(event, begun, facts, place)

    def _judge(self, event: SignIn, begun: Begun, facts: Facts, moved: Check | None) -> Answer:
        score, about = Score(), begun.activity
        ids = (about.id,)
        app = about.app_display_name or event.app_id or "an application"
        shell = SHELLS.get(event.app_id, "")
        reason = "never used one before" if begun.first_ever else "has used device codes before"
        score.add(Check("first", "first device code", begun.first_ever, reason), 30, event_ids=ids)
        where = moved or _place(event, begun, facts)
        score.add(where, 40 if moved else 30, event_ids=(event.id,))
        hosting = bool(where) and event.network.kind == "hosting"
        reason = event.network.organisation if hosting else "not a strange hoster"
        score.add(Check("A1", "hosting network", hosting, reason), 15, event_ids=(event.id,))
        reason = f"{app} has a window of its own" if begun.windowed else f"{app}"
        check = Check("app", "no need of a device code", bool(begun.windowed), reason)
        score.add(check, 20, event_ids=ids)
        strange = bool(where) and not _is_own(event, begun, facts)
        reason = words.client(event.client) if strange else "one of the person's, or at home"
        bare = event.client.browser not in sessions.BROWSERS
        check = Check("program", "strange program", strange, reason)
        # scripts come and go; a code is typed in a browser of one's own
        score.add(check, 20 if bare else 30, event_ids=(event.id,))
        usual = begun.others >= self.settings.usual_people
        reason = f"used by {words.many(begun.others, 'other person', 'other people')} in 30 days"
        score.add(Check("nobody", "used by nobody else", not begun.others, reason), 15)
        elsewhere = _elsewhere(event, facts)
        score.add(elsewhere, 20, event_ids=(event.id,))
        server = (hosting and bare and _has_servers(begun, facts)) or not where
        for rule, label, applies in (
            ("usual", "usual in the organisation", usual and server and not moved),
            ("shell", "a command line", bool(shell) and server),
        ):
            score.add(Check(rule, label, applies, shell or reason), -20, event_ids=ids)
        if not score.level(self.settings).rank or not score.has("place", "elsewhere"):
            return None
        return self._found(event, begun, score, facts, moved)

    def _found(
        self, event: SignIn, begun: Begun, score: Score, facts: Facts, moved: Check | None
    ) -> Answer:
        about = begun.activity
        weighing = score.weighing(self.settings)
        weighing.gate(settled(event, facts, self.settings.learning_days))
        weighing.gate(m1_trusted(event))
        weighing.gate(m4_shared_egress(event, facts))
        weighing.looked_at(
            Check(
                "M3", "fresh MFA", False, "the person passes it for the stranger, that is the trick"
            )
        )
        against = [line for line in score.evidence() if line.weight > 0]
        went_on = (
            f"; its session went on from {words.place(event.location)} ({event.ip_address})"
            if moved
            else ""
        )
        return weighing.result(
            headline=(
                f"{words.who(event)} signed in to {about.app_display_name or 'an application'} "
                f"with a device code at {words.clock(about.time)} from "
                f"{words.place(about.location)} ({about.ip_address}){went_on}"
            ),
            about=about,
            related=(activity_of(event),) if moved else (),
            evidence=tuple(against),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                "allow_apps: applications for which device codes are planned.",
                "Once two colleagues use them within a month, they are usual.",
                "Confirm safe: the person's next device codes there stay quiet.",
            ),
            cooldown_key=about.app_display_name,
            raised_by=("A7",),
        )

    examples = (
        Example(
            name="a code of the broker, redeemed on a rented server",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                signs_in(
                    "alice",
                    HOSTING,
                    "2026-03-02 09:00",
                    STRANGER,
                    authentication_protocol="deviceCode",
                    app_id="29d9ed98-a469-4536-ade2-f981bc1d605e",
                    app_display_name="Microsoft Authentication Broker",
                ),
            ],
        ),
        Example(
            name="the command line at the office",
            fires=False,
            events=[
                *habits("alice", TOKYO, HQ),
                signs_in(
                    "alice",
                    HQ,
                    "2026-03-02 09:00",
                    authentication_protocol="deviceCode",
                    app_id="04b07795-8ddb-461a-bbee-02f9e1bf7b46",
                    app_display_name="Microsoft Azure CLI",
                ),
            ],
        ),
    )


def _is_own(event: SignIn, begun: Begun, facts: Facts) -> bool:
    """Whether the program is the person's; a script is nobody's in what has a window."""
    return own_program(event, facts) and not (begun.windowed and a2_tool(event))


def _place(event: SignIn, begun: Begun, facts: Facts) -> Check:
    """Whether the network is strange, though scripts of the person's kind may be there."""
    place, network = new_place(event, facts), event.network
    if place or not (begun.windowed and a2_tool(event)) or not event.ip_address:
        return place
    known = (
        m1_trusted(event)
        or m4_shared_egress(event, facts)
        or facts.person.known_before("ip", event.ip_address, event.time)
        or facts.person.known_before("asn", str(network.asn or ""), event.time)
    )
    if known:
        return place
    where = network.organisation or (f"AS{network.asn}" if network.asn else "network unknown")
    return Check("place", "unfamiliar network", True, f"{event.ip_address} ({where}) is new")


def _has_servers(begun: Begun, facts: Facts) -> bool:
    """Whether the person works with command lines, or colleagues' servers are in the range.

    What is usual of engineers excuses nobody who never opened a command line before.
    """
    name = begun.activity.app_display_name
    works = facts.person.known_before("app", name, begun.activity.time)
    return works or not begun.first_ever or facts.egress_users > 0


def _elsewhere(event: SignIn, facts: Facts) -> Check:
    """Whether the person's own machine was in another country within the hour."""
    country = event.location.country_or_region
    for anchor in facts.person.anchors:
        own = anchor.activity
        there = own.location.country_or_region
        near = 0 <= event.time - own.time <= HOUR and country and there and there != country
        if near and not anchor.shared and own_program(own, facts):
            reason = f"in {there} {words.duration(event.time - own.time)} before"
            return Check("elsewhere", "the person was elsewhere", True, reason)
    return Check("elsewhere", "the person was elsewhere", False, "not seen in another country")
