"""Devices and programs, and what they call themselves on a given day."""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{chromium}.0.0.0"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"
_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
_LINUX = "Mozilla/5.0 (X11; Linux x86_64)"


@dataclass(frozen=True)
class Program:
    """What a browser or application says of itself; `{chromium}` and so on are versions."""

    system: str
    browser: str
    user_agent: str
    background: str = ""
    """User agent of the sign-ins it makes without asking."""


PROGRAMS = {
    "edge": Program(
        "Windows10",
        "Edge {chromium}.0.0",
        f"{_WINDOWS} {_CHROME} Safari/537.36 Edg/{{chromium}}.0.0.0",
        "Mozilla/5.0 (compatible; MSAL 1.0)",
    ),
    "chrome": Program(
        "Windows10",
        "Chrome {chromium}.0.0",
        f"{_WINDOWS} {_CHROME} Safari/537.36",
        "Mozilla/5.0 (compatible; MSAL 1.0)",
    ),
    "mac": Program(
        "MacOs",
        "Safari {apple}",
        f"{_MAC} AppleWebKit/605.1.15 (KHTML, like Gecko) Version/{{apple}} Safari/605.1.15",
        "Mac OS/26 MSAL/1.9.0",
    ),
    "iphone": Program(
        "iOS {apple}",
        "Mobile Safari {apple}",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/{apple} Mobile/15E148 Safari/604.1",
        "Outlook-iOS/2.0",
    ),
    "android": Program(
        "Android 16",
        "Chrome Mobile {chromium}.0.0",
        f"Mozilla/5.0 (Linux; Android 10; K) {_CHROME} Mobile Safari/537.36",
        "Outlook-Android/2.0",
    ),
    "tor browser": Program(
        "Windows10",
        "Firefox 140.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
    ),
    "linux firefox": Program(
        "Linux",
        "Firefox 147.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
    ),
    "linux chrome": Program("Linux", "Chrome {chromium}.0.0", f"{_LINUX} {_CHROME} Safari/537.36"),
    "old windows chrome": Program(
        "Windows10",
        "Chrome 109.0.0",
        f"{_WINDOWS} AppleWebKit/537.36 (KHTML, like Gecko) Chrome/109.0.0.0 Safari/537.36",
    ),
    "mac chrome": Program("MacOs", "Chrome {chromium}.0.0", f"{_MAC} {_CHROME} Safari/537.36"),
    "mac firefox": Program(
        "MacOs",
        "Firefox 135.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:135.0) Gecko/20100101 Firefox/135.0",
    ),
    "opera": Program(
        "Windows10", "Opera 117.0.0", f"{_WINDOWS} {_CHROME} Safari/537.36 OPR/117.0.0.0"
    ),
    "samsung": Program(
        "Android 13",
        "Samsung Internet 27.0",
        "Mozilla/5.0 (Linux; Android 13; SM-A546B) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
    ),
    "script": Program("", "Python Requests 2.31", "python-requests/2.31.0"),
    "powershell": Program(
        "Windows",
        "Rich Client 4.36.1.0",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.4522",
    ),
}

_RELEASES = {
    "chromium": (("144", dt.date(2026, 1, 13)), ("145", dt.date(2026, 2, 10))),
    "apple": (("26.2", dt.date(2025, 12, 12)), ("26.3", dt.date(2026, 2, 11))),
}
"""Versions and the day each came out; devices follow within a week."""


@dataclass(frozen=True)
class Device:
    """A machine in somebody's hands."""

    program: str
    id: str = ""
    """Entra's device id; "" for a machine that Entra does not know."""
    name: str = ""
    trust: str = ""
    compliant: bool = False

    def versions(self, day: dt.date) -> dict[str, str]:
        """What is installed on `day`."""
        lag = dt.timedelta(days=zlib.crc32(self.id.encode()) % 6)
        return {
            name: max(version for version, day_out in releases if day_out + lag <= day)
            for name, releases in _RELEASES.items()
        }

    def system(self, day: dt.date) -> str:
        """The operating system as a sign-in names it."""
        return PROGRAMS[self.program].system.format(**self.versions(day))

    def browser(self, day: dt.date) -> str:
        """The browser as a sign-in names it."""
        return PROGRAMS[self.program].browser.format(**self.versions(day))

    def user_agent(self, day: dt.date, *, background: bool = False) -> str:
        """The user agent of a sign-in that the person sees, or of one that happens by itself."""
        program = PROGRAMS[self.program]
        silent = program.background if background else ""
        return silent or program.user_agent.format(**self.versions(day))


def unknown(program: str) -> Device:
    """A machine that the company has never seen."""
    return Device(program)
