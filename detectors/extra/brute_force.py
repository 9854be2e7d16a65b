"""Many wrong passwords on one account from elsewhere, and then the right one from there.

Guessing at many accounts is a spray; this is about one. Whoever mistypes, or whose phone goes on
with an old password, does so on a machine or in a network of their own and is left alone.
"""

import msgspec

from risktui.detect import (
    DAY,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    RiskLevel,
    SignIn,
    Weighing,
    a1_hosting,
    a2_tool,
    a3_legacy,
    a_stranger,
    activity_of,
    g1_credentials,
    is_a_stranger,
    m4_shared_egress,
    m6_relay,
    settled,
    threshold,
    words,
)
from risktui.detect.examples import LAGOS, STRANGER, TOKYO, at, habits, signs_in

LOCKED = 50053
MAX_TRIES = 64
MAX_TOLD = 6
MAX_AGENT = 120


class Try(msgspec.Struct, array_like=True, frozen=True):
    """One wrong password of a stranger."""

    time: int
    id: str
    subnet: str
    agent: str


class BruteForce(Detector):
    """Brute force on one account."""

    risk_event_type = "x_bruteForce"
    title = "Brute force on one account"
    title_ja = "単一アカウントへの総当たり攻撃"
    watches = (SignIn,)
    attack = ("T1110.001", "T1078.004")
    timing = "realtime"
    premium = False
    family = "sign-in"
    tips = (
        "Reset the password at once: it is short, old, or known from elsewhere.",
        "If the sign-in was let in, revoke all sessions and look at what was done since.",
        "Look whether the same address or program has tried other people.",
        "Block basic authentication where it is not needed: most guessing goes that way.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """How many tries, and within which time."""

        tries: int = 10
        """Wrong passwords before the right one (Entra's smart lockout begins at 10)."""
        days: int = 7
        """Within so many days: patient guessers stay below the lockout (ours)."""
        many: int = 30
        """So many tries raise it by one (ours)."""
        learning_days: int = 3
        """Newcomers mistype on machines that nobody knows yet."""

    class State(KeyedState):
        """Bounded: the last tries of strangers."""

        tries: list[Try] = []
        total: int = 0
        """All of them in this run of tries, also those that are not kept any more."""

    def observe(self, event: SignIn, state: State, facts: Facts) -> Answer:
        """Count what strangers guess, and notice when one is right."""
        if event.credentials == "wrong" or event.error_code == LOCKED:
            if not is_a_stranger(event, facts):
                return None
            state.tries = self._kept(event, state)
            state.total = state.total + 1 if state.tries else 1
            state.tries.append(Try(event.time, event.id, event.network.subnet, _agent(event)))
            if len(state.tries) > 1 and state.tries[-2].time >= event.time:
                state.tries.sort(key=lambda t: (t.time, t.id))  # one that came late
            del state.tries[:-MAX_TRIES]
            return None
        tries = state.tries
        if not tries or len(tries) < self.settings.tries or not event.password_was_right:
            return None
        before = [t for t in self._kept(event, state) if t.time <= event.time]
        alike = [t for t in before if _is_alike(t, event)]
        if len(alike) < self.settings.tries:
            return None
        stranger = a_stranger(event, facts)
        if not stranger:
            return None
        total = max(len(alike), state.total) if len(alike) == len(state.tries) else len(alike)
        return self._found(event, alike, total, stranger, facts)

    def _kept(self, event: SignIn, state: State) -> list[Try]:
        """Tries within the window, and those that were logged before an event that comes late."""
        oldest = event.time - self.settings.days * DAY
        return [t for t in state.tries if t.time >= oldest]

    def _found(
        self, event: SignIn, alike: list[Try], total: int, stranger: Check, facts: Facts
    ) -> Answer:
        weighing = Weighing(RiskLevel.MEDIUM, "guessed, and guessed right")
        weighing.gate(g1_credentials(event))
        weighing.gate(m6_relay(event.network))
        weighing.gate(m4_shared_egress(event, facts))
        weighing.gate(settled(event, facts, self.settings.learning_days))
        weighing.looked_at(stranger, "needed")
        reason = f"{total} tries, {self.settings.many} are many"
        weighing.up(Check("many", "many tries", total >= self.settings.many, reason))
        weighing.up(a1_hosting(event))
        weighing.up(a2_tool(event))
        weighing.up(a3_legacy(event))
        stopped = event.result != "success"
        reason = f"stopped ({event.error_code})" if stopped else "let in"
        weighing.cap(RiskLevel.MEDIUM, Check("stopped", "not let in", stopped, reason))
        networks = len({one.subnet for one in alike})
        span = words.duration(event.time - alike[0].time)
        return weighing.result(
            headline=(
                f"{words.who(event)}: {total} wrong passwords within {span}, then the right one "
                f"from {words.place(event.location)} ({event.ip_address}), {reason}"
            ),
            about=activity_of(event),
            evidence=(
                Evidence(
                    label="Wrong passwords before",
                    observed=f"{total} from {words.many(networks, 'network')} within {span}",
                    baseline="from the person's own machines and networks they do not count",
                    weight=0.6,
                    event_ids=tuple(one.id for one in alike[-MAX_TOLD:]),
                ),
                Evidence(
                    label="The right one",
                    observed=f"{stranger.reason}; {words.client(event.client)}; {reason}",
                    baseline="the same network or program as the wrong ones",
                    weight=0.4,
                    event_ids=(event.id,),
                ),
            ),
            thresholds=(
                threshold("tries", self.settings.tries, total, "Entra's smart lockout"),
                threshold("many", self.settings.many, total, "ours"),
            ),
            what_would_change=(
                f"With fewer than {self.settings.tries} tries within {self.settings.days} days.",
                "From a machine or a network of the person's own it is a forgotten password.",
            ),
            cooldown_key=event.network.subnet or event.ip_address,
            raised_by=("A7",),
        )

    examples = (
        Example(
            name="forty guesses, the last one right",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                *(
                    signs_in(
                        "alice",
                        LAGOS,
                        at("2026-03-02 01:00") + number * 60_000,
                        STRANGER,
                        error_code=50126,
                    )
                    for number in range(40)
                ),
                signs_in("alice", LAGOS, "2026-03-02 01:50", STRANGER),
            ],
        ),
        Example(
            name="the own phone with an old password",
            fires=False,
            events=[
                *habits("alice", TOKYO),
                *(
                    signs_in(
                        "alice", TOKYO, at("2026-03-02 01:00") + number * 60_000, error_code=50126
                    )
                    for number in range(40)
                ),
                signs_in("alice", TOKYO, "2026-03-02 01:50"),
            ],
        ),
    )


def _agent(event: SignIn) -> str:
    return event.client.user_agent[:MAX_AGENT]


def _is_alike(one: Try, event: SignIn) -> bool:
    """Of one guesser: the same network, or the same program from many."""
    same_network = bool(one.subnet) and one.subnet == event.network.subnet
    return same_network or (bool(one.agent) and one.agent == _agent(event))
