"""Reads from a sign-in's authentication steps what became of the second factor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from risktui.model.events import Mfa

# Microsoft's texts, in lower case, as they stand in `authenticationStepResultDetail` and in
# `status.additionalDetails`; the first that is contained decides. A denial comes before its
# general form, because "MFA denied; user did not respond" is no denial by the user.
_REFUSALS: tuple[tuple[str, Mfa], ...] = (
    ("fraud", "fraud"),
    ("suspiciousactivityreported", "fraud"),
    ("did not respond", "unanswered"),
    ("does not respond", "unanswered"),
    ("timed out", "unanswered"),
    ("no phone input", "unanswered"),
    ("noresponse", "unanswered"),
    ("user declined", "denied"),
    ("userdeclined", "denied"),
    ("verification code", "failed"),
    ("incorrect", "failed"),
    ("duplicate authentication", "failed"),
    ("limit on text messages", "failed"),
    ("authentication in-progress", "failed"),
    ("user is blocked", "failed"),
    ("mfa denied", "denied"),
    ("mfadenied", "denied"),
)
_PASSES: tuple[tuple[str, Mfa], ...] = (
    ("mfa requirement satisfied by claim", "claim"),
    ("mfa requirement satisfied by multi-factor device", "claim"),
    ("mfa requirement skipped", "claim"),
    ("mfa successfully completed", "fresh"),
    ("mfa completed", "fresh"),
    ("mfa requirement satisfied by strong authentication", "fresh"),
    ("mfa requirement satisfied by qr code", "fresh"),
)

_SAY_NOTHING = frozenset({"correct password", "methodsucceeded", "mfa required in azure ad"})
"""What most records say, and is not about a second factor; spares looking through the lists."""

_EARLIER = frozenset({"previously satisfied", "claim in access token", "prt"})
"""Methods that tell of a factor passed before."""

_STRONG = {
    *("fido2", "fido2 security key", "passkey", "passwordless phone sign-in"),
    *("windows hello for business", "x.509 certificate"),
}
"""Methods that are two factors at once."""

MFA_NOT_PASSED = 500121

REMEMBERED = 2_048
"""Different courses of authentication that are kept, of some 300 bytes each."""


class Step(msgspec.Struct, frozen=True, rename="camel", gc=False):
    """One element of `authenticationDetails`."""

    authentication_method: str | None = None
    authentication_step_result_detail: str | None = None
    authentication_step_requirement: str | None = None
    succeeded: bool | None = None


def factors(
    error_code: int, details: str | None, steps: Sequence[Step], *, small: bool
) -> tuple[Mfa, bool]:
    """What became of the second factor, and whether the first was no password.

    `small` says that the texts may be remembered.
    """
    known = _factors if small else _factors.__wrapped__
    return known(error_code, details, tuple(steps))


@lru_cache(REMEMBERED)
def _factors(error_code: int, details: str | None, steps: tuple[Step, ...]) -> tuple[Mfa, bool]:
    return second_factor(error_code, details, steps), is_passwordless(steps)


def second_factor(error_code: int, details: str | None, steps: Iterable[Step]) -> Mfa:
    """What became of the second factor: "" where there was none, or none yet."""
    steps = list(steps)
    texts = [step.authentication_step_result_detail for step in reversed(steps)]
    for text in (*texts, details):
        if text and (lower := text.lower()) not in _SAY_NOTHING:
            for words, meaning in _REFUSALS if error_code else _PASSES:
                if words in lower:
                    return meaning
    if error_code == MFA_NOT_PASSED:
        return "failed"
    if error_code:
        return ""
    return _from_methods(steps)


def is_passwordless(steps: Iterable[Step]) -> bool:
    """Whether the first factor was a key, a certificate or the phone, and no password."""
    return any(
        step.succeeded
        and (step.authentication_method or "").lower() in _STRONG
        and (step.authentication_step_requirement or "").lower().startswith("primary")
        for step in steps
    )


def _from_methods(steps: list[Step]) -> Mfa:
    """For records whose texts say no more than "methodSucceeded"."""
    for step in reversed(steps):
        if not step.succeeded:
            continue
        method = (step.authentication_method or "").lower()
        requirement = (step.authentication_step_requirement or "").lower()
        if requirement.startswith("primary"):
            if method in _STRONG:
                return "fresh"
        elif method in _EARLIER:
            return "claim"
        elif method and method != "password" and requirement:
            return "fresh"
    return ""
