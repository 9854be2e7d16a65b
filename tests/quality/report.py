"""The figures as a table for people, in the terminal and in the documentation."""

from __future__ import annotations

from collections import defaultdict

from quality.scoring import Mistake, Result, Score

TYPES = (
    *("riskyIPAddress", "adminConfirmedUserCompromised", "anomalousToken", "anonymizedIPAddress"),
    *("unlikelyTravel", "mcasImpossibleTravel", "maliciousIPAddress"),
    *("mcasFinSuspiciousFileAccess", "investigationsThreatIntelligence", "newCountry"),
    *("passwordSpray", "suspiciousBrowser", "suspiciousInboxForwarding"),
    *("mcasSuspiciousInboxManipulationRules", "tokenIssuerAnomaly", "unfamiliarFeatures"),
    *("nationStateIP", "anomalousUserActivity", "attackerinTheMiddle", "leakedCredentials"),
    *("attemptedPrtAccess", "suspiciousAPITraffic", "suspiciousSendingPatterns"),
    "userReportedSuspiciousActivity",
)
"""In the order of the catalogue; `generic` is a view of the others and has no figures."""
WITHOUT_FILE = frozenset({"adminConfirmedUserCompromised"})
"""Types that come from a verdict, not from a detector."""

HEAD = (
    "| riskEventType | attacks | found | false | precision | recall | F1 | level as expected "
    "| high that is true |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
)


def table(result: Result) -> str:
    """The figures of every type, in Markdown."""
    names = [*TYPES, *sorted(set(result.scores) - set(TYPES))]
    return HEAD + "".join(_row(name, result) for name in names)


def summary(result: Result) -> str:
    """What matters over all types, in Markdown."""
    high = _percent(result.high_true())
    return (
        f"* {len(result.seeds)} tenants, {result.events:,} events, "
        f"{result.user_days:,} user-days\n"
        f"* false alerts per 1,000 users and day: "
        f"{result.false_alerts(from_medium=True):.2f} medium or higher, "
        f"{result.false_alerts(from_medium=False):.2f} of any level\n"
        f"* detections of high level that are true: {high}\n"
    )


def errors(result: Result, most: int = 8) -> str:
    """The worst errors of each type, for whoever writes detectors."""
    by_type: dict[tuple[str, str], list[Mistake]] = defaultdict(list)
    for mistake in result.mistakes:
        if mistake.kind != "missed" or _has_detector(mistake.risk_event_type, result):
            by_type[mistake.risk_event_type, mistake.kind].append(mistake)
    parts = []
    for (name, kind), mistakes in sorted(by_type.items()):
        worst = sorted(mistakes, key=lambda m: (-_rank(m), m.seed, m.who))
        shown = f"{min(most, len(worst))} of {len(worst)}"
        parts.append(f"\n{name}, {kind} ({shown})\n")
        parts += [
            f"  seed {m.seed} {m.level:6} {m.who} ({m.story}): {m.what}\n" for m in worst[:most]
        ]
    return "".join(parts) or "no errors\n"


def _row(name: str, result: Result) -> str:
    found = result.scores.get(name, Score())
    if not _has_detector(name, result):
        return f"| {name} | {found.attacks} | no detector | | | | | | |\n"
    cells = (
        name,
        str(found.attacks),
        str(found.found),
        str(found.false),
        _percent(found.precision),
        _percent(found.recall),
        "–" if found.f1 is None else f"{found.f1:.3f}",
        _percent(found.right_level / found.found if found.found else None),
        _percent(found.high_true / found.high if found.high else None),
    )
    return f"| {' | '.join(cells)} |\n"


def _has_detector(name: str, result: Result) -> bool:
    return name in result.detectors or name in WITHOUT_FILE


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _rank(mistake: Mistake) -> int:
    return {"high": 3, "medium": 2, "low": 1}.get(mistake.level, 0)
