"""Somebody reaches for a person's Primary Refresh Token, as Defender for Endpoint has seen.

The token signs in to everything without a password. Nothing softens this: a trusted network or a
known device is where it is stolen. Where only the processes of a device are there to be read, the
program that hands out tokens, started by something that is no browser, is suspected.
"""

import re

import msgspec

from risktui.detect import (
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    ProductAlert,
    RiskLevel,
    Weighing,
    activity_of,
    alerts,
    words,
)
from risktui.detect.examples import alerted

DEFENDER = "Microsoft Defender for Endpoint"
PROCESSES = "DeviceProcessEvents"
STARTED = re.compile(r"(?P<program>.+?) started by (?P<parent>[^:]*): ?(?P<command>.*)", re.DOTALL)


class AttemptedPrtAccess(Detector):
    """Possible attempt to access Primary Refresh Token (PRT)."""

    risk_event_type = "attemptedPrtAccess"
    title = "Possible attempt to access Primary Refresh Token (PRT)"
    title_ja = "プライマリ更新トークン (PRT) へのアクセス試行の可能性"
    scope = "user"
    watches = (ProductAlert,)
    attack = ("T1528", "T1003")
    family = "endpoint"
    tips = (
        "Take the device off the network: whoever asked for the token has code running on it.",
        "Revoke all sessions and reset the password; a new password alone leaves the token valid.",
        "Look for devices that were registered in the person's name afterwards, and for sign-ins "
        "with a primary refresh token from other devices.",
        "Tests of endpoint protection and tools of administrators do the same: ask who was at it.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Which alerts are meant."""

        titles: tuple[str, ...] = (
            r"(possible )?attempt to access (the )?primary refresh token( \(prt\))?",
        )
        """Regular expressions for whole titles (Defender's names, old and new)."""

    def observe(self, event: ProductAlert, state: KeyedState, facts: Facts) -> Answer:
        """Take Defender's word for it; its other alerts are none of this detector's business."""
        if not alerts.is_titled(event, self.settings.titles) or not alerts.is_open(event):
            return None
        return alerts.found(
            event, RiskLevel.HIGH, "somebody tried to take the primary refresh token"
        )

    examples = (
        Example(
            name="Defender for Endpoint saw it",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "Possible attempt to access Primary Refresh Token (PRT)",
                    "Microsoft Defender for Endpoint",
                )
            ],
        ),
        Example(
            name="another theft of credentials",
            fires=False,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "Mimikatz credential theft tool",
                    "Microsoft Defender for Endpoint",
                )
            ],
        ),
    )


class PrtAccessSuspected(Detector):
    """Suspected attempt to access Primary Refresh Token (PRT)."""

    risk_event_type = "x_prtAccessSuspected"
    title = "Suspected attempt to access Primary Refresh Token (PRT)"
    title_ja = "プライマリ更新トークン (PRT) へのアクセスの疑い"
    scope = "user"
    watches = (ProductAlert,)
    attack = ("T1528", "T1003")
    premium = False
    family = "endpoint"
    tips = (
        "Look at the process tree on the device: what started it, and who was at the keyboard?",
        "If nobody can tell, take the device off the network and revoke all sessions.",
        "Add programs of your own that sign in by BrowserCore to `browsers`.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Who may start the program that hands out tokens."""

        browsers: tuple[str, ...] = (
            "chrome.exe",
            "msedge.exe",
            "firefox.exe",
            "brave.exe",
            "opera.exe",
            "vivaldi.exe",
            "cmd.exe",
        )
        """Programs that start BrowserCore for their user; Chrome and Firefox do so by cmd.exe
        (card U07, AADInternals)."""

    def observe(self, event: ProductAlert, state: KeyedState, facts: Facts) -> Answer:
        """Ask who has started it; an alert of Defender's own is another detector's business."""
        started = STARTED.match(event.title) if event.category == PROCESSES else None
        if started is None:
            return None
        program, parent, command = started.group("program", "parent", "command")
        asks = program.casefold() == "browsercore.exe"
        expected = parent.casefold() in {name.casefold() for name in self.settings.browsers}
        weighing = Weighing(RiskLevel.MEDIUM, "a token was asked for, and by no browser")
        reason = f"{parent or 'nobody'} is {'' if expected else 'not '}listed"
        weighing.gate(Check("browser", "started by a browser", asks and expected, reason))
        device = words.client(event.client)
        return weighing.result(
            headline=(
                f"{program} was started by {parent or 'an unknown program'} as "
                f"{words.who(event)} at {words.clock(event.time)}: it hands out tokens"
            ),
            about=activity_of(event),
            evidence=(
                Evidence(
                    label="Process",
                    observed=f"{parent or 'unknown'} > {program}, {device}",
                    baseline="a browser starts it",
                    weight=0.6,
                    event_ids=(event.id,),
                ),
                Evidence(
                    label="Command line",
                    observed=command or "not in the record",
                    weight=0.4,
                    event_ids=(event.id,),
                ),
            ),
            what_would_change=(
                f"browsers: with {parent or 'its parent'} on the list it stays quiet.",
                "An alert of Defender for Endpoint's own would be high.",
            ),
            cooldown_key=event.client.device_id or event.client.device_name,
        )

    examples = (
        Example(
            name="BrowserCore started by PowerShell",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "browsercore.exe started by powershell.exe: browsercore.exe",
                    DEFENDER,
                    category=PROCESSES,
                )
            ],
        ),
        Example(
            name="BrowserCore started by Edge",
            fires=False,
            events=[
                alerted(
                    "alice",
                    "2026-03-02 09:00",
                    "browsercore.exe started by msedge.exe: browsercore.exe",
                    DEFENDER,
                    category=PROCESSES,
                )
            ],
        ),
    )
