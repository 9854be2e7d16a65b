"""Knows the programs that sign in and are no browsers, the tools of attackers among them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

LONGEST = 512
"""Browsers' user agents are shorter; what an attacker writes beyond it would only cost time."""


class Program(NamedTuple):
    """A client that is no browser, and how its user agent begins."""

    prefix: str
    """Lower case. One that ends in `/` or a letter must be followed by a version or by nothing."""
    family: str
    is_tool: bool = False
    """Scripts and attack tools: modifier A2, a user does not sign in by them."""


PROGRAMS = (
    Program("azurehound", "AzureHound", is_tool=True),
    Program("bloodhound", "BloodHound", is_tool=True),
    Program("sharphound", "SharpHound", is_tool=True),
    Program("aadinternals", "AADInternals", is_tool=True),
    Program("agentaxios", "agentaxios", is_tool=True),
    Program("axios", "axios", is_tool=True),
    Program("node-fetch", "node-fetch", is_tool=True),
    Program("node", "node", is_tool=True),
    Program("undici", "undici", is_tool=True),
    Program("fasthttp", "fasthttp", is_tool=True),
    Program("go-http-client", "Go-http-client", is_tool=True),
    Program("go-resty", "go-resty", is_tool=True),
    Program("guzzlehttp", "GuzzleHttp", is_tool=True),
    Program("okhttp", "okhttp", is_tool=True),
    Program("python-requests", "python-requests", is_tool=True),
    Program("python-httpx", "python-httpx", is_tool=True),
    Program("python-urllib", "python-urllib", is_tool=True),
    Program("aiohttp", "aiohttp", is_tool=True),
    Program("python", "python", is_tool=True),
    Program("curl", "curl", is_tool=True),
    Program("postmanruntime", "PostmanRuntime", is_tool=True),
    Program("bav2ropc", "BAV2ROPC", is_tool=True),
    Program("cbainprod", "CBAInPROD"),
    Program("cbaintar", "CBAinTAR"),
    Program("pkeyauth", "PKeyAuth"),
    Program("azsdk", "azsdk"),
    Program("powershell", "PowerShell"),
    Program("outlook-ios", "Outlook-iOS"),
    Program("windows-azuread-authentication-provider", "Windows-AzureAD-Authentication-Provider"),
)
"""Clients that user agent libraries do not know or name in other words, longest prefix first where
one begins with another. The tools are those of public hunting rules for Entra sign-ins."""

ANYWHERE = ("azurehound", "bloodhound", "sharphound", "aadinternals", "aiohttp")
"""Names that give a tool away wherever they stand: nothing else is called so."""

TEAM_FILTRATION = ("teams/1.3.00.30866", "electron/8.5.1")
"""TeamFiltration always claims to be this one build of Teams, long out of use."""

_VERSION = r"v?(\d[\d.]*)"
_STARTS = {
    program.prefix: re.compile(rf"{re.escape(program.prefix)}(?:[/ ]{_VERSION}|[/ \-;(]|$)")
    for program in PROGRAMS
}


@lru_cache(maxsize=8192)
def is_tool(user_agent: str) -> str:
    """The name of the script or attack tool that signs in as `user_agent`; "" for a user's client.

    A name is easily forged: it only ever adds to a suspicion (modifier A2).
    """
    agent = user_agent[:LONGEST].casefold()
    if all(part in agent for part in TEAM_FILTRATION):
        return "TeamFiltration"
    for name in ANYWHERE:
        if name in agent:
            return next(program.family for program in PROGRAMS if program.prefix == name)
    program, _ = program_of(agent)
    return program.family if program is not None and program.is_tool else ""


def program_of(agent: str) -> tuple[Program | None, str]:
    """The program whose user agent begins like `agent` (casefolded), and its version."""
    for program in PROGRAMS:
        if found := _STARTS[program.prefix].match(agent):
            return program, found[1] or ""
    return None, ""
