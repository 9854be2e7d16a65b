"""The shape of a detector: what it says of itself, what it sees, and what it may answer.

A detector is a pure function of its state and the event. It does no I/O, asks no clock and imports
nothing but `risktui.detect`. Everything it says about its type stands in its file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

import msgspec

from risktui.detect.learning import Profile
from risktui.detect.state import DAY, KeyedState
from risktui.model.events import Activity, Event, Lead, activity_of
from risktui.model.risk import (
    CounterEvidence,
    DetectionTimingType,
    Evidence,
    LevelAlgebra,
    RiskLevel,
    Threshold,
)
from risktui.model.written_often import written_often

E = TypeVar("E", bound=Event)

KEYS = (
    "ip",
    "prefix",
    "agent",
    "client",
    "client_app",
    "network_app",
    "tenant",
    "user",
    "principal",
)
"""The keys state can be kept by, in the order in which their stages run.

`prefix` is the /24 or /48 as one network's, `agent` the user agent of sign-ins, `client` network
and user agent, `client_app` user agent and application, `network_app` network and application of
sign-ins, `principal` an application's identity: the one that acts, or the one that is changed. What
is found there never touches a person's risk."""


@written_often
class Facts(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """What earlier stages found out about an event; travels with it from stage to stage.

    Nothing in it refers back to it, so that the collector of cycles need not know it (`gc=False`).
    """

    egress_users: int = 0
    """Other people who used the address's prefix with success in the last 30 days."""
    egress_managed_users: int = 0
    """The same, on managed devices."""
    egress_days: int = 0
    """On how many distinct days."""
    active_users: int = 0
    """People of the organisation who signed in during the last 30 days."""
    tenant_first_seen: int = 0
    """Time of the organisation's first event (ms)."""
    at_home: bool = False
    """The person has signed in from the address before, on days apart."""
    came_in: str = ""
    """The person's key, where it is plain that a member has come in with their own password: no
    error, and not from one of Microsoft's own networks. "" where it is not, or nobody has asked:
    `maliciousAddresses` does, at the key that comes first."""
    country_users: int = 0
    """Other people seen in the event's country in the last 30 days."""
    country_last_seen: int = 0
    """When anybody but this person was last seen there (ms), 0 for never."""
    notes: dict[str, Any] = {}
    """Free for the trackers of one's own detectors; plain data only."""
    profile: Profile | None = None
    """The person's habits before this event; present in the user stage, and where a tracker asks
    for it."""
    brief: Activity | None = None
    """The event in brief, once an observer of an earlier stage has had to make it."""

    @property
    def person(self) -> Profile:
        """The profile, where there is one by construction: in the user stage."""
        return self.profile if self.profile is not None else Profile()


def brief_of(event: Event, facts: Facts) -> Activity:
    """The event in brief, made once for all that keep it."""
    if facts.brief is None:
        facts.brief = activity_of(event)
    return facts.brief


class Met(msgspec.Struct, Generic[E], gc=False):
    """An event that an observer meets, with what earlier stages know about it."""

    event: E
    facts: Facts


class Finding(msgspec.Struct, kw_only=True):
    """A detector's answer: this is a risk, and here is why."""

    risk_level: RiskLevel
    headline: str
    about: Activity
    """The risky activity; often the event itself, sometimes an older one."""
    algebra: LevelAlgebra
    evidence: tuple[Evidence, ...]
    counter_evidence: tuple[CounterEvidence, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    risk_reasons: tuple[str, ...] = ()
    what_would_change: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    related: tuple[Activity, ...] = ()
    """Other events that led to it."""
    cooldown_key: str = ""
    """Repeats for one person, type and key within the cool-down are one detection (gate G10)."""
    raised_by: tuple[str, ...] = ()
    """Modifiers that may still raise it by one when they come later: A5, A7."""
    timing: DetectionTimingType | None = None
    """Where it differs from the type's own."""
    scope: Literal["signin", "user"] | None = None
    """Where it differs from the detector's: several sign-ins together are about the person."""
    others: tuple[Finding, ...] = ()
    """The same about other people whom it concerns: `about` names another person in each. For
    detectors that say so (`tells_of_others`)."""
    passed_by_mfa: bool = False
    """Closed at once as `aiConfirmedSigninSafe`: the second factor answered a low risk."""

    def in_full(self) -> Finding:
        """The finding with all that it says: itself, but for an `Outline`."""
        return self


class Suppressed(msgspec.Struct, kw_only=True):
    """A detector's answer: this would have been a risk, but."""

    rule: str
    """The gate or modifier that held it back: `M4`, `learning`."""
    reason: str
    since: int | msgspec.UnsetType = msgspec.UNSET
    """When the campaign began (ms) that it is a part of, where many people have the same trace."""


class Addition(msgspec.Struct, kw_only=True):
    """A detector's answer: more has become known of what it found before.

    It is written below what the person's open detection of the type says, of which nothing is taken
    away; where there is none, it is about nothing. For detectors of the `user` key.
    """

    cooldown_key: str
    """That of the finding."""
    about_time: int = 0
    """Time of the activity that was found (ms), where it may have come under another key since."""
    evidence: Evidence
    """What has become known, and when. It weighs nothing: the verdict was made without it."""


Answer: TypeAlias = Finding | Suppressed | Addition | None


class Example(msgspec.Struct, kw_only=True):
    """A short story that every detector carries to show, and prove, what it does."""

    name: str
    fires: bool
    events: list[Event]
    level: RiskLevel | None = None
    """The level it must have, where the story is about that."""


class NoSettings(msgspec.Struct, frozen=True):
    """For observers without thresholds."""


class Tracker:
    """Watches by one or several keys, writes facts on events and passes leads to later keys."""

    name: ClassVar[str]
    keys: ClassVar[tuple[str, ...]]
    """It is run once in the stage of each of these keys, with a state of its own in each."""
    watches: ClassVar[tuple[type[Event], ...]]
    version: ClassVar[int] = 1
    """Raise it when `State` changes its meaning; states of other versions start afresh."""
    part_of: ClassVar[str] = ""
    """The type of the detector it works for, whose settings it then shares; "" for its own."""
    ttl: ClassVar[int] = 30 * DAY
    """A key that was not touched for this long (ms of event time) is as if never seen."""
    asks_who: ClassVar[tuple[type[Event], ...]] = ()
    """Of these rare classes among `watches` it is also given whose they are: `facts.person`, as
    the person was before."""

    Settings: ClassVar[type[msgspec.Struct]] = NoSettings
    State: ClassVar[type[KeyedState]] = KeyedState

    def __init__(self, settings: Any = None) -> None:
        self.settings: Any = settings if settings is not None else self.Settings()

    def asks(self, event: Any) -> bool:
        """Whether an event of the classes in `asks_who` needs it: on Spark each costs a batch."""
        return True

    def track(self, event: Any, key: str, state: Any, facts: Facts) -> Iterable[Event]:
        """Look at one event of one key. `key` is the name of the key, as in `KEYS`.

        What it returns is shown to the later keys: a `Lead`, or an event it has put together.
        """
        raise NotImplementedError

    def track_all(
        self, met: Sequence[Any], key: str, state: Any
    ) -> Iterable[tuple[Met[Any], Event]]:
        """Look at several events of one key, in their order, as `track` would at each of them.

        For trackers that many events come by at, in a backlog: what is the same for all of them is
        looked up once. Each is a `Met`; what is returned of one comes with it. `state.last` is the
        latest time of all, and no two are further apart than `ttl`.
        """
        for each in met:
            for lead in self.track(each.event, key, state, each.facts):
                yield each, lead

    def look_back(self, event: Any, state: Any, patterns: Collection[str]) -> Iterable[Lead]:
        """Note that a past sign-in fits `patterns`, numbers of single sign-ins that are new.

        Of these `state` shall be as if they had been there when it happened, and the leads as well;
        all else about it is known since then.
        """
        return ()


class Detector:
    """One risk event type."""

    risk_event_type: ClassVar[str]
    name: ClassVar[str] = ""
    """Its own name, where two detectors share a type: a sign-in's and a person's form of it."""
    title: ClassVar[str]
    """Microsoft's own name of the type."""
    title_ja: ClassVar[str] = ""
    scope: ClassVar[Literal["signin", "user"]] = "signin"
    """`user`: about the person, and tied to no sign-in even where one has revealed it."""
    key: ClassVar[str] = "user"
    watches: ClassVar[tuple[type[Event], ...]]
    needs: ClassVar[tuple[str, ...]] = ()
    """What it is blind without: `location`, or tags of intel lists (any one of them suffices)."""
    only_tagged: bool = False
    """Events of networks without any tag are nothing to it: it is not shown them."""
    quiet_at_home: bool = False
    """Such events are nothing to it where the person is at home: they were in the same country
    within a day, and all their latest places lie in it. It is not shown them."""
    attack: ClassVar[tuple[str, ...]] = ()
    """MITRE ATT&CK technique ids."""
    timing: ClassVar[DetectionTimingType] = "offline"
    premium: ClassVar[bool] = True
    """Whether the type needs P2; others see it as `generic`."""
    family: ClassVar[str] = "sign-in"
    """What the evidence is made of: sign-in, token, mail, file, directory, endpoint, user report.

    Compounding (docs/life_of_a_risk.md) asks for different families."""
    cooldown: ClassVar[int] = DAY
    """Within this time (ms) a repeat updates the open detection (gate G10)."""
    tips: ClassVar[tuple[str, ...]] = ()
    """What to do about it, in order."""
    version: ClassVar[int] = 1
    ttl: ClassVar[int] = 90 * DAY

    tells_of_others: ClassVar[bool] = False
    """Whether its findings may have `others`: events of what it watches concern several people."""

    Settings: ClassVar[type[msgspec.Struct]] = NoSettings
    State: ClassVar[type[KeyedState]] = KeyedState
    examples: ClassVar[tuple[Example, ...]] = ()

    def __init__(self, settings: Any = None) -> None:
        self.settings: Any = settings if settings is not None else self.Settings()

    def observe(self, event: Any, state: Any, facts: Facts) -> Answer:
        """Judge one event. Must not change the event; may change its own state."""
        raise NotImplementedError

    def looked_back(self, event: Any, state: Any, seen: Any) -> None:
        """Keep in `state` what was found in a past sign-in, which fits a pattern that is new.

        `seen` is a copy of `state` to which it was shown now; `state` has met it when it happened.
        """
