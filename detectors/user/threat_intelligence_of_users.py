"""Known attacks that take several steps, of which each alone may be ordinary.

A strange sign-in, a rule that hides mail, a burst of mail: together that is fraud by business mail.
Every pattern has a number, and all its steps must come within a day and in their order.
"""

from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    MINUTE,
    Activity,
    Answer,
    ApiCall,
    Check,
    Detector,
    DirectoryChange,
    Event,
    Evidence,
    Example,
    Facts,
    FileAccess,
    MailboxRule,
    MailSent,
    PasswordChange,
    Recent,
    RiskLevel,
    SignIn,
    Weighing,
    activity_of,
    graph_paths,
    is_new_place,
    known_attacks,
    new_place,
    own_program,
    steps,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOKYO, at, habits, signs_in

BROKER = "29d9ed98-a469-4536-ade2-f981bc1d605e"
"""Microsoft Authentication Broker: what registers devices."""
REGISTERS = ("register device", "add device", "add registered owner to device")
MAIL_SCOPES = ("mail.", "offline_access", "ews.accessasuser", "mailboxsettings.")
GRANTS = ("consent to application", "add delegated permission grant", "add app role assignment")
SECRETS = (
    "add service principal credentials",
    "update application - certificates and secrets management",
)
REPLICATES = "directory services replication"
SYNCHRONISES = ("msol_", "aad_", "sync_", "adsync")
"""Beginnings of the accounts of directory synchronisation, which replicate all day."""
BY_APPLICATION = "client=rest"
"""How mailbox audit calls a client that is an application at its programming interface."""
REFUSED = frozenset({"denied", "unanswered", "fraud"})
MAX_PROMPTS = 32
MAX_MAILS = 128
FOLLOWING = frozenset({MailSent, MailboxRule, FileAccess})
"""What is never the first step of a pattern."""


class ThreatIntelligenceOfUsers(Detector):
    """Microsoft Entra threat intelligence (user)."""

    risk_event_type = "investigationsThreatIntelligence"
    name = "investigationsThreatIntelligenceUser"
    title = "Microsoft Entra threat intelligence (user)"
    title_ja = "Microsoft Entra の脅威インテリジェンス (ユーザー)"
    scope = "user"
    watches = (
        SignIn,
        MailboxRule,
        MailSent,
        DirectoryChange,
        PasswordChange,
        ApiCall,
        FileAccess,
    )
    attack = ("T1078.004",)
    premium = False
    tips = (
        "Treat all steps as one attack, the first included: revoke sessions, reset the password.",
        "Remove what was added: rules, devices, MFA methods, consents.",
        "Look for the same steps among other people, and for mail that was sent to them.",
        "Days on which a newcomer sets up phone and laptop look alike: ask before confirming.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """The numbers within the patterns."""

        disabled: tuple[str, ...] = ()
        """Numbers of patterns that are not to be used."""
        burst_mails: int = 50
        """Mails within ten minutes (TI_RU_9101)."""
        prompts: int = 10
        """Refused prompts within ten minutes (TI_RU_9107; Splunk)."""
        method_minutes: int = 120
        """So long after a risky sign-in a new MFA method belongs to it (TI_RU_9103)."""
        learning_days: int = 5
        """Until somebody is known so long, nothing is strange of them (as unfamiliarFeatures)."""
        device_minutes: int = 5
        """So long after a detection a new device belongs to it (TI_RU_9104)."""

    class State(steps.Attacks):
        """Bounded: one progress for each pattern, prompts and mails of ten minutes."""

        prompts: list[tuple[int, str]] = []
        mails: list[int] = []
        readers: Recent = msgspec.field(default_factory=lambda: Recent(16))
        """Applications that have read mail by Graph."""
        replicated: Activity | None = None
        """When the person's account last replicated the secrets of the directory on premises."""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        self._learning = int(self.settings.learning_days) * DAY

    def observe(self, event: Event, state: State, facts: Facts) -> Answer:
        """Take the event as a step of whatever pattern it fits."""
        if not state.progress:
            if type(event) in FOLLOWING:
                return None  # later steps alone: nearly always
        else:
            state.forget(event)
        if type(event) is SignIn:
            return self._signed_in(event, state, facts) if event.actor == "user" else None
        if type(event) is ApiCall:
            return self._called(event, state, facts) if event.actor == "user" else None
        if not event.by_the_person:
            return None
        if isinstance(event, MailSent):
            return self._sent(event, state, facts)
        if isinstance(event, MailboxRule):
            return self._rule_made(event, state, facts)
        if isinstance(event, FileAccess):
            return self._read(event, state, facts)
        if isinstance(event, PasswordChange):
            reset = event.how == "self-service reset" and event.succeeded
            if reset and is_new_place(event, facts):
                state.begin("TI_RU_9106", event)
            return None
        return self._changed(event, state, facts) if isinstance(event, DirectoryChange) else None

    def _signed_in(self, event: SignIn, state: State, facts: Facts) -> Answer:
        if event.mfa in REFUSED:
            recent = [each for each in state.prompts if event.time - each[0] <= 10 * MINUTE]
            state.prompts = [*recent, (event.time, event.id)][-MAX_PROMPTS:]
        if event.result != "success":
            return None
        if event.mfa == "fresh" and len(state.prompts) >= self.settings.prompts:
            near = [each for each in state.prompts if event.time - each[0] <= 10 * MINUTE]
            if len(near) >= self.settings.prompts:
                state.prompts = []
                return self._found("TI_RU_9107", event, state, facts, refused=near)
        if state.progress and (number := _completed(event, state, facts)):
            return self._found(number, event, state, facts)
        if event.authentication_protocol == "deviceCode" and event.app_id == BROKER:
            state.begin("TI_RU_9102", event)
        first = (facts.profile or facts.person).first_seen
        settled = first and event.time - first >= self._learning
        if settled and is_new_place(event, facts):
            for number in ("TI_RU_9101", "TI_RU_9103"):
                if state.steps(number) <= 1:
                    state.begin(number, event)
        return None

    def _rule_made(self, event: MailboxRule, state: State, facts: Facts) -> Answer:
        hides = event.delete_message or bool(event.forward_to) or bool(event.move_to_folder)
        set_now = event.succeeded and event.action in {"set", "enabled"}
        if state.steps("TI_RU_9101") == 1 and hides and set_now:
            first = state.progress["TI_RU_9101"].steps[0]
            theirs = event.ip_address in {"", first.ip_address} or is_new_place(event, facts)
            if theirs:
                state.go_on("TI_RU_9101", event)
                state.mails = []
        return None

    def _sent(self, event: MailSent, state: State, facts: Facts) -> Answer:
        if state.steps("TI_RU_9101") != 2:
            return None
        recent = [time for time in state.mails if event.time - time <= 10 * MINUTE]
        state.mails = [*recent, event.time][-MAX_MAILS:]
        if len(state.mails) < self.settings.burst_mails:
            return None
        return self._found("TI_RU_9101", event, state, facts)

    def _called(self, event: ApiCall, state: State, facts: Facts) -> Answer:
        if not _asks_for_mail(event.request_uri):
            return None
        reader = state.readers.get(event.app_id)
        if reader is not None:
            reader.last = max(reader.last, event.time)  # how often does not matter
            return None
        if state.steps("TI_RU_9108") == 2:
            return self._found("TI_RU_9108", event, state, facts)
        if state.steps("TI_RU_9105") == 1:
            return self._found("TI_RU_9105", event, state, facts)
        state.readers.add(event.app_id, event.time)
        return None

    def _read(self, event: FileAccess, state: State, facts: Facts) -> Answer:
        if state.steps("TI_RU_9108") != 2:
            return None
        if not event.client.user_agent.casefold().startswith(BY_APPLICATION):
            return None
        return self._found("TI_RU_9108", event, state, facts)

    def _prepared(self, event: DirectoryChange, name: str, state: State, facts: Facts) -> None:
        """A permission or a secret, by a script or from a strange place; both are needed."""
        if event.ip_address and not is_new_place(event, facts):
            return
        before = state.progress.get("TI_RU_9108")
        if before is None:
            state.begin("TI_RU_9108", event)
            return
        had_secret = [act.operation.casefold().startswith(SECRETS) for act in before.steps]
        if len(had_secret) == 1 and had_secret[0] is not name.startswith(SECRETS):
            state.go_on("TI_RU_9108", event)

    def _changed(self, event: DirectoryChange, state: State, facts: Facts) -> Answer:
        name = event.operation.casefold()
        if not event.succeeded:
            return None
        if name.startswith("user registered"):
            first = state.progress.get("TI_RU_9103")
            within = self.settings.method_minutes * MINUTE
            soon = first is not None and event.time - first.steps[0].time <= within
            if soon and state.steps("TI_RU_9103") == 1 and is_new_place(event, facts):
                state.go_on("TI_RU_9103", event)
        elif name.startswith(REGISTERS):
            if state.steps("TI_RU_9102") == 1:
                state.go_on("TI_RU_9102", event)
            if facts.person.risk_before(event.time, self.settings.device_minutes * MINUTE):
                return self._found("TI_RU_9104", event, state, facts)
        elif name.startswith(GRANTS):
            said = " ".join(new.casefold() for _, _, new in event.changes)
            if any(scope in said for scope in MAIL_SCOPES):
                if name.startswith("consent to application") and is_new_place(event, facts):
                    state.begin("TI_RU_9105", event)
                self._prepared(event, name, state, facts)
        elif name.startswith(SECRETS):
            self._prepared(event, name, state, facts)
        elif name == REPLICATES and not words.who(event).startswith(SYNCHRONISES):
            state.replicated = activity_of(event)
        return None

    def _found(
        self,
        number: str,
        event: Event,
        state: State,
        facts: Facts,
        *,
        refused: list[tuple[int, str]] | None = None,
    ) -> Answer:
        before = state.progress.pop(number, None)
        if number in self.settings.disabled:
            return None
        attack, taken = known_attacks.ATTACKS[number], before.steps if before is not None else []
        weighing = Weighing(attack.level, f"{number} {attack.title}")
        place = new_place(event, facts)
        weighing.looked_at(place, "told: the last step's place decides nothing")
        reason = f"a second factor does not answer {number}"
        weighing.looked_at(Check("M3", "fresh MFA", False, reason))
        if number == "TI_RU_9108":
            taken = _with_replication(event, taken, state.replicated, weighing)
        acts = [*taken, activity_of(event)]
        lines = [steps.evidence_of(at_step, act) for at_step, act in enumerate(acts, 1)]
        if refused:
            ids = tuple(event_id for _, event_id in refused[-16:])
            text = (
                f"{words.many(len(refused), 'prompt')} refused since {words.clock(refused[0][0])}"
            )
            lines.insert(0, Evidence(label="Before", observed=text, weight=1, event_ids=ids))
        if number == "TI_RU_9104":
            when = facts.person.risk_before(event.time, self.settings.device_minutes * MINUTE)
            text = f"a detection of {words.clock(when)} was open"
            lines.insert(0, Evidence(label="Before", observed=text, weight=1))
        return weighing.result(
            headline=(
                f"{words.who(event)}: {attack.title}, up to {words.clock(event.time)} from "
                f"{event.ip_address or 'an unknown address'} ({number})"
            ),
            about=activity_of(event),
            related=tuple(taken),
            evidence=tuple(lines),
            risk_reasons=(attack.source, *attack.techniques),
            what_would_change=(
                f"disabled with {number}: the pattern is not used.",
                "Any step missing, in another order, or more than a day later.",
            ),
            cooldown_key=number,
        )

    examples = (
        Example(
            name="twelve prompts refused, then one accepted",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                *(
                    signs_in(
                        "alice",
                        LAGOS,
                        at("2026-03-02 09:00") + number * 30_000,
                        STRANGER,
                        error_code=500121,
                        mfa="denied",
                    )
                    for number in range(12)
                ),
                signs_in("alice", LAGOS, "2026-03-02 09:07", STRANGER, mfa="fresh"),
            ],
        ),
        Example(
            name="three prompts refused by mistake",
            fires=False,
            events=[
                *habits("alice", HQ),
                *(
                    signs_in(
                        "alice",
                        HQ,
                        at("2026-03-02 09:00") + number * 30_000,
                        error_code=500121,
                        mfa="denied",
                    )
                    for number in range(3)
                ),
                signs_in("alice", HQ, "2026-03-02 09:03", mfa="fresh"),
            ],
        ),
    )


def _completed(event: SignIn, state: ThreatIntelligenceOfUsers.State, facts: Facts) -> str:
    """The number of the pattern whose last step the sign-in is, "" where there is none."""
    primary = event.incoming_token_type.casefold() == "primaryrefreshtoken"
    if primary and state.steps("TI_RU_9102") == 2 and not facts.person.knows_device(event):
        return "TI_RU_9102"
    for number, needed in (("TI_RU_9103", 2), ("TI_RU_9106", 1)):
        before = state.progress.get(number)
        if before is None or len(before.steps) != needed or own_program(event, facts):
            continue
        if before.steps[-1].ip_address == event.ip_address:
            return number
    return ""


def _asks_for_mail(uri: str) -> bool:
    path = uri.lower()
    if "mail" not in path and "messages" not in path:
        return False  # without a look at every segment
    return graph_paths.target_of(uri).kind == "mailbox"


def _with_replication(
    event: Event, taken: list[Activity], replicated: Activity | None, weighing: Weighing
) -> list[Activity]:
    """Whoever has replicated the directory on premises holds its keys, and signs tokens."""
    before = replicated is not None and 0 <= event.time - replicated.time <= DAY
    reason = words.clock(replicated.time) if before and replicated else "not within a day before"
    label = "directory replicated by a person's account"
    weighing.up(Check("T1003.006", label, before, reason))
    return [replicated, *taken] if before and replicated else taken
