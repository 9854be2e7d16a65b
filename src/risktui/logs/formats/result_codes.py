"""What Entra's result codes say about the password and the outcome of a sign-in."""

from __future__ import annotations

import msgspec

from risktui.model.events import Credentials, Result


class ResultCode(msgspec.Struct, frozen=True, array_like=True):
    """One code."""

    credentials: Credentials
    result: Result
    meaning: str


UNKNOWN_CODE = ResultCode("unknown", "failure", "")
"""For a code that is not listed: the sign-in failed, and nothing is said about the password."""


def result_code(code: int) -> ResultCode:
    """What `code` means; `UNKNOWN_CODE` where it is not in the table."""
    return RESULT_CODES.get(code, UNKNOWN_CODE)


# Microsoft's list of error codes says what each means; that the first factor was passed before
# MFA and Conditional Access ask for more follows from their order of evaluation. 50057 is
# "probable" because nobody says whether the password of a disabled account is looked at.
RESULT_CODES = {
    0: ResultCode("ok", "success", "signed in"),
    # The password or the name was wrong.
    50126: ResultCode("wrong", "failure", "wrong user name or password"),
    50034: ResultCode("wrong", "failure", "the user does not exist in this directory"),
    50056: ResultCode("wrong", "failure", "no password, or one that is invalid"),
    50064: ResultCode("wrong", "failure", "the credentials could not be validated"),
    7000215: ResultCode("wrong", "failure", "wrong client secret of an application"),
    # Blocked before anybody looked, or because somebody tried too often.
    50053: ResultCode("unknown", "failure", "account locked, or address blocked as malicious"),
    50057: ResultCode("probable", "failure", "the account is disabled"),
    # The password was right, but old.
    50055: ResultCode("ok", "failure", "the password has expired"),
    50144: ResultCode("ok", "failure", "the on-premises password has expired"),
    # The password was right; a second factor is asked for.
    50072: ResultCode("ok", "interrupt", "must enrol for MFA"),
    50074: ResultCode("ok", "interrupt", "MFA is required and was not passed"),
    50076: ResultCode("ok", "interrupt", "MFA is required"),
    50079: ResultCode("ok", "interrupt", "must enrol for MFA"),
    50158: ResultCode("ok", "interrupt", "an external challenge has to be passed"),
    500121: ResultCode("ok", "failure", "MFA was asked for and not passed"),
    # The password was right; Conditional Access or the application's assignment said no.
    53000: ResultCode("ok", "failure", "the device is not compliant"),
    53001: ResultCode("ok", "failure", "the device is not joined"),
    53003: ResultCode("ok", "failure", "blocked by Conditional Access"),
    50131: ResultCode("ok", "failure", "blocked by Conditional Access"),
    50105: ResultCode("ok", "failure", "the user is not assigned to the application"),
    50097: ResultCode("ok", "interrupt", "the device has to authenticate"),
    50155: ResultCode("ok", "failure", "the device failed to authenticate"),
    50005: ResultCode("ok", "failure", "the platform is not supported by Conditional Access"),
    50129: ResultCode("ok", "interrupt", "the device must be joined to the workplace"),
    65001: ResultCode("ok", "interrupt", "the user has to consent to the application"),
    # The password was right; the flow goes on with another step.
    50125: ResultCode("ok", "interrupt", "interrupted by a password reset or registration"),
    50135: ResultCode("ok", "interrupt", "the password must be changed because of risk"),
    50142: ResultCode("ok", "interrupt", "Conditional Access requires a password change"),
    50140: ResultCode("ok", "interrupt", "asked whether to stay signed in"),
    50199: ResultCode("ok", "interrupt", "asked to confirm the application"),
    16000: ResultCode("none", "interrupt", "asked which account to use"),
    50058: ResultCode("none", "interrupt", "no session to sign in silently with"),
    50011: ResultCode("unknown", "failure", "the reply address does not fit the application"),
    90072: ResultCode("unknown", "failure", "the account is unknown in this tenant"),
    # Not about a password: a session or a token is too old, or was revoked.
    50132: ResultCode("none", "failure", "the session was revoked or the password changed"),
    50133: ResultCode("none", "failure", "the session has expired or the password changed"),
    50173: ResultCode("none", "failure", "the token was revoked"),
    50078: ResultCode("none", "interrupt", "the earlier MFA has expired"),
    50089: ResultCode("none", "failure", "the flow token has expired"),
    70008: ResultCode("none", "failure", "the refresh token has expired"),
    70043: ResultCode("none", "failure", "the refresh token is too old for the sign-in frequency"),
} | {
    # Single sign-on, SAML and federation errors.
    code: ResultCode("none", "failure", "single sign-on or federation failed")
    for code in (
        *(20001, 20012, 20033, 40008, 40009, 40015, 50006, 50008, 50012, 50013, 50027, 50048),
        *(50099, 75005, 75008, 75011, 75016, 81004, 81009, 500212, 500213, 700005, 5000819),
    )
}
