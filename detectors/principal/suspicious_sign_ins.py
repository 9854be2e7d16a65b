"""An application's identity signs in from where it never was, for what it never wanted.

Applications are creatures of habit: the same servers, the same resource, the same secret, for
months. Somebody who has stolen the secret comes from another network.
"""

import msgspec

from risktui.detect import (
    ANONYMISERS,
    DAY,
    Answer,
    Check,
    Detector,
    Event,
    Example,
    Facts,
    Finding,
    KeyedState,
    Recent,
    RiskLevel,
    Score,
    SignIn,
    Verdict,
    activity_of,
    m1_trusted,
    m7_first_party,
    words,
)
from risktui.detect.examples import HOSTING, LAGOS, STRANGER, Place, at, does

MAX_PENDING = 4


class Pending(msgspec.Struct, array_like=True, frozen=True):
    """What was strange and is not learnt until somebody calls it harmless."""

    time: int
    values: tuple[tuple[str, str], ...]


def _signs_in(where: Place, when: str | int, **fields: object) -> SignIn:
    """A backup program's identity signs in."""
    who = {
        "actor": "servicePrincipal",
        "user_id": "",
        "user_principal_name": "",
        "user_type": "",
        "service_principal_id": "sp-backup",
        "service_principal_name": "Backup",
        "app_id": "app-backup",
        "resource_display_name": "Microsoft Graph",
        "credentials": "none",
        "is_interactive": False,
    }
    return does(SignIn, "backup", where, when, STRANGER, **(who | fields))


def _every_six_hours(days: int = 20) -> list[Event]:
    begin = at("2026-02-10 00:00")
    return [_signs_in(HOSTING, begin + number * DAY // 4) for number in range(days * 4)]


class SuspiciousSignIns(Detector):
    """Suspicious sign-ins (service principal)."""

    risk_event_type = "suspiciousSignins"
    title = "Suspicious sign-ins"
    title_ja = "不審なサインイン (サービス プリンシパル)"
    key = "principal"
    scope = "user"
    watches = (SignIn, Verdict)
    attack = ("T1078.004", "T1550.001")
    family = "sign-in"
    ttl = 120 * DAY
    tips = (
        "Ask who runs the application whether it has moved to another network or provider.",
        "If not: remove the secret or certificate that was used, and look for others that were "
        "added lately.",
        "Look in Graph's activity log at what the application has done since.",
        "Conditional Access for workload identities can hold it to its networks.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Points for levels, and how long is learnt."""

        low_at: int = 40
        medium_at: int = 60
        high_at: int = 85
        learning_days: int = 7
        """Microsoft learns for 2 to 60 days."""
        learning_sign_ins: int = 20
        """And so many sign-ins."""

    class State(KeyedState):
        """Bounded: where it comes from, with what, for what."""

        first: int = 0
        sign_ins: int = 0
        known: dict[str, Recent] = {}
        pending: list[Pending] = []

    def observe(self, event: SignIn | Verdict, state: State, facts: Facts) -> Answer:
        """Compare a success with all there were."""
        if isinstance(event, Verdict):
            _settle(event, state)
            return None
        if event.result != "success" or not event.ip_address:
            return None
        values = _values_of(event)
        news = {name for name, value in values if value not in state.known.get(name, ())}
        if not news:
            _learn(values, event, state)
            return None
        days = (event.time - state.first) / DAY if state.first else 0.0
        settled = days >= self.settings.learning_days
        settled = settled and state.sign_ins >= self.settings.learning_sign_ins
        answer = self._judge(event, state, news, days) if settled and "network" in news else None
        serious = isinstance(answer, Finding) and answer.risk_level.rank >= RiskLevel.MEDIUM.rank
        if serious:
            state.pending = [*state.pending, Pending(event.time, values)][-MAX_PENDING:]
        else:
            _learn(values, event, state)
        return answer

    def _judge(self, event: SignIn, state: State, news: set[str], days: float) -> Answer:
        score, ids = Score(), (event.id,)
        usual = f"{state.sign_ins} sign-ins in {days:.0f} days"
        for name, label, points, shown in (
            ("network", "new network", 25, words.network(event.network)),
            ("country", "new country", 25, words.place(event.location)),
            ("kind", "another kind of network", 15, event.network.kind or "unknown"),
            ("resource", "new resource", 15, event.resource_display_name),
            ("program", "new program", 15, event.client.user_agent[:80] or "none"),
            ("credential", "another secret or certificate", 15, event.credential_key_id[:12]),
        ):
            before = ", ".join(list(state.known.get(name, ()))[:3]) or "nothing"
            check = Check(name, label, name in news, f"{shown}; before {before[:120]}")
            score.add(check, points, baseline=usual, event_ids=ids)
        hidden = next((tag for tag in ANONYMISERS if tag in event.network.tags), "")
        check = Check("hidden", "hides who uses it", bool(hidden), hidden or "no list has it")
        score.add(check, 30, event_ids=ids)
        if not score.level(self.settings).rank:
            return None
        weighing = score.weighing(self.settings)
        weighing.gate(m7_first_party(event.network))
        weighing.gate(m1_trusted(event))
        return weighing.result(
            headline=(
                f"{words.who(event)} signed in from {words.place(event.location)} "
                f"({event.ip_address}, {words.network(event.network)}) at "
                f"{words.clock(event.time)}, where it never was"
            ),
            about=activity_of(event),
            evidence=score.evidence(),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                "Dismiss it: the network and the rest are known from then on.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
            ),
            cooldown_key=str(event.network.asn or event.ip_address),
        )

    examples = (
        Example(
            name="the secret is used in Lagos",
            fires=True,
            level=RiskLevel.MEDIUM,
            events=[*_every_six_hours(), _signs_in(LAGOS, "2026-03-02 09:00")],
        ),
        Example(
            name="from its server, as ever",
            fires=False,
            events=[*_every_six_hours(), _signs_in(HOSTING, "2026-03-02 09:00")],
        ),
    )


def _values_of(event: SignIn) -> tuple[tuple[str, str], ...]:
    network = event.network
    values = (
        ("network", str(network.asn) if network.asn else network.prefix or event.ip_address),
        ("country", event.location.country_or_region),
        ("kind", network.kind),
        ("resource", event.resource_display_name or event.resource_id),
        ("program", event.client.user_agent[:80]),
        ("credential", event.credential_key_id),
    )
    return tuple((name, value) for name, value in values if value)


def _learn(
    values: tuple[tuple[str, str], ...], event: SignIn, state: SuspiciousSignIns.State
) -> None:
    state.first = min(state.first or event.time, event.time)
    state.sign_ins += 1
    for name, value in values:
        if name not in state.known:
            state.known[name] = Recent(16)
        state.known[name].add(value, event.time)


def _settle(event: Verdict, state: SuspiciousSignIns.State) -> None:
    """Called harmless: what was strange is known from now on."""
    if event.action == "dismiss":
        for pending in state.pending:
            for name, value in pending.values:
                if name not in state.known:
                    state.known[name] = Recent(16)
                state.known[name].add(value, pending.time)
    state.pending = []
