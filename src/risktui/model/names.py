"""The names and ids by which logs call a person, in one form each, so that they can be compared."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 320
"""Characters of a principal name: 64 before the @, 255 behind it; what is longer is none."""

NOBODY = "00000000-0000-0000-0000-000000000000"

_OBJECT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_PUID = re.compile(r"[0-9a-f]{16}")
_CLAIM = re.compile(r"i:0[a-z0-9#.]{2,4}(?:\|[a-z.]+)?\|")
"""How SharePoint writes who somebody is: `i:0h.f|membership|`."""

_GUEST = "#ext#"

_ZEROS = re.compile(r"\{?0[0-]*\}?")
PLACEHOLDERS = frozenset(
    {
        *("", "-", "--", "?", "unknown", "unknown user", "not available", "notavailable"),
        *("not-found", "not found", "notfound", "n/a", "none", "null", "nil", "undefined"),
        *("<null>", "(null)", "anonymous", "anonymized", "redacted", "s-1-0-0", "null sid"),
    }
)
"""What logs write, in lower case, where they do not know who it was: nobody's name and nobody's id.

`s-1-0-0`, `null sid`: Windows' security identifier of nobody.
"""


LONGEST_PLACEHOLDER = max(map(len, PLACEHOLDERS))
"""Characters; only zeros may be more."""


def is_placeholder(text: str) -> bool:
    """Whether `text` stands where a name or an id would, and says that there is none."""
    if len(text) > LONGEST_PLACEHOLDER:
        first = text[0]  # nearly all are ids of one record, which nobody asks for again
        if first != "0" and first.isalnum() and text[-1].isalnum():
            return False
    return _is_placeholder(text)


@lru_cache(16_384)
def _is_placeholder(text: str) -> bool:
    if len(text) > 64:
        return False
    folded = text.strip().casefold()
    return folded in PLACEHOLDERS or (folded[:1] in "{0" and _ZEROS.fullmatch(folded) is not None)


def shown_name(text: str) -> str:
    """A principal name as people are shown it: without regard to case, claim and issuer.

    A guest keeps the name in the host's directory, by which administrators find them.
    """
    folded = text.strip().casefold()
    if "|" not in folded and "#" not in folded:
        return folded
    bare = folded[match.end() :] if (match := _CLAIM.match(folded)) else folded
    before, _, behind = bare.rpartition("#")
    return behind if "@" in behind and before and _GUEST not in bare else bare


def object_id(text: str) -> str:
    """The directory's id of an object in lower case; "" where `text` is none, or all zeros."""
    if len(text) == 36 and text != NOBODY and _OBJECT_ID.fullmatch(text):
        return text  # nearly all
    folded = text.strip().lower() if 36 <= len(text) < 64 else ""
    return folded if folded != NOBODY and _OBJECT_ID.fullmatch(folded) else ""


@lru_cache(16_384)
def name_of(text: str) -> str:
    """A principal name as it is compared; "" where `text` is none.

    Without regard to case, without a claim's prefix (`i:0h.f|membership|`) and an issuer's
    (`live.com#`); a guest's name in the host's directory (`jane_fabrikam.com#EXT#@contoso…`) is
    the name at home (`jane@fabrikam.com`).
    """
    if len(text) > LONGEST:
        return ""
    if puid_of(text):
        return ""
    folded = text.strip().casefold()
    folded = folded[match.end() :] if (match := _CLAIM.match(folded)) else folded
    guest, mark, _ = folded.partition(_GUEST)
    if mark:
        before, _, behind = guest.rpartition("_")
        folded = f"{before}@{behind}" if before and behind else ""
    folded = folded.rpartition("#")[2]
    local, _, domain = folded.partition("@")
    proper = local and domain and not any(each in folded for each in " \t\\/\x00")
    return folded if proper and "@" not in domain else ""


def puid_of(text: str) -> str:
    """Exchange's and SharePoint's own id of a person, as `puid:10032001020a3408`; "" if none.

    It stands alone (`10032001020A3408`), before a domain, or in a claim
    (`i:0h.f|membership|1003…@live.com`).
    """
    if len(text) > LONGEST:
        return ""
    folded = text.strip().casefold()
    folded = folded[match.end() :] if (match := _CLAIM.match(folded)) else folded
    number = folded.partition("@")[0]
    return f"puid:{number}" if _PUID.fullmatch(number) and not is_placeholder(number) else ""
