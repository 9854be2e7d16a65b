"""How a sign-in can end, in the codes, words and steps that Entra writes."""

from __future__ import annotations

from dataclasses import dataclass

_MFA_NEEDED = (
    "Due to a configuration change made by your administrator, or because you moved to a new "
    "location, you must {} to access the resource."
)
_BY_CLAIM = "MFA requirement satisfied by claim in the token"


@dataclass(frozen=True)
class Step:
    """One line of `authenticationDetails`."""

    method: str
    detail: str
    succeeded: bool
    result: str
    requirement: str = "Primary authentication"


_PASSWORD = Step("Password", "Password in the cloud", True, "Correct password")
_NO_PASSWORD = Step(
    "Password",
    "Password in the cloud",
    False,
    "Invalid username or password or Invalid on-premises username or password.",
)
_CLAIM = Step(
    "Previously satisfied", "", True, "First factor requirement satisfied by claim in the token"
)
_MFA = "Multi-factor authentication"
_PUSH = "Mobile app notification"
_MFA_CLAIM = Step("Previously satisfied", "", True, _BY_CLAIM, _MFA)


@dataclass(frozen=True)
class Outcome:
    """The end of a sign-in."""

    code: int
    steps: tuple[Step, ...] = ()
    reason: str = ""
    details: str = ""
    multi_factor: bool = False
    """Whether Conditional Access asked for a second factor."""
    policy: str = "notApplied"
    """What became of that policy: success, failure, notApplied."""
    password: bool = True
    """Whether a password was looked at (else a token was)."""


PASSWORD_ONLY = Outcome(0, (_PASSWORD,))
BY_CLAIM = Outcome(
    0,
    (_CLAIM, _MFA_CLAIM),
    details=_BY_CLAIM,
    multi_factor=True,
    policy="success",
    password=False,
)
FRESH_MFA = Outcome(
    0,
    (_PASSWORD, Step(_PUSH, "", True, "MFA successfully completed", _MFA)),
    details="MFA completed in Azure AD",
    multi_factor=True,
    policy="success",
)
SILENT_TRUSTED = Outcome(0, (_CLAIM,), password=False)
SILENT = Outcome(
    0, (_CLAIM,), details=_BY_CLAIM, multi_factor=True, policy="success", password=False
)
WRONG_PASSWORD = Outcome(
    50126,
    (_NO_PASSWORD,),
    "Error validating credentials due to invalid username or password.",
    "The user didn't enter the right credentials. It's expected to see some number of these "
    "errors in your logs due to users making mistakes.",
)
NO_SUCH_USER = Outcome(
    50034,
    (),
    "The user account {EUII Hidden} does not exist in the {tenant} directory. To sign into this "
    "application, the account must be added to the directory.",
)
DISABLED = Outcome(
    50057,
    (_PASSWORD,),
    "User account is disabled. The account has been disabled by an administrator.",
)
EXPIRED = Outcome(
    50055, (_PASSWORD,), "Invalid password, entered expired password.", "Password expired"
)
STAY_SIGNED_IN = Outcome(
    50140,
    (_PASSWORD,),
    "This error occurred due to 'Keep me signed in' interrupt when the user was signing-in.",
)
MFA_ASKED = Outcome(
    50076,
    (_PASSWORD, Step("", "", False, "MFA required in Azure AD")),
    _MFA_NEEDED.format("use multi-factor authentication"),
    "MFA required in Azure AD",
    multi_factor=True,
    policy="failure",
)
MFA_NOT_SET_UP = Outcome(
    50072,
    (_PASSWORD, Step("", "", False, "MFA required in Azure AD")),
    _MFA_NEEDED.format("enroll in multi-factor authentication"),
    "MFA required in Azure AD",
    multi_factor=True,
    policy="failure",
)


def _push_refused(how: str) -> Outcome:
    return Outcome(
        500121,
        (_PASSWORD, Step(_PUSH, "", False, how, _MFA)),
        "Authentication failed during strong authentication request.",
        how,
        multi_factor=True,
        policy="failure",
    )


MFA_DECLINED = _push_refused("MFA denied; user declined the authentication")
MFA_UNANSWERED = _push_refused("MFA denied; user did not respond to mobile app notification")
