"""Which Conditional Access policies asked something of a sign-in because of a risk.

`appliedConditionalAccessPolicies` lists all policies of the tenant with what became of each. The
conditions that were met are words separated by commas in Graph's beta and a number in diagnostic
records, whose bits are the values of Graph's `conditionalAccessConditions`. Graph v1.0 leaves them
out: there nobody can tell which policy was about risk.
"""

from __future__ import annotations

import msgspec

from risktui.logs.formats.fields import embedded, lenient, strings, text

SIGN_IN_RISK, USER_RISK = 32, 64
"""Values of `signInRisk` and `userRisk` in Graph's enumeration of conditions."""
_BITS = {"signinrisk": SIGN_IN_RISK, "userrisk": USER_RISK}
_MFA = ("mfa", "multifactor", "authenticationstrength", "authstrength")
_PASSWORD = ("passwordchange", "changepassword")
ENFORCED = frozenset({"success", "failure"})
"""Results of a policy that was in force and whose conditions were met; all others asked nothing."""


class Strength(msgspec.Struct, rename="camel", gc=False):
    """Which second factors a policy takes."""

    display_name: str | None = None


class Policy(msgspec.Struct, rename="camel", gc=False):
    """A policy, and what became of it in this sign-in."""

    display_name: str | None = None
    result: str | None = None
    enforced_grant_controls: list[str | None] | str | None = None
    conditions_satisfied: int | str | None = None
    authentication_strength: Strength | None = None


def risk_policies(raw: list[Policy] | str | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of policies on the sign-in's risk, and of those on the user's.

    The first asked for a second factor and got it, the others asked for a new password.
    """
    if not raw:
        return (), ()
    if isinstance(raw, str):
        inner = embedded(raw)
        raw = [lenient(Policy, each) for each in inner] if isinstance(inner, list) else []
    for_sign_in, for_user = [], []
    for policy in raw:
        if policy.result not in ENFORCED or not (met := _conditions(policy)):
            continue
        controls = _controls(policy)
        if met & SIGN_IN_RISK and policy.result == "success" and _any(controls, _MFA):
            for_sign_in.append(text(policy.display_name))
        if met & USER_RISK and _any(controls, _PASSWORD):
            for_user.append(text(policy.display_name))
    return tuple(for_sign_in), tuple(for_user)


def _conditions(policy: Policy) -> int:
    """The conditions on risk that were met, as bits."""
    raw = policy.conditions_satisfied
    if isinstance(raw, int):
        return raw & (SIGN_IN_RISK | USER_RISK)
    if not raw or raw == "none":
        return 0
    if raw.isascii() and raw.isdecimal():
        return int(raw[:9]) & (SIGN_IN_RISK | USER_RISK)
    return sum(_BITS.get(word.strip(), 0) for word in set(raw.casefold().split(",")))


def _controls(policy: Policy) -> str:
    words = strings(policy.enforced_grant_controls)
    strength = "authenticationStrength" if policy.authentication_strength is not None else ""
    return "\n".join((*words, strength)).casefold().replace(" ", "").replace("-", "")


def _any(controls: str, words: tuple[str, ...]) -> bool:
    return any(word in controls for word in words)
