"""A few words for telling what happens to one person's risk."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from risktui.detect import Detector, Event, PasswordChange, SignIn
from risktui.detect.detector import Finding
from risktui.detect.learning import Profile
from risktui.detect.state import DAY, HOUR
from risktui.model.events import Activity, Network, TimePassed, Verdict, activity_of
from risktui.model.risk import (
    Detection,
    DetectionTimingType,
    Evidence,
    Initiator,
    LevelAlgebra,
    Outcome,
    RiskLevel,
    RiskState,
)
from risktui.risk.ledger import Ledger, UserRisk
from risktui.risk.life import conclude, live_through
from risktui.risk.raising import Raised, raise_risk
from risktui.risk.rules import PLAIN, Rules
from risktui.risk.verdicts import judge

NOON = 1_772_366_400_000
"""2026-03-01T12:00Z."""


@lru_cache
def detector(name: str = "passwordSpray", family: str = "sign-in") -> Detector:
    about = {
        "risk_event_type": name,
        "title": name,
        "family": family,
        "tips": ("ask",),
        "attack": ("T1110.003",),
    }
    made: Detector = type(name, (Detector,), about)()
    return made


class Life:
    """One person, carol unless another is named, and everything that befalls them."""

    def __init__(self, rules: Rules = PLAIN, who: str = "carol") -> None:
        self.user_id, self.user_principal_name = f"{who}-id", f"{who}@contoso.com"
        self.risk = UserRisk()
        self.profile = Profile()
        self.outcome = Outcome()
        self.rules = rules
        self.verdicts = 0

    def level(self) -> RiskLevel:
        return self.risk.level

    def state(self) -> RiskState:
        return self.risk.state

    def ledger(self) -> Ledger:
        self.outcome = Outcome()
        return Ledger(self.risk, self.profile, self.outcome, self.rules)

    def event(self, event_id: str, at: int, **fields: object) -> SignIn:
        known: dict[str, object] = {
            "user_id": self.user_id,
            "user_principal_name": self.user_principal_name,
            "credentials": "ok",
            "ip_address": "203.0.113.7",
            "network": Network(prefix="203.0.113.0/24", asn=64502),
            "session_id": "s1",
        }
        return SignIn(time=at, id=event_id, **{**known, **fields})  # type: ignore[arg-type]

    def finds(
        self,
        event_id: str,
        level: RiskLevel = RiskLevel.MEDIUM,
        *,
        at: int = NOON,
        kind: str = "passwordSpray",
        key: str = "",
        raised_by: tuple[str, ...] = (),
        modifiers: tuple[str, ...] = (),
        passed_by_mfa: bool = False,
        family: str = "sign-in",
        correlation_id: str = "",
    ) -> Outcome:
        event = self.event(event_id, at, correlation_id=correlation_id)
        ledger = self.ledger()
        ledger.know(event)
        finding = Finding(
            risk_level=level,
            headline=f"{kind} of carol",
            about=Activity(
                time=at,
                id=event_id,
                user_id=self.user_id,
                user_principal_name=self.user_principal_name,
                ip_address="203.0.113.7",
                network=event.network,
                session_id="s1",
                correlation_id=correlation_id,
            ),
            algebra=LevelAlgebra(base=level, modifiers=modifiers, final=level),
            evidence=(Evidence(label="address", observed="203.0.113.7", weight=1.0),),
            cooldown_key=key,
            raised_by=raised_by,
            passed_by_mfa=passed_by_mfa,
        )
        raise_risk(ledger, Raised(finding, detector(kind, family), {"id": kind}, event))
        conclude(ledger, event)
        return self.outcome

    def does(self, event: Event) -> Outcome:
        """Whatever an event does, without detectors."""
        ledger = self.ledger()
        ledger.know(event)
        live_through(ledger, event)
        conclude(ledger, event)
        return self.outcome

    def signs_in(self, event_id: str, at: int, **fields: object) -> Outcome:
        return self.does(self.event(event_id, at, **fields))

    def risky_sign_in(
        self,
        event_id: str,
        level: RiskLevel = RiskLevel.MEDIUM,
        *,
        at: int = NOON,
        kind: str = "unfamiliarFeatures",
        timing: DetectionTimingType = "realtime",
        **fields: object,
    ) -> Outcome:
        """A sign-in that a detector finds risky while it happens."""
        event = self.event(event_id, at, **fields)
        ledger = self.ledger()
        ledger.know(event)
        finding = Finding(
            risk_level=level,
            headline=f"{kind} of carol",
            about=activity_of(event),
            algebra=LevelAlgebra(base=level, final=level),
            evidence=(Evidence(label="address", observed="203.0.113.7", weight=1.0),),
            timing=timing,
            passed_by_mfa=bool(fields.get("mfa") == "fresh"),
        )
        raise_risk(ledger, Raised(finding, detector(kind), {"id": kind}, event))
        live_through(ledger, event)
        conclude(ledger, event)
        return self.outcome

    def sets_password(self, how: str, at: int = NOON + HOUR, **fields: Any) -> Outcome:
        fields |= {"user_principal_name": self.user_principal_name, "how": how}
        return self.does(PasswordChange(time=at, id=f"p{at}", user_id=self.user_id, **fields))

    def days_later(self, days: int, since: int = NOON) -> Outcome:
        at = since + days * DAY
        return self.does(TimePassed(time=at, id=f"t{at}", user_id=self.user_id))

    def open(self) -> list[Detection]:
        return [entry.detection for entry in self.risk.active()]

    def judged(
        self,
        action: str,
        *,
        at: int = NOON + HOUR,
        detection_id: str = "",
        note: str = "",
        author: str = "erin",
        author_kind: Initiator = "operator",
    ) -> Outcome:
        self.verdicts += 1
        verdict = Verdict(
            time=at,
            id=f"v{self.verdicts}",
            user_id=self.user_id,
            user_principal_name=self.user_principal_name,
            action=action,  # type: ignore[arg-type]
            detection_id=detection_id,
            author=author,
            author_kind=author_kind,
            place="desk",
            note=note,
        )
        ledger = self.ledger()
        ledger.know(verdict)
        judge(ledger, verdict)
        conclude(ledger, verdict)
        return self.outcome


__all__ = ["DAY", "HOUR", "NOON", "Life", "detector"]
