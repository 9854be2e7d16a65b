"""Somebody at risk has closed their own risk.

An administrator's account in other hands can dismiss what was found about it. The verdict stands;
but that it was spoken in one's own matter is a risk of its own, which a colleague has to close.
"""

import msgspec

from risktui.detect import (
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    Verdict,
    Weighing,
    activity_of,
    words,
)
from risktui.detect.examples import TOKYO, alerted, does, habits, laptop

CLOSES = {"dismiss": "dismissed", "confirmSafe": "confirmed safe"}


class SelfDismissal(Detector):
    """Own risk dismissed."""

    risk_event_type = "x_selfDismissal"
    title = "Own risk dismissed"
    title_ja = "自身のリスクの無視"
    scope = "user"
    watches = (Verdict,)
    attack = ("T1562", "T1078.004")
    timing = "realtime"
    premium = False
    family = "user report"
    tips = (
        "Have a colleague look at what was closed: the detections are all still there.",
        "Ask the person, by another way than mail, whether it was they who closed it.",
        "`risktui undo` takes the verdict back; then confirm or dismiss it as somebody else.",
        "[people] accounts says whose account an operator has, so that own matters are noticed.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Who may judge their own account."""

        exempt: tuple[str, ...] = ()
        """Principal names that may: the only administrator of a small company."""

    def observe(self, event: Verdict, state: KeyedState, facts: Facts) -> Answer:
        """Compare who speaks with whom it is about; the engine asks about accepted verdicts."""
        if event.action not in CLOSES:
            return None
        authors = {event.author.casefold(), event.author_account.casefold()} - {""}
        own = authors & {event.user_principal_name.casefold(), event.user_id.casefold()}
        if not own:
            return None
        weighing = Weighing(RiskLevel.MEDIUM, "a judgement in one's own matter")
        exempt = event.user_principal_name.casefold() in {
            name.casefold() for name in self.settings.exempt
        }
        weighing.gate(
            Check("exempt", "may judge themselves", exempt, "listed" if exempt else "not listed")
        )
        serious = facts.person.risk >= RiskLevel.MEDIUM.rank
        level = ("none", "low", "medium", "high")[facts.person.risk]
        weighing.up(
            Check("risk", "at medium or high risk before", serious, f"the level was {level}")
        )
        place = event.place or "an unknown place"
        who = words.who(event)
        return weighing.result(
            headline=(
                f"{who} {CLOSES[event.action]} their own risk ({level}) at "
                f"{words.clock(event.time)} from {place}"
            ),
            about=activity_of(event),
            evidence=(
                Evidence(
                    label="Verdict",
                    observed=f"{CLOSES[event.action]} by {event.author or 'the person'}, {place}"
                    + (f": {event.note}" if event.note else ""),
                    baseline="somebody else judges",
                    weight=0.6,
                    event_ids=(event.id,),
                ),
                Evidence(
                    label="What was closed",
                    observed=f"{event.detection_id[:12] or 'everything that was open'}, {level}",
                    weight=0.4,
                    event_ids=(event.id,),
                ),
            ),
            what_would_change=(
                "Judged by somebody else, it would have been an ordinary verdict.",
                "exempt: principal names that may judge themselves.",
            ),
            cooldown_key=event.id,
        )

    examples = (
        Example(
            name="an administrator dismisses what was found about them",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("erin", TOKYO),
                alerted(
                    "erin",
                    "2026-03-02 09:00",
                    "Unfamiliar sign-in properties",
                    "Microsoft Entra ID Protection",
                    risk_event_type="unfamiliarFeatures",
                ),
                does(
                    Verdict,
                    "erin",
                    None,
                    "2026-03-02 10:00",
                    laptop("erin"),
                    action="dismiss",
                    author="erin@contoso.com",
                ),
            ],
        ),
        Example(
            name="a colleague does",
            fires=False,
            events=[
                *habits("erin", TOKYO),
                alerted(
                    "erin",
                    "2026-03-02 09:00",
                    "Unfamiliar sign-in properties",
                    "Microsoft Entra ID Protection",
                    risk_event_type="unfamiliarFeatures",
                ),
                does(
                    Verdict,
                    "erin",
                    None,
                    "2026-03-02 10:00",
                    laptop("erin"),
                    action="dismiss",
                    author="frank@contoso.com",
                ),
            ],
        ),
    )
