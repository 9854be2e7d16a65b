"""Microsoft has switched an application off because it broke the terms of service.

The directory's audit says so as a change of `disabledByMicrosoftStatus`. Whoever has let it in was
a victim of it.
"""

from risktui.detect import (
    DAY,
    Answer,
    Detector,
    DirectoryChange,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    Weighing,
    activity_of,
    words,
)
from risktui.detect.examples import changes

PROPERTY = "disabledbymicrosoftstatus"
OFF = "disabledduetoviolation"


class MaliciousApplication(Detector):
    """Malicious application."""

    risk_event_type = "maliciousApplication"
    title = "Malicious application"
    title_ja = "悪意のあるアプリケーション"
    key = "principal"
    scope = "user"
    watches = (DirectoryChange,)
    attack = ("T1528",)
    family = "directory"
    cooldown = 30 * DAY
    tips = (
        "Remove the application, and the permissions that people have given it.",
        "Look at what it has read: mail, files, the directory.",
        "Look for those who let it in, and for the mail that asked them to.",
    )

    def observe(self, event: DirectoryChange, state: KeyedState, facts: Facts) -> Answer:
        """Take Microsoft's word for it."""
        said = next(
            (new for what, _, new in event.changes if what.casefold() == PROPERTY), ""
        ).casefold()
        if not event.succeeded or not said.strip('[]"').startswith(OFF):
            return None
        weighing = Weighing(RiskLevel.HIGH, "Microsoft has switched it off")
        return weighing.result(
            headline=f"{words.who(event)} was switched off by Microsoft at "
            f"{words.clock(event.time)}: it broke the terms of service",
            about=activity_of(event),
            evidence=(
                Evidence(
                    label="disabledByMicrosoftStatus",
                    observed=said,
                    baseline="NotDisabled",
                    weight=1,
                    event_ids=(event.id,),
                ),
            ),
            what_would_change=("Only Microsoft can switch it on again.",),
        )

    examples = (
        Example(
            name="switched off",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                changes(
                    "erin",
                    None,
                    "2026-03-02 09:00",
                    "Update service principal",
                    target_ids=("sp-viewer",),
                    target_names=("Doc Viewer",),
                    target_types=("ServicePrincipal",),
                    changes=(
                        (
                            "DisabledByMicrosoftStatus",
                            "NotDisabled",
                            "DisabledDueToViolationOfServicesAgreement",
                        ),
                    ),
                )
            ],
        ),
        Example(
            name="another name",
            fires=False,
            events=[
                changes(
                    "erin",
                    None,
                    "2026-03-02 09:00",
                    "Update service principal",
                    target_ids=("sp-viewer",),
                    target_names=("Doc Viewer",),
                    target_types=("ServicePrincipal",),
                    changes=(("DisplayName", "Doc Viewer", "Document Viewer"),),
                )
            ],
        ),
    )
