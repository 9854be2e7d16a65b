"""Names of token issuers: whose a sign-in's token is, and whether a name imitates another."""

from __future__ import annotations

import re
from collections.abc import Iterable

from risktui.model.bounded import bounded
from risktui.model.events import SignIn

SAML = frozenset({"saml11", "saml20"})
"""`incomingTokenType` of a token that an identity provider has just issued."""
ORDINARY = frozenset({"", "none", "primaryRefreshToken", "refreshToken"})
"""The same of nearly all others, as records write it."""
TOOLS = ("any.sts",)
"""What AADInternals calls its issuer unless told otherwise."""
COMMON = frozenset({"adfs", "auth", "login", "saml", "signin", "trust", "corp", "http", "https"})
LONGEST = 120
"""Characters of an issuer's name that is remembered; whoever issues the token chooses it."""


def is_saml(event: SignIn) -> bool:
    """Whether a token of an identity provider was presented, not one that Entra had issued."""
    token = event.incoming_token_type
    return token not in ORDINARY and token.casefold().replace(" ", "").replace(".", "") in SAML


def is_federated(event: SignIn) -> bool:
    """By the token that was presented; the protocol only tells what the application speaks."""
    if event.token_issuer_type == "ADFederationServices":
        return True
    return event.incoming_token_type not in ORDINARY and is_saml(event)


def issuer_of(event: SignIn) -> str:
    """The issuer's name, written in one way; "" where the record has none."""
    return plain(event.token_issuer_name)


def plain(name: str) -> str:
    """A name without what makes no difference, and not too long to be remembered."""
    return bounded(name.strip().rstrip("/").casefold(), LONGEST)


def is_tool(name: str) -> bool:
    """Whether an attack tool calls its issuer so."""
    return any(part in name for part in TOOLS)


def imitated(name: str, known: Iterable[str], domain: str) -> str:
    """The known issuer, or the domain, whose name a stranger's issuer carries; "" for none."""
    host = _host(name)
    if not host or any(_within(host, own) for own in (domain, *map(_host, known))):
        return ""  # a host below one's own is no imitation
    for own in (*known, domain):
        labels = [part for part in re.split(r"[./:]+", own) if len(part) >= 4]
        telling = [part for part in labels if part not in COMMON]
        if any(part in host or _near(part, host) for part in telling):
            return own
    return ""


def _host(issuer: str) -> str:
    return re.sub(r"^[a-z]+://", "", issuer).partition("/")[0].partition(":")[0]


def _within(host: str, own: str) -> bool:
    labels = own.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3  # co.uk, com.au
    registered = ".".join(labels[-3 if short else -2 :])
    return bool(registered) and (host == registered or host.endswith(f".{registered}"))


def _near(label: str, host: str) -> bool:
    """Whether one letter of `label` was exchanged, doubled or left out in a part of `host`."""
    swaps = str.maketrans("01358", "olesb")
    return any(
        part.translate(swaps) == label or _one_apart(part, label)
        for part in re.split(r"[.-]", host)
    )


def _one_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if start is None:
        return True
    return (
        one[start + 1 :] == other[start + 1 :]
        or one[start + (len(one) > len(other)) :] == (other[start + (len(other) > len(one)) :])
    )
