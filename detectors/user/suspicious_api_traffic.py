"""Somebody walks through the directory by Microsoft Graph, out of the person's pattern.

Roles, groups, mailboxes, applications, policies, all within a minute, are what an intruder asks for
to find the way. A report that runs every morning asks for the same few lists in the same program.
"""

from functools import lru_cache
from typing import Any

import msgspec

from risktui.detect import (
    DAY,
    HOUR,
    MINUTE,
    Answer,
    ApiCall,
    Check,
    Detector,
    DirectoryChange,
    Evidence,
    Example,
    Facts,
    KeyedState,
    Marks,
    Recent,
    RiskLevel,
    Score,
    a2_tool,
    activity_of,
    graph_paths,
    is_tool,
    new_place,
    words,
)
from risktui.detect.examples import HQ, LAGOS, STRANGER, TOKYO, at, calls, habits, laptop

MAX_APPS = 5
MAX_RING = 64
WHILE = 2 * MINUTE
"""How long a call stays in the ring."""
MANY = 20
"""Among more calls than this the share of those that were refused tells something."""
LEAST_PATHS = 300
"""In however small an organisation: three hundred objects are more than anybody looks at."""
READS = frozenset({"GET", "HEAD", ""})
HOUNDS = ("hound", "aadinternals", "roadtools")
"""Tools that are made for nothing else."""


class Call(msgspec.Struct, array_like=True, frozen=True):
    """One call, in brief."""

    time: int
    kind: str
    failed: bool
    path: int
    """A mark of its path."""


class Use(msgspec.Struct, array_like=True, kw_only=True):
    """How one application called on the person's behalf."""

    ring: list[Call] = []
    """The last telling calls, of two minutes at the most."""
    hour: int = 0
    """When the present hour began (ms)."""
    count: int = 0
    paging: int = 0
    fresh: int = 0
    """Paths of the hour that were not asked for in it before."""
    kinds: dict[str, int] = {}
    paths: Marks = msgspec.field(default_factory=lambda: Marks(512))
    hours: int = 0
    mean: float = 0.0
    variance: float = 0.0
    told: int = 0
    told_rank: int = 0
    ring_since: int = 0
    """The time of the oldest call in the ring (ms)."""


class SuspiciousApiTraffic(Detector):
    """Suspicious API traffic."""

    risk_event_type = "suspiciousAPITraffic"
    title = "Suspicious API Traffic"
    title_ja = "疑わしい API トラフィック"
    scope = "user"
    watches = (ApiCall, DirectoryChange)
    attack = ("T1087.004", "T1069.003", "T1526")
    family = "directory"
    tips = (
        "Who is the application, and does the person administer or develop anything?",
        "Look at what was read: roles, mailboxes and policies tell what comes next.",
        "If nobody knows of it: revoke the sessions, remove the application's consent, reset.",
        "A script of your own belongs among the known applications, with its own account.",
    )

    class Settings(msgspec.Struct, frozen=True):
        """Points for levels, and the numbers of the card."""

        low_at: int = 40
        medium_at: int = 70
        high_at: int = 100
        burst_classes: int = 4
        """So many classes of objects, with `burst_calls`."""
        burst_calls: int = 20
        """So many calls of so many classes within a minute are a burst (Elastic)."""
        distinct_paths: int = 1_000
        """Different paths within an hour that are an enumeration (Bert-Jan Pals); fewer
        where the organisation is small."""
        paging_calls: int = 20
        """So many further pages of people within an hour turn all pages."""
        rate_calls: int = 200
        """Calls within an hour below which no rate is high."""
        known_days: int = 2
        """A program and application that the person used on so many days are theirs."""
        known_apps: tuple[str, ...] = (
            "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",  # Azure portal
            "74658136-14ec-4630-ad9b-26e160ff0fc6",  # its pages for Entra
            "de8bc8b5-d9f9-48b1-a8ad-b748da725064",  # Graph Explorer
        )
        """Application ids in which people browse the directory with a browser."""

    class State(KeyedState):
        """Bounded: five applications, sixteen programs."""

        uses: dict[str, Use] = {}
        pairs: Recent = msgspec.field(default_factory=lambda: Recent(16))
        exported: int = 0
        export_id: str = ""

    def __init__(self, settings: Any = None) -> None:
        super().__init__(settings)
        own = self.settings
        self._known_apps = frozenset(own.known_apps)
        self._few_calls = min(own.burst_calls, MANY + 1)
        self._few_paths = min(own.distinct_paths, LEAST_PATHS)

    def observe(self, event: ApiCall | DirectoryChange, state: State, facts: Facts) -> Answer:
        """Count the call; ask the expensive questions only when it can matter."""
        if not isinstance(event, ApiCall):  # of its own class that is said several times as fast
            if event.operation.casefold().startswith(("download ", "bulk download")):
                state.exported, state.export_id = event.time, event.id
            return None
        app, agent = event.app_id, event.client.user_agent
        tool = is_tool(agent)
        if event.actor != "user" or (app in self._known_apps and not tool):
            return None
        uses = state.uses
        use = uses.pop(app, None) or Use()
        uses[app] = use
        if len(uses) > MAX_APPS:
            del uses[next(iter(uses))]
        telling = _count(event, use)
        pair = f"{tool or agent[:80]}|{app}"
        answer = None
        if telling and self._is_much(event, use, tool):
            answer = self._judge(event, state, use, pair, facts)
        if not use.told or event.time - use.told > DAY:
            state.pairs.add(pair, event.time)
        return answer

    def _is_much(self, event: ApiCall, use: Use, tool: str) -> bool:
        """Whether any rule could hold of the calls; below all the numbers none does."""
        own, calls = self.settings, len(use.ring)
        if calls < 2 and not tool:
            return False
        return (
            calls >= self._few_calls
            or use.fresh >= self._few_paths
            or use.paging >= own.paging_calls
            or use.count > own.rate_calls
            or (bool(tool) and len(use.kinds) >= own.burst_classes)
            or _is_hound(event.client.user_agent)
        )

    def _judge(self, event: ApiCall, state: State, use: Use, pair: str, facts: Facts) -> Answer:
        tool = a2_tool(event)
        met = state.pairs.get(pair)
        known = met is not None and met.days >= self.settings.known_days
        score = Score()
        self._weigh_traffic(score, event, use, facts)
        self._weigh_program(score, event, use, tool, known=known)
        core = score.has("R1", "R2", "R3", "R4", "R5")
        paging = use.paging >= self.settings.paging_calls and "users" in use.kinds
        if not core and not paging:
            return None
        new = not known and facts.person.days_since_first(event.time) >= 7
        reason = words.known(f"{_program(event)} in {_app(event)}", met)
        score.add(Check("R6", "new program or application", new, reason), 20)
        place = new_place(event, facts)
        if event.by_a_server:
            place = Check("place", "unfamiliar network", False, "the application's own server")
        score.add(Check("R8", place.label, place.applies, place.reason), 20)
        if core or place:
            reason = f"{use.paging} pages within the hour"
            score.add(Check("R7", "turns all pages", paging, reason), 25)
            self._weigh_export(score, event, state)
        elif not core:
            return None
        return self._found(event, use, score)

    def _weigh_traffic(self, score: Score, event: ApiCall, use: Use, facts: Facts) -> None:
        own = self.settings
        minute = [call for call in use.ring if event.time - call.time <= MINUTE and call.kind]
        kinds = {call.kind for call in minute}
        burst = len(kinds) >= own.burst_classes and len(minute) >= own.burst_calls
        reason = f"{len(minute)} calls of {len(kinds)} classes within a minute"
        score.add(Check("R1", "burst over many classes", burst, reason), 50, event_ids=(event.id,))
        needed = min(own.distinct_paths, max(LEAST_PATHS, 2 * facts.active_users))
        walk = use.fresh >= needed and len(use.kinds) >= own.burst_classes
        reason = f"{use.fresh} different paths of {len(use.kinds)} classes within an hour"
        score.add(Check("R2", "enumeration", walk, reason), 50, event_ids=(event.id,))
        failed = [call for call in use.ring if call.failed]
        paths = len({call.path for call in failed})
        many = len(use.ring) > MANY and len(failed) >= 10 and len(failed) >= 0.4 * len(use.ring)
        refused = many and len({call.path for call in use.ring}) >= 15 and paths >= 10
        reason = f"{len(failed)} of {len(use.ring)} calls refused within two minutes"
        score.add(Check("R3", "many refused", refused, reason), 40, event_ids=(event.id,))
        limit = max(own.rate_calls, use.mean + 6 * use.variance**0.5)
        fast = use.hours >= 3 and use.count > limit
        reason = f"{use.count} within the hour, {use.mean:.0f} usual"
        score.add(Check("R5", "far more than usual", fast, reason), 25, event_ids=(event.id,))

    def _weigh_program(
        self, score: Score, event: ApiCall, use: Use, tool: Check, *, known: bool
    ) -> None:
        hound = _is_hound(event.client.user_agent)
        script = bool(tool) and not known and len(use.kinds) >= self.settings.burst_classes
        reason = tool.reason if tool or not hound else event.client.user_agent[:40]
        check = Check("R4", "tool user agent", hound or script, reason)
        score.add(check, 40, event_ids=(event.id,))

    def _weigh_export(self, score: Score, event: ApiCall, state: State) -> None:
        soon = bool(state.exported) and 0 <= event.time - state.exported <= HOUR
        ids = (state.export_id,) if soon else ()
        reason = "a list was downloaded within the hour" if soon else "no list was downloaded"
        score.add(Check("R9", "bulk export", soon, reason), 20, event_ids=ids)

    def _found(self, event: ApiCall, use: Use, score: Score) -> Answer:
        level = score.level(self.settings)
        if not level.rank or (level.rank <= use.told_rank and event.time - use.told <= HOUR):
            return None
        use.told, use.told_rank = event.time, level.rank
        kinds = sorted(use.kinds.items(), key=lambda pair: (-pair[1], pair[0]))
        asked = ", ".join(f"{kind} {count}" for kind, count in kinds)
        read = Evidence(
            label="What was asked for",
            observed=f"{asked}; last {event.request_method} {event.request_uri[:120]}",
            baseline=f"{use.mean:.0f} calls an hour usual in {_app(event)}",
            event_ids=(event.id,),
        )
        return score.weighing(self.settings).result(
            headline=(
                f"{words.who(event)} asked Microsoft Graph for {words.many(len(kinds), 'kind')} of "
                f"objects with {_program(event)} through {_app(event)} from "
                f"{words.place(event.location)} ({event.ip_address or 'no address'}) up to "
                f"{words.clock(event.time)}"
            ),
            about=activity_of(event),
            evidence=(*score.evidence(), read),
            thresholds=score.thresholds(self.settings),
            what_would_change=(
                f"known_apps with {event.app_id or 'its id'}: an application of administrators.",
                "Used on two days, a program is known; its bursts still count.",
                f"Below {self.settings.low_at} points it stays quiet: it has {score.total}.",
            ),
            cooldown_key=f"{event.app_id}|{event.ip_address}",
        )

    examples = (
        Example(
            name="the directory is walked by a hound",
            fires=True,
            level=RiskLevel.HIGH,
            events=[
                *habits("alice", TOKYO),
                *calls(
                    "alice",
                    LAGOS,
                    at("2026-03-02 09:00"),
                    STRANGER,
                    *("/users", "/groups", "/directoryRoles", "/organization", "/devices") * 6,
                    agent="azurehound/v2.4.1",
                ),
            ],
        ),
        Example(
            name="a report of every morning",
            fires=False,
            events=[
                *habits("alice", HQ),
                *calls(
                    "alice",
                    HQ,
                    at("2026-03-02 09:00"),
                    laptop("alice"),
                    *("/users?$top=999", "/groups?$top=999", "/subscribedSkus") * 8,
                    agent="python-requests/2.32.3",
                ),
            ],
        ),
    )


def _count(event: ApiCall, use: Use) -> bool:
    """Take the call in; whether it tells anything."""
    if event.time - use.hour > HOUR:
        _close_hour(event, use)
    use.count += 1
    kind, mark = graph_paths.target_of(event.request_uri)
    if event.request_method not in READS:
        kind = ""
    failed = 400 <= event.response_status_code < 500
    if not kind and not failed:
        return use.count % 50 == 0 and use.hours >= 3
    if kind:
        use.kinds[kind] = use.kinds.get(kind, 0) + 1
        if "?" in event.request_uri:
            use.paging += graph_paths.is_paging(event.request_uri)
        if not failed:
            use.fresh += use.paths.add_mark(mark, event.time)
    _note(Call(event.time, kind, failed, mark), use)
    return True


def _note(call: Call, use: Use) -> None:
    """Put a call into the ring, from which older ones fall."""
    ring, time = use.ring, call.time
    if time - use.ring_since > WHILE:
        ring = use.ring = [each for each in ring if time - each.time <= WHILE]
        use.ring_since = min([time, *[each.time for each in ring]])
    elif time < use.ring_since:
        use.ring_since = time
    ring.append(call)
    if len(ring) > MAX_RING:
        del ring[0]


def _close_hour(event: ApiCall, use: Use) -> None:
    """Learn how much is usual from the hour that is over, and begin another."""
    if use.hour and not use.told_rank:
        off = use.count - use.mean
        share = 1 / min(use.hours + 1, 50)
        use.mean += share * off
        use.variance = (1 - share) * (use.variance + share * off * off)
        use.hours += 1
    use.hour, use.count, use.paging, use.fresh, use.kinds = event.time, 0, 0, 0, {}
    use.told_rank = 0


@lru_cache(maxsize=1024)
def _is_hound(agent: str) -> bool:
    folded = agent.casefold()
    return any(name in folded for name in HOUNDS)


def _program(event: ApiCall) -> str:
    return event.client.user_agent[:40] or words.client(event.client)


def _app(event: ApiCall) -> str:
    return event.app_display_name or event.app_id or "an unknown application"
