"""Somebody's mailbox sends as spammers do: Defender for Office 365 says so, or we see the burst.

A burst alone is a newsletter. One from a network that is not the person's, or after a risk that is
still open, and larger than anything they have sent before, is somebody else's.
"""

from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    MailSent,
    ProductAlert,
    RiskLevel,
    Weighing,
    activity_of,
    alerts,
    new_place,
    threshold,
    words,
)
from risktui.detect.examples import HOSTING, HQ, STRANGER, TOKYO, alerted, at, does, habits

OFFICE = "Microsoft Defender for Office 365"
MAX_SUBJECTS = 16
MINUTES_OF_HOUR, MINUTES_OF_DAY = HOUR // MINUTE, DAY // MINUTE
NO_MINUTE = 0, 0, 0
CLOSING = frozenset({"alertupdated"})
"""Operations that tell what became of an alert that was told before."""


class SuspiciousSendingPatterns(Detector):
    """Suspicious sending patterns."""

    risk_event_type = "suspiciousSendingPatterns"
    title = "Suspicious sending patterns"
    title_ja = "不審な送信パターン"
    scope = "user"
    watches = (ProductAlert, MailSent)
    attack = ("T1534", "T1566")
    family = "mail"
    tips = (
        "Stop the mail: block the account from sending until the person has a new password.",
        "Look for inbox rules that were made just before, which hide the answers.",
        "Warn those who got the mail; look for recipients within the organisation first.",
        "Lift a restriction only after the reset. A newsletter belongs among the bulk senders.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Which alerts are meant, and what a burst is."""

        titles: tuple[str, ...] = (
            r"suspicious email sending patterns detected",
            r"user restricted from sending email",
            r"user (was )?restricted from sending (any )?e-?mails?( outside the organization)?",
            r"email sending limit exceeded",
        )
        """Regular expressions for whole titles (Splunk, Sigma, Elastic)."""
        burst_recipients: int = 100
        """Recipients within an hour that are a burst; a mail counts at least one."""
        times_busiest: float = 2.0
        """How many times the person's busiest hour so far a burst must reach; ours."""
        bulk_senders: tuple[str, ...] = ()
        """Principal names that send newsletters for a living."""

    class State(KeyedState):
        """Bounded: the minutes of the last hour, its subjects, and the busiest hour so far."""

        minutes: list[tuple[int, int, int]] = []
        """(minute, mails, recipients)"""
        subjects: dict[str, int] = {}
        busiest: int = 0
        today: int = 0
        """The busiest hour of the day that is not over."""
        day: int = 0
        told: int = 0
        """Recipients when the present burst was told, 0 while there is none."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self._many = self.settings.burst_recipients

    def observe(self, event: ProductAlert | MailSent, state: State, facts: Facts) -> Answer:
        """Defender's verdict, or a burst of our own counting."""
        if isinstance(event, MailSent):
            if event.actor != "user":
                return None
            total = _count(event, state)
            if total >= self._many:
                return self._sent(event, total, state, facts)
            if state.told:
                state.told = 0
            return None
        if not alerts.is_titled(event, self.settings.titles) or not alerts.is_open(event):
            return None
        if event.operation.casefold() in CLOSING or self._is_bulk(event.user_principal_name):
            return None
        return alerts.found(event, RiskLevel.MEDIUM, "its mailbox sends suspicious mail")

    def _is_bulk(self, name: str) -> bool:
        return name in {each.casefold() for each in self.settings.bulk_senders}

    def _sent(self, event: MailSent, total: int, state: State, facts: Facts) -> Answer:
        if total < self.settings.times_busiest * state.busiest or total < 2 * state.told:
            return None
        place = new_place(event, facts)
        risky = facts.person.risk_before(event.time, DAY)
        if not (place or risky) or self._is_bulk(event.user_principal_name):
            return None
        state.told = total
        return self._burst(event, total, state, place, risky)

    def _burst(self, event: MailSent, total: int, state: State, place: Check, risky: int) -> Answer:
        weighing = Weighing(RiskLevel.MEDIUM, "a burst of mail that is not the person's own")
        weighing.looked_at(place, "needed")
        since = f"a detection of {words.clock(risky)} is open" if risky else "nothing is open"
        weighing.looked_at(Check("risk", "at risk before", bool(risky), since), "needed")
        mails = sum(mails for _, mails, _ in state.minutes)
        equal = max(state.subjects.values(), default=0)
        same = f"{words.many(equal, 'mail')} with the same subject" if equal > 1 else ""
        return weighing.result(
            headline=(
                f"{words.who(event)} sent {words.many(mails, 'mail')} to {total} recipients within "
                f"an hour up to {words.clock(event.time)}, from {words.place(event.location)} "
                f"({event.ip_address or 'no address'})"
            ),
            about=activity_of(event),
            evidence=(
                Evidence(
                    label="Recipients within an hour",
                    observed=f"{total} of {words.many(mails, 'mail')}; {same or 'subjects differ'}",
                    baseline=f"at most {state.busiest} in any hour of earlier days",
                    weight=0.6,
                    event_ids=(event.id,),
                ),
                Evidence(
                    label="Where it was sent from",
                    observed=place.reason,
                    baseline=since,
                    weight=0.4,
                    event_ids=(event.id,),
                ),
            ),
            thresholds=(
                threshold("burst_recipients", self.settings.burst_recipients, total, "ours"),
                threshold("times_busiest", self.settings.times_busiest, total, "ours"),
            ),
            what_would_change=(
                "bulk_senders: mailboxes that send newsletters.",
                "From the person's own network, and without an open risk, it is a newsletter.",
            ),
        )

    examples = (
        Example(
            name="Defender for Office 365 says so",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "Suspicious email sending patterns detected",
                    OFFICE,
                )
            ],
        ),
        Example(
            name="a hundred equal mails from a rented server",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                *habits("alice", TOKYO),
                *(
                    does(
                        MailSent,
                        "alice",
                        HOSTING,
                        at("2026-03-02 09:00") + number * 1000,
                        STRANGER,
                        operation="Send",
                        subject_hash="5ca1ab1e",
                        recipients=2,
                    )
                    for number in range(60)
                ),
            ],
        ),
        Example(
            name="a newsletter from the office",
            fires=False,
            events=[
                *habits("alice", HQ),
                *(
                    does(
                        MailSent,
                        "alice",
                        HQ,
                        at("2026-03-02 09:00") + number * MINUTE // 10,
                        STRANGER,
                        operation="Send",
                        subject_hash="5ca1ab1e",
                        recipients=2,
                    )
                    for number in range(120)
                ),
            ],
        ),
    )


def _count(event: MailSent, state: SuspiciousSendingPatterns.State) -> int:
    """Count the mail; the recipients of the hour that ends with it."""
    minute, minutes = event.time // MINUTE, state.minutes
    recipients, subject = event.recipients, event.subject_hash
    if recipients < 1:  # noqa: PLR1730  # seldom
        recipients = 1
    day = minute // MINUTES_OF_DAY
    if day > state.day:
        state.busiest = max(state.busiest, state.today)
        state.day, state.today = day, 0
    last, mails, told = minutes[-1] if minutes else NO_MINUTE
    oldest = minute - MINUTES_OF_HOUR
    if last <= oldest:  # the first mail for an hour, as most are
        minutes = state.minutes = [(minute, 1, recipients)]
        state.subjects = {subject: 1} if subject else {}
        total = recipients
    else:
        if last >= minute:
            minutes[-1] = (last, mails + 1, told + recipients)
        else:
            minutes.append((minute, 1, recipients))
            while minutes[0][0] <= oldest:  # they are in order
                del minutes[0]
        total = sum([each[2] for each in minutes])
        subjects = state.subjects
        if subject and (subject in subjects or len(subjects) < MAX_SUBJECTS):
            subjects[subject] = subjects.get(subject, 0) + 1
    if total > state.today and not state.told:
        state.today = total
    return total
