"""Names the program and the device behind a sign-in, from what the log or the user agent says."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from risktui.model.events import NO_CLIENT, Client
from risktui.model.programs import LONGEST, program_of

if TYPE_CHECKING:
    from ua_parser import OS, Resolver, UserAgent

_VERSION = r"v?(\d[\d.]*)"
_NAME_AND_VERSION = re.compile(rf"(.*?)\s*{_VERSION}\s*")

_FAMILIES = {
    "android": "Android Browser",
    "android webview": "Chrome",
    "chrome mobile": "Chrome",
    "chrome mobile ios": "Chrome",
    "chrome mobile webview": "Chrome",
    "edge mobile": "Edge",
    "edgios": "Edge",
    "firefox ios": "Firefox",
    "firefox mobile": "Firefox",
    "internet explorer": "IE",
    "microsoft edge": "Edge",
    "mobile safari": "Safari",
    "mobile safari ui/wkwebview": "Safari",
    "opera mobile": "Opera",
    "python requests": "python-requests",
}
"""The same browser has other names on a phone, in Entra's records and in its own user agent."""

_SYSTEMS = {
    "android": "Android",
    "chrome os": "ChromeOS",
    "chromeos": "ChromeOS",
    "ios": "iOS",
    "ipados": "iOS",
    "iphone os": "iOS",
    "linux": "Linux",
    "mac os": "macOS",
    "mac os x": "macOS",
    "macos": "macOS",
    "ubuntu": "Linux",
    "windows": "Windows",
    "windows nt": "Windows",
}


class _Said(NamedTuple):
    """What a record says of its client; the key under which the answer is remembered."""

    user_agent: str
    browser: str
    operating_system: str
    device_id: str
    device_name: str
    is_compliant: bool
    is_managed: bool
    trust_type: str
    client_app: str


def client_of(
    user_agent: object,
    *,
    browser: object = "",
    operating_system: object = "",
    device_id: object = "",
    device_name: object = "",
    is_compliant: object = None,
    is_managed: object = None,
    trust_type: object = "",
    client_app: object = "",
) -> Client:
    """The client of a record: its own words for browser and system, else those its agent implies.

    Takes what a record holds, whatever its type, and never raises; what is no text counts as "",
    and what is neither true nor "true" as false.
    """
    return _client(
        _Said(
            _text(user_agent)[:LONGEST],
            _text(browser),
            _text(operating_system),
            _text(device_id),
            _text(device_name),
            _is_true(is_compliant),
            _is_true(is_managed),
            _text(trust_type),
            _text(client_app),
        )
    )


@lru_cache(maxsize=16384)
def _client(said: _Said) -> Client:
    family, version = _browser(said.browser)
    system = _system(said.operating_system)
    if said.user_agent and not (family and system):
        agent_family, agent_version, agent_system = _from_agent(said.user_agent)
        if not family:
            family, version = agent_family, agent_version
        system = system or agent_system
    client = Client(
        user_agent=said.user_agent,
        browser=family,
        browser_version=version,
        operating_system=system,
        device_id=said.device_id,
        device_name=said.device_name,
        is_compliant=said.is_compliant,
        is_managed=said.is_managed,
        trust_type=said.trust_type,
        client_app=said.client_app,
    )
    return NO_CLIENT if client == NO_CLIENT else client


@lru_cache(maxsize=8192)
def _from_agent(user_agent: str) -> tuple[str, str, str]:
    """Browser, its version and the operating system that a user agent claims."""
    program, program_version = program_of(user_agent.casefold())
    if program is not None:
        return program.family, program_version, ""
    agent, system = _agent_and_system(user_agent)
    family, version, operating_system = "", "", ""
    if agent is not None and agent.family != "Other":
        family = _FAMILIES.get(agent.family.casefold(), agent.family)
        version = _dotted(agent.major, agent.minor, agent.patch)
    if system is not None and system.family != "Other":
        operating_system = _system(f"{system.family} {_dotted(system.major, system.minor)}")
    return family, version, operating_system


def _agent_and_system(user_agent: str) -> tuple[UserAgent | None, OS | None]:
    from ua_parser import Domain

    result = _patterns()(user_agent, Domain.USER_AGENT | Domain.OS)
    return result.user_agent, result.os


@cache
def _patterns() -> Resolver:
    """ua-parser's patterns but for those of devices, which are half of them and are not asked for.

    50 ms, and 50 ms to import: only where an agent needs it.
    """
    from ua_parser import BestAvailableResolver, load_lazy_builtins

    agents, systems, _ = load_lazy_builtins()
    return BestAvailableResolver((agents, systems, []))


def _browser(text: str) -> tuple[str, str]:
    """Family and version in Entra's `Edge 90.0.818`, `Mobile Safari 18.6`, `Rich Client 5.2`."""
    found = _NAME_AND_VERSION.fullmatch(text)
    family, version = (found[1], found[2].rstrip(".")) if found else (text, "")
    return _FAMILIES.get(family.casefold(), family), version


def _system(text: str) -> str:
    """`Windows10` as Windows 10, `Ios 18.6` as iOS 18, `MacOs` as macOS.

    Only the major version, and none where user agents froze it (macOS 10.15): it says nothing.
    """
    found = _NAME_AND_VERSION.fullmatch(text.strip())
    family, version = (found[1], found[2]) if found else (text.strip(), "")
    name = _SYSTEMS.get(family.replace("_", " ").strip().casefold(), family)
    if name == "macOS" and version.startswith("10"):
        return name
    return f"{name} {version.partition('.')[0]}".strip()


def _dotted(*parts: str | None) -> str:
    known = [part for part in parts if part]
    return ".".join(known)


def _text(value: object) -> str:
    """`value` if it is text, without halves of surrogate pairs, which no library takes."""
    if not isinstance(value, str):
        return ""
    if value.isascii():
        return value.strip()
    return value.encode("utf-8", "replace").decode("utf-8").strip()


def _is_true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().casefold() == "true")
