"""Devices and programs of people and attackers, and what they call themselves on a day."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from risktui.model.events import Client

RELEASE_DAYS = 28
"""How often browsers come out; machines follow within a week."""


@dataclass(frozen=True)
class Program:
    """A browser or an application; `{n}` is its version."""

    system: str
    browser: str
    user_agent: str
    background: str = ""
    """User agent of sign-ins without interaction."""
    first: int = 140
    """Version on the first day."""


_WIN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_KIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.0.0"
_MSAL = "Mozilla/5.0 (compatible; MSAL 1.0)"

PROGRAMS = {
    "edge": Program("Windows10", "Edge {n}.0.0", f"{_WIN} {_KIT} Safari/537.36 Edg/{{n}}.0", _MSAL),
    "edge11": Program(
        "Windows11", "Edge {n}.0.0", f"{_WIN} {_KIT} Safari/537.36 Edg/{{n}}.0", _MSAL
    ),
    "chrome": Program("Windows10", "Chrome {n}.0.0", f"{_WIN} {_KIT} Safari/537.36", _MSAL),
    "macchrome": Program("MacOs", "Chrome {n}.0.0", f"{_MAC} {_KIT} Safari/537.36", "Mac MSAL/1.9"),
    "safari": Program(
        "MacOs",
        "Safari {n}.2",
        f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{{n}}.2 Safari/605.1.15",
        "Mac OS MSAL/1.9.0",
        first=18,
    ),
    "firefox": Program(
        "Windows10",
        "Firefox {n}.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0",
        _MSAL,
    ),
    "iphone": Program(
        "Ios 18.{n}",
        "Mobile Safari 18.{n}",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_{n} like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.{n} Mobile/15E148 Safari/604.1",
        "Outlook-iOS/2.0",
        first=2,
    ),
    "android": Program(
        "Android 15",
        "Chrome Mobile {n}.0.0",
        f"Mozilla/5.0 (Linux; Android 10; K) {_KIT} Mobile Safari/537.36",
        "Outlook-Android/2.0",
    ),
    # What attackers use.
    "linuxchrome": Program(
        "Linux", "Chrome {n}.0.0", f"Mozilla/5.0 (X11; Linux x86_64) {_KIT} Safari/537.36"
    ),
    "linuxfirefox": Program(
        "Linux",
        "Firefox {n}.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:{n}.0) Gecko/20100101 Firefox/{n}.0",
    ),
    "tor": Program(
        "Windows10",
        "Firefox 128.0",
        "Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0",
    ),
    "oldchrome": Program(
        "Windows7",
        "Chrome {n}.0.0",
        "Mozilla/5.0 (Windows NT 6.1; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/{n}.0.0.0 Safari/537.36",
        first=86,
    ),
    "opera": Program(
        "Windows10", "Opera 1{n}.0.0", f"{_WIN} {_KIT} Safari/537.36 OPR/1{{n}}.0", first=12
    ),
    "yandex": Program(
        "Windows10",
        "Yandex Browser {n}.7",
        f"{_WIN} {_KIT} YaBrowser/{{n}}.7 Yowser/2.5 Safari/537.36",
        first=19,
    ),
    "androidold": Program(
        "Android 11",
        "Samsung Internet {n}.0",
        "Mozilla/5.0 (Linux; Android 11; SM-G780F) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/{n}.0 Chrome/115.0.0.0 Mobile Safari/537.36",
        first=20,
    ),
    "python": Program("", "Python Requests 2.32", "python-requests/2.32.3"),
    "axios": Program("", "", "axios/1.7.9"),
    "go": Program("", "Go-http-client 1.1", "Go-http-client/1.1"),
    "hound": Program("", "", "azurehound/v2.4.1"),
    "powershell": Program(
        "Windows",
        "Rich Client 4.40.0.0",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.22621.4391",
    ),
    "bav2ropc": Program("", "", "BAV2ROPC"),
}
LAPTOPS = ("edge", "edge", "edge11", "edge11", "chrome", "macchrome", "safari", "firefox")
PHONES = ("iphone", "iphone", "android")
STRANGERS = ("linuxchrome", "linuxfirefox", "oldchrome", "opera", "yandex", "androidold", "firefox")
"""Browsers of attackers who do not care what they look like."""


@dataclass(frozen=True)
class Machine:
    """A machine in somebody's hands."""

    program: str
    id: str = ""
    """Entra's device id; "" where Entra does not know the machine."""
    name: str = ""
    trust: str = ""
    compliant: bool = False
    build: int = 0
    """Added to the version: strangers' programs are seldom the same to the digit."""

    def client(self, day: int, client_app: str = "Browser", *, background: bool = False) -> Client:
        """How it shows itself in a sign-in on `day`."""
        program = PROGRAMS[self.program]
        lag = zlib.crc32(self.id.encode()) % 7
        version = program.first + self.build + max(0, day - lag) // RELEASE_DAYS
        rich = background and client_app != "Browser"
        return Client(
            user_agent=(background and program.background) or program.user_agent.format(n=version),
            browser="Rich Client 5.9.0.0" if rich else program.browser.format(n=version),
            operating_system=program.system.format(n=version),
            device_id=self.id,
            device_name=self.name,
            is_compliant=self.compliant,
            is_managed=self.compliant,
            trust_type=self.trust,
            client_app=client_app,
        )

    def agent(self, day: int) -> str:
        """Its user agent where no sign-in is logged: file access, mail, API calls."""
        return self.client(day).user_agent


def unknown(program: str, build: int = 0) -> Machine:
    """A machine that the company has never seen."""
    return Machine(program, build=build)
