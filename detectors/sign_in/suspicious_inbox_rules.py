"""Inbox rules that delete or hide mail which its owner should have seen.

Whoever works in a stolen mailbox keeps replies, warnings and invoices from its owner. A rule is
weighed by what it does, to which mail, how it is called and where it was made; one sender's mail
that goes out of the way, from the person's own network, is ordinary.
"""

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    Activity,
    Answer,
    Check,
    Detector,
    Evidence,
    Example,
    Facts,
    KeyedState,
    Line,
    MailboxRule,
    MailSent,
    Recent,
    Score,
    activity_of,
    inbox_rules,
    mailbox,
    new_place,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOKYO, habits, sets_rule

RECENT_RISK = 240 * MINUTE
MAX_RULES = 8
SIMILAR_FOR = 14 * DAY
"""Elastic's window for (person, address) pairs that made such rules before."""


class Made(msgspec.Struct, array_like=True, kw_only=True):
    """A rule of the last day, with what spoke against it."""

    name: str
    text: str
    lines: tuple[Line, ...]
    activity: Activity
    sent: int = 0


class SuspiciousInboxRules(Detector):
    """Suspicious inbox manipulation rules."""

    risk_event_type = "mcasSuspiciousInboxManipulationRules"
    title = "Suspicious inbox manipulation rules"
    title_ja = "受信トレイに対する疑わしい操作ルール"
    watches = (MailboxRule, MailSent)
    attack = ("T1564.008", "T1137.005")
    family = "mail"
    tips = (
        "Ask the person whether they made the rule. If not: confirm compromised, revoke, reset, "
        "and remove the rule.",
        "Look at what the rule has deleted or hidden so far; nothing in the log says how much.",
        "Look whom the same address has also worked for, and what was sent since.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Points for levels; the numbers are ours, the words are others'."""

        low_at: int = 40
        medium_at: int = 60
        high_at: int = 85
        keywords: tuple[str, ...] = ()
        """More words of mail that its owner should see."""
        harmless_folders: tuple[str, ...] = ()
        """Folders that may be sorted into, though the list has them."""
        burst_mails: int = 50
        """So many mails sent within the hour after: the mailbox works for somebody."""
        removed_within_hours: int = 24
        """A rule that is taken away so soon has done its work."""

    class State(KeyedState):
        """The rules of the last day, and where ordinary ones were made."""

        rules: int = 0
        made: list[Made] = []
        ordinary: Recent = msgspec.field(default_factory=lambda: Recent(8))

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__(settings)
        self._words = sorted(
            inbox_rules.KEYWORDS | {word.casefold() for word in self.settings.keywords}
        )

    def observe(self, event: MailboxRule | MailSent, state: State, facts: Facts) -> Answer:
        """Weigh a rule; or what came after one."""
        if isinstance(event, MailSent):
            return self._sent(event, state) if state.made else None
        if not event.succeeded or event.operation.casefold() == "set-mailbox":
            return None
        if event.action in {"removed", "disabled"}:
            return self._removed(event, state)
        first = not state.rules
        state.rules = min(state.rules + (event.action == "set"), 1_000)
        if not inbox_rules.hides(event):
            return None
        score = self._score(event, facts, first=first)
        weighing = score.weighing(self.settings)
        weighing.gate(_one_senders_mail(event, score))
        weighing.gate(_similar_before(event, score, state))
        level = score.level(self.settings)
        if weighing.held_back is None:
            made = Made(
                name=event.rule_name.casefold(),
                text=mailbox.in_words(event),
                lines=score.lines,
                activity=activity_of(event),
            )
            state.made = [*_lately(state, event.time), made][-MAX_RULES:]
            if not level.rank:
                state.ordinary.add(event.ip_address, event.time)
                return None
            return self._found(made, score)
        return weighing.held_back if level.rank else None

    def _removed(self, event: MailboxRule, state: State) -> Answer:
        """A rule that has done its work and is taken away."""
        window = self.settings.removed_within_hours * HOUR
        for made in state.made:
            age = event.time - made.activity.time
            if made.name == event.rule_name.casefold() and 0 <= age < window:
                reason = f"{event.operation} {words.duration(age)} later"
                return self._again(made, Check("removed", "removed again", True, reason), 10, event)
        return None

    def _sent(self, event: MailSent, state: State) -> Answer:
        """Mail that streams out while its answers are hidden (the sign of U09)."""
        made = state.made[-1]
        if not 0 <= event.time - made.activity.time <= HOUR:
            return None
        made.sent += 1
        if made.sent != self.settings.burst_mails:
            return None
        reason = f"{made.sent} mails sent within the hour after"
        return self._again(made, Check("burst", "mail streams out", True, reason), 20, event)

    def _again(
        self, made: Made, check: Check, points: int, event: MailboxRule | MailSent
    ) -> Answer:
        score = Score(made.lines)
        if score.has(check.rule):
            return None
        score.add(check, points, event_ids=(event.id,))
        made.lines = score.lines
        return self._found(made, score) if score.level(self.settings).rank else None

    def _found(self, made: Made, score: Score) -> Answer:
        about = made.activity
        where = f" in {words.place(about.location)}" if about.ip_address else ""
        return score.weighing(self.settings).result(
            headline=(
                f'The rule "{made.name}" of {words.who(about)} {made.text}; made with '
                f"{about.operation} from {about.ip_address or 'an unknown address'}{where} at "
                f"{words.clock(about.time)}"
            ),
            about=about,
            evidence=(*score.evidence(), _context(about)),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                "Confirm safe: rules of this name stay quiet for 30 days.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
                "The same from the person's own network weighs 15 less.",
            ),
            cooldown_key=made.name or about.id,
        )

    def _score(self, event: MailboxRule, facts: Facts, *, first: bool) -> Score:
        score, ids = Score(), (event.id,)
        deletes = "mail is deleted" if event.delete_message else "nothing is deleted"
        score.add(Check("delete", "deletes mail", event.delete_message, deletes), 30, event_ids=ids)
        score.add(self._folder(event), 25, event_ids=ids)
        read = "the owner sees nothing new" if event.mark_as_read else "mail stays unread"
        score.add(Check("read", "marks as read", event.mark_as_read, read), 10, event_ids=ids)
        score.add(inbox_rules.takes_everything(event), 25, event_ids=ids)
        score.add(mailbox.odd_name(event), 15, event_ids=ids)
        score.add(mailbox.strange_place(event, facts), 15, event_ids=ids)
        before = facts.person.risk_before(event.time, RECENT_RISK)
        ordinary = bool(inbox_rules.senders_of(event)) and not (
            score.has("name", "place") or before
        )
        keywords = self._keywords(event, senders_only=ordinary)
        telling = bool(keywords) or score.has("everything", "name")
        score.add(_risk(event, facts, before, telling=telling), 25)
        weight = 20 if score.has("delete", "folder", "name") else 10
        score.add(keywords, weight, event_ids=ids)
        if score.has("folder", "everything", "name", "place", "risk", "keywords"):
            self._add_small(score, event, first=first)
        return score

    def _add_small(self, score: Score, event: MailboxRule, *, first: bool) -> None:
        """What says little by itself, and is left out where nothing else speaks."""
        stops = "no other rule sees the mail" if event.stop_processing else "other rules follow"
        score.add(Check("stop", "stops other rules", event.stop_processing, stops), 5)
        short = len(event.rule_name.strip()) <= 5 and event.rule_name.isascii()
        named = short and event.is_whole and not score.has("name")
        called = f'"{event.rule_name}"' if named else "an ordinary name"
        called = "told as a name meant to be overlooked" if score.has("name") else called
        score.add(Check("short", "short name", named, called), 5)
        seen = "no rule was known before" if first else "made rules before"
        score.add(Check("first", "first rule of this person", first, seen), 5)

    def _folder(self, event: MailboxRule) -> Check:
        name = inbox_rules.folder_name(event.move_to_folder)
        listed = name in inbox_rules.UNREAD | inbox_rules.ASIDE or name.startswith("rss")
        hidden = listed and name not in {f.casefold() for f in self.settings.harmless_folders}
        kind = "which nobody opens" if name not in inbox_rules.ASIDE else "out of the way"
        reason = f"{event.move_to_folder}, {kind}" if hidden else event.move_to_folder or "no move"
        return Check("folder", "moves it where nobody looks", hidden, reason)

    def _keywords(self, event: MailboxRule, *, senders_only: bool) -> Check:
        """Words about money or warnings that the mail must have."""
        texts = list(inbox_rules.senders_of(event))
        if not senders_only:
            texts += event.keywords
            texts += [value for name, value in event.conditions if inbox_rules.asks_for_words(name)]
        asked = " | ".join(texts).casefold()
        hits = [word for word in self._words if word in asked]
        reason = f"asks for {', '.join(hits[:6])}" if hits else "no such words"
        return Check("keywords", "about money or warnings", bool(hits), reason)

    examples = (
        Example(
            name="invoices are deleted, from abroad, by a rule called .",
            fires=True,
            events=[
                *habits("alice", TOKYO),
                sets_rule(
                    "alice",
                    LAGOS,
                    "2026-03-02 09:00",
                    STRANGER,
                    rule_name=".",
                    keywords=("invoice",),
                ),
            ],
        ),
        Example(
            name="a newsletter is deleted at the office",
            fires=False,
            events=[
                *habits("alice", HQ),
                sets_rule(
                    "alice",
                    HQ,
                    "2026-03-02 09:00",
                    rule_name="shop",
                    conditions=(("From", "newsletter@shop.example"),),
                ),
            ],
        ),
        Example(
            name="a folder for a project",
            fires=False,
            events=[
                *habits("alice", HQ),
                sets_rule(
                    "alice",
                    HQ,
                    "2026-03-02 09:00",
                    rule_name="ABC",
                    delete_message=False,
                    move_to_folder="Projects/ABC",
                    conditions=(("From", "boss@contoso.com"),),
                ),
            ],
        ),
    )


def _risk(event: MailboxRule, facts: Facts, before: int, *, telling: bool) -> Check:
    """Whether the rule may be the work of whoever put the account at risk, hours before.

    The owner goes on working meanwhile: a rule made in their own network, by a session that is not
    suspect, is theirs, unless it hides what an intruder wants hidden.
    """
    label = "account at risk just before"
    if not before:
        return Check("risk", label, False, "none in the 4 h before")
    ago = words.duration(event.time - before)
    own = bool(event.ip_address) and event.by_the_person and not new_place(event, facts)
    folder = inbox_rules.folder_name(event.move_to_folder)
    unread = folder in inbox_rules.UNREAD or folder.startswith("rss")
    if own and not (telling or unread or facts.person.is_suspect(event)):
        return Check("risk", label, False, f"risk {ago} before, but from elsewhere")
    return Check("risk", label, True, f"medium or high risk {ago} before")


def _one_senders_mail(event: MailboxRule, score: Score) -> Check:
    """Mail of a named sender that bores its reader, put away from the person's own network."""
    senders = inbox_rules.senders_of(event)
    unread = inbox_rules.folder_name(event.move_to_folder) in inbox_rules.UNREAD
    quiet = bool(senders) and not unread
    quiet = quiet and not score.has("name", "place", "risk", "keywords", "everything")
    reason = f"only mail of {', '.join(senders[:3])}" if senders else "no sender is named"
    return Check("sender", "one sender's mail, own network", quiet, reason)


def _similar_before(event: MailboxRule, score: Score, state: SuspiciousInboxRules.State) -> Check:
    seen = state.ordinary.get(event.ip_address)
    lately = seen is not None and event.time - seen.last <= SIMILAR_FOR
    telling = score.has("name", "place", "risk", "keywords", "everything")
    similar = lately and not telling and score.total < 60
    reason = f"such rules were made from {event.ip_address or 'nowhere'} {words.met(seen)}"
    return Check("similar", "ordinary rules from there", similar, reason)


def _lately(state: SuspiciousInboxRules.State, time: int) -> list[Made]:
    return [made for made in state.made if time - made.activity.time <= DAY]


def _context(about: Activity) -> Evidence:
    return Evidence(
        label="Made with",
        observed=f"{about.operation}, {words.client(about.client)}, of "
        f"{words.network(about.network)}; how many mails it has hidden is not in the log",
        event_ids=(about.id,),
    )
