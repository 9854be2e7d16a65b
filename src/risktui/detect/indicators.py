"""Patterns of known tools and actors, and which of them a sign-in fits.

An indicator fits where all its conditions hold; half of a pattern is nothing. Where many are known
the ones worth a look are found by the address, the application or the user agent.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from fnmatch import translate
from functools import lru_cache
from typing import Literal, NamedTuple, TypeAlias

import msgspec

from risktui.detect.learning import Profile
from risktui.model.addresses import parse_address
from risktui.model.events import SignIn
from risktui.model.risk import RiskLevel

UNSAID = ((), None)
"""Values of a condition that was not made."""

REMEMBERED = 8_192
"""Answers that need not be looked up again."""

SPOKEN = frozenset({"protocol", "token", "user_agent", "not_user_agent"})
"""Conditions that `Pattern.is_spoken` answers."""

Failing: TypeAlias = Callable[[SignIn], bool]
"""Whether a sign-in fails one condition."""

Habit: TypeAlias = Literal["app", "asn", "browser", "client", "country", "ip", "user_agent"]
"""What may have to be new for the person; `client` is Entra's clientAppUsed."""


class Pattern(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """Conditions on one sign-in: all must hold, and of several values any one does.

    Texts are compared whatever their case, and may hold the wildcards * and ?; all else in them
    stands for itself.
    """

    user_agent: tuple[str, ...] = ()
    not_user_agent: tuple[str, ...] = ()
    """None of these, and not empty."""
    cidr: tuple[str, ...] = ()
    """Addresses or networks."""
    tag: tuple[str, ...] = ()
    """What an intel list says of the address: bad, actor."""
    network_kind: tuple[str, ...] = ()
    asn: tuple[int, ...] = ()
    country: tuple[str, ...] = ()
    app: tuple[str, ...] = ()
    """Id or name of the application."""
    resource: tuple[str, ...] = ()
    """Id or name of what the token is for."""
    to_itself: Literal[True] | None = None
    """The application asks for a token for itself."""
    protocol: tuple[str, ...] = ()
    client_app: tuple[str, ...] = ()
    token: tuple[str, ...] = ()
    """incomingTokenType."""
    interactive: bool | None = None
    managed: bool | None = None
    new: tuple[Habit, ...] = ()
    """All of these must be new for the person."""

    def failings(self, besides: frozenset[str] = frozenset()) -> tuple[Failing, ...]:
        """For each condition stated, `besides` those named, whether a sign-in fails it.

        Habits and the address are looked up elsewhere.
        """
        wanted: dict[str, Failing] = {
            "tag": lambda e: not e.network.tags or set(self.tag).isdisjoint(e.network.tags),
            "asn": lambda e: e.network.asn not in self.asn,
            "token": lambda e: not _any(self.token, e.incoming_token_type),
            "protocol": lambda e: not _any(self.protocol, e.authentication_protocol),
            "interactive": lambda e: e.is_interactive is not self.interactive,
            "managed": lambda e: e.client.managed is not self.managed,
            "to_itself": lambda e: not _is_same(e),
            "client_app": lambda e: not _any(self.client_app, e.client.client_app),
            "network_kind": lambda e: not _any(self.network_kind, e.network.kind),
            "country": lambda e: not _any(self.country, e.location.country_or_region),
            "app": lambda e: not _either(self.app, e.app_id, e.app_display_name),
            "resource": lambda e: (
                not _either(self.resource, e.resource_id, e.resource_display_name)
            ),
            "user_agent": lambda e: not _any(self.user_agent, e.client.user_agent),
            "not_user_agent": lambda e: not _is_none_of(self.not_user_agent, e.client.user_agent),
        }
        stated = msgspec.structs.asdict(self)
        asked = [name for name in wanted if stated[name] not in UNSAID and name not in besides]
        return tuple(wanted[name] for name in asked)

    def is_spoken(self, protocol: str, token: str, user_agent: str) -> bool:
        """Whether these three fit, which repeat among sign-ins: the answer is worth keeping."""
        return (
            (not self.protocol or _any(self.protocol, protocol))
            and (not self.token or _any(self.token, token))
            and (not self.user_agent or _any(self.user_agent, user_agent))
            and (not self.not_user_agent or _is_none_of(self.not_user_agent, user_agent))
        )

    def fits(self, event: SignIn) -> bool:
        """Whether all of these hold."""
        return not any(fails(event) for fails in self.failings())

    def is_new(self, event: SignIn, person: Profile) -> bool:
        """Whether what must be new for the person is."""
        return not any(_is_habit(feature, event, person) for feature in self.new)

    def told(self, event: SignIn) -> tuple[tuple[str, str], ...]:
        """(condition, what the sign-in says) of every condition, for the explanation."""
        client, network = event.client, event.network
        said = {
            "user_agent": client.user_agent[:120],
            "not_user_agent": client.user_agent[:120],
            "cidr": event.ip_address,
            "tag": ", ".join(network.tags),
            "network_kind": network.kind,
            "asn": f"AS{network.asn}",
            "country": event.location.country_or_region,
            "app": event.app_display_name or event.app_id,
            "resource": event.resource_display_name or event.resource_id,
            "to_itself": f"{event.app_display_name} for {event.resource_display_name}",
            "protocol": event.authentication_protocol,
            "client_app": client.client_app,
            "token": event.incoming_token_type,
            "interactive": str(event.is_interactive).lower(),
            "managed": str(client.managed).lower(),
            "new": ", ".join(self.new),
        }
        stated = msgspec.structs.asdict(self)
        asked = [name for name in said if stated[name] not in UNSAID]
        return tuple((name, said[name]) for name in asked)


class Many(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """So many different ones from one address within some minutes."""

    user_agents: int = 1
    apps: int = 1
    minutes: int = 5


class Indicator(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One numbered pattern."""

    id: str
    title: str = ""
    level: RiskLevel = RiskLevel.MEDIUM
    where: Pattern = Pattern()
    after: tuple[Pattern, ...] = ()
    """Sign-ins of the same person that must come before, in this order."""
    within_minutes: int = 60
    """How long the whole may take."""
    many: Many | None = None
    begins: date | None = None
    expires: date | None = None
    """The last day it holds, of event time."""
    attack: tuple[str, ...] = ()
    source: str = ""
    reason: str = ""
    """Microsoft's word for it: suspiciousIP, passwordSpray."""
    allow: tuple[str, ...] = ()
    """Principal names, with wildcards, of people who may do this."""
    feed: str = ""
    """The file it comes from, with its version."""

    def holds(self, time: int) -> bool:
        """Whether it is in force at `time` (ms)."""
        day = datetime.fromtimestamp(time / 1000, UTC).date()
        return (not self.begins or self.begins <= day) and (not self.expires or day <= self.expires)

    def allows(self, user_principal_name: str) -> bool:
        """Whether this person may do it."""
        return bool(self.allow) and _any(self.allow, user_principal_name)


class Fit(NamedTuple):
    """An indicator that a sign-in fits, or one of its steps."""

    id: str
    step: int
    """How many of its `after` come before this one; all of them for the last."""


Entry: TypeAlias = tuple[tuple[Failing, ...], Fit]
"""What is left to be asked of a sign-in that a look-up has led to, and what it fits then."""


class Indicators:
    """All indicators in force, made ready for looking up."""

    def __init__(self, indicators: Iterable[Indicator]) -> None:
        """Take them in; ValueError names one whose network is none."""
        self.by_id = {indicator.id: indicator for indicator in indicators}
        self._entries: list[Entry] = []
        self._patterns: list[Pattern] = []
        self._networks: dict[tuple[int, int], dict[int, list[int]]] = {}
        self._apps: dict[str, list[int]] = {}
        self._agents: list[tuple[re.Pattern[str], int]] = []
        self._words: list[tuple[str, int]] = []
        """What user agents must contain, in lower case; lists of others name thousands of them."""
        self._others: list[int] = []
        for indicator in self.by_id.values():
            if indicator.many is None:
                for step, pattern in enumerate((*indicator.after, indicator.where)):
                    self._file(pattern, Fit(indicator.id, step))
        self._silent: dict[tuple[str, str, str, str], bool] = {}
        """Application, protocol, token and user agent that no pattern speaks of, but by tag; or,
        where False, none of a managed machine's."""
        self._elsewhere: set[str] = set()
        """Addresses in no network of a pattern; both are bounded by `REMEMBERED`."""
        self._worth = lru_cache(maxsize=8192)(self._by_words)
        self.many = tuple(i for i in self.by_id.values() if i.many is not None)

    def fitting(self, event: SignIn) -> list[Fit]:
        """What of all this `event` fits, as far as that can be said without the person's habits."""
        client = event.client
        protocol, token = event.authentication_protocol, event.incoming_token_type
        silent = self._silent.get((event.app_id, protocol, token, client.user_agent))
        if silent or (silent is not None and (client.is_managed or client.managed)):
            address = event.ip_address
            if not event.network.tags and (
                address in self._elsewhere or not self._by_address(address)
            ):
                return []  # nearly always
        return self._fitting(event)

    def _fitting(self, event: SignIn) -> list[Fit]:
        """The same where something is said of the address, or of the rest."""
        tagged = bool(event.network.tags)
        protocol, token = event.authentication_protocol, event.incoming_token_type
        spoken = event.app_id, protocol, token, event.client.user_agent
        worth, named = self._worth(*spoken, tagged)
        plain = not tagged and event.app_id not in self._apps
        if plain and all(self._asked(fit).managed is False for _, fit in (*worth, *named)):
            _make_room(self._silent)
            self._silent[spoken] = not (worth or named)
        fitting: list[Fit] = []
        for failings, fit in (*worth, *self._by_address(event.ip_address), *named):
            for fails in failings:  # a loop: this runs for every sign-in
                if fails(event):
                    break
            else:
                fitting.append(fit)
        return fitting

    def _asked(self, fit: Fit) -> Pattern:
        indicator = self.by_id[fit.id]
        return (*indicator.after, indicator.where)[fit.step]

    def _file(self, pattern: Pattern, fit: Fit) -> None:
        number = len(self._entries)
        self._patterns.append(pattern)
        spoken = frozenset[str]() if pattern.cidr else SPOKEN
        self._entries.append((pattern.failings(besides=spoken), fit))
        ids = [app for app in pattern.app if len(app) == 36 and app.count("-") == 4]
        if pattern.cidr:
            for cidr in pattern.cidr:
                network = ipaddress.ip_network(cidr.strip(), strict=False)
                masks = self._networks.setdefault((network.version, network.prefixlen), {})
                masks.setdefault(int(network.network_address), []).append(number)
        elif pattern.app and len(ids) == len(pattern.app):
            for app in ids:
                self._apps.setdefault(app.casefold(), []).append(number)
        elif pattern.user_agent:
            words = [_word(text) for text in pattern.user_agent]
            if all(words):
                self._words += ((word, number) for word in words)
            else:
                self._agents.append((_compiled(pattern.user_agent), number))
        else:
            self._others.append(number)

    def _by_address(self, text: str) -> tuple[Entry, ...]:
        if text in self._elsewhere:
            return ()
        found = list[int]()
        address = parse_address(text)  # which is remembered: all that enriches asks for it, too
        if address is not None:
            number, bits = int(address), address.max_prefixlen
            for (version, length), networks in self._networks.items():
                if version == address.version:
                    spare = bits - length
                    found += networks.get(number >> spare << spare, ())
        if not found:
            _make_room(self._elsewhere)
            self._elsewhere.add(text)
            return ()
        return tuple([self._entries[number] for number in dict.fromkeys(found)])

    def _by_words(
        self, app_id: str, protocol: str, token: str, user_agent: str, tagged: bool
    ) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
        """What fits as far as these say: of all and the application's, and of the agent's."""

        def fitting(numbers: Iterable[int]) -> tuple[Entry, ...]:
            patterns = [(number, self._patterns[number]) for number in numbers]
            return tuple(
                self._entries[number]
                for number, pattern in patterns
                if (tagged or not pattern.tag) and pattern.is_spoken(protocol, token, user_agent)
            )

        tried = (*self._others, *self._apps.get(app_id, ()))
        named = [number for regex, number in self._agents if regex.match(user_agent)]
        if user_agent.isascii():
            lower = user_agent.lower()
            named += [number for word, number in self._words if word in lower]
        else:  # letters may have lower cases that are none of a word's
            named += [number for _, number in self._words]
        return fitting(tried), fitting(sorted(set(named))) if user_agent else ()


def _make_room(known: set[str] | dict[tuple[str, str, str, str], bool]) -> None:
    if len(known) >= REMEMBERED:
        known.clear()


@lru_cache(maxsize=2048)
def _compiled(wanted: tuple[str, ...]) -> re.Pattern[str]:
    texts = (translate(text.replace("[", "[[]")) for text in wanted)
    return re.compile("|".join(texts), re.IGNORECASE)


def _word(text: str) -> str:
    """The word, in lower case, that must be contained; "" where `text` wants anything else."""
    word = text[1:-1]
    plain = text == f"*{word}*" and word.isascii() and not {"*", "?"} & set(word)
    return word.lower() if plain else ""


def _any(wanted: tuple[str, ...], value: str) -> bool:
    return bool(value) and _compiled(wanted).match(value) is not None


def _is_none_of(unwanted: tuple[str, ...], value: str) -> bool:
    return bool(value) and not _any(unwanted, value)


def _either(wanted: tuple[str, ...], one: str, other: str) -> bool:
    return _any(wanted, one) or _any(wanted, other)


def _is_same(event: SignIn) -> bool:
    if event.resource_id:
        return event.resource_id == event.app_id
    return bool(event.app_display_name) and event.resource_display_name == event.app_display_name


def _is_habit(feature: Habit, event: SignIn, person: Profile) -> bool:
    values = {
        "app": event.app_display_name,
        "asn": str(event.network.asn or ""),
        "browser": event.client.browser,
        "client": event.client.client_app,
        "country": event.location.country_or_region,
        "ip": event.ip_address,
        "user_agent": event.client.user_agent,
    }
    value = values[feature]
    return not value or person.familiar(feature, value, event.time)
