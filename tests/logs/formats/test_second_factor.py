from __future__ import annotations

import pytest

from risktui.logs.formats.second_factor import Step, is_passwordless, second_factor


@pytest.mark.parametrize(
    ("code", "details", "steps", "meaning"),
    [
        (0, None, [], ""),
        (0, "MFA completed in Azure AD", [], "fresh"),
        (0, "MFA requirement satisfied by claim in the token", [], "claim"),
        (0, "MFA requirement satisfied by multi-factor device", [], "claim"),
        (0, "MFA requirement skipped due to remembered device", [], "claim"),
        (50076, "MFA required in Azure AD", [], ""),
        (50126, "MFA completed in Azure AD", [], ""),
        (500121, "MFA denied; user declined the authentication", [], "denied"),
        (500121, "MFA denied; user did not respond to mobile app notification", [], "unanswered"),
        (500121, "MFA denied; no phone input - timed out", [], "unanswered"),
        (500121, "MFA denied; fraud code entered", [], "fraud"),
        (500121, "MFA denied; Phone App Reported Fraud", [], "fraud"),
        (500121, "MFA denied; invalid verification code", [], "failed"),
        (500121, None, [], "failed"),
        (500121, None, [Step("Phone app", "SuspiciousActivityReported", None, False)], "fraud"),
        (
            0,
            None,
            [
                Step("Password", "Correct password", "Primary authentication", True),
                Step("Mobile app notification", "MFA successfully completed", "MFA", True),
            ],
            "fresh",
        ),
        (
            0,
            None,
            [
                Step(
                    "Previously satisfied",
                    "First factor requirement satisfied by claim in the token",
                    "Primary authentication",
                    True,
                ),
            ],
            "",
        ),
        (
            0,
            None,
            [
                Step("FIDO2", "methodSucceeded", "Primary authentication", True),
                Step("Claim in access token", "methodSucceeded", "MFA", True),
            ],
            "claim",
        ),
        (0, None, [Step("FIDO2", "methodSucceeded", "Primary authentication", True)], "fresh"),
        (0, None, [Step("Password", "methodSucceeded", "Primary authentication", True)], ""),
        (0, None, [Step("Text message", "methodSucceeded", "MFA", True)], "fresh"),
        (0, None, [Step("Text message", "started", "MFA", False)], ""),
    ],
)
def test_says_what_became_of_the_second_factor(
    code: int, details: str | None, steps: list[Step], meaning: str
) -> None:
    assert second_factor(code, details, steps) == meaning


@pytest.mark.parametrize(
    ("method", "requirement", "expected"),
    [
        ("FIDO2 security key", "Primary authentication", True),
        ("Passwordless phone sign-in", "Primary authentication", True),
        ("Password", "Primary authentication", False),
        ("FIDO2 security key", "Multi-factor authentication", False),
    ],
)
def test_whether_the_first_factor_was_no_password(
    method: str, requirement: str, expected: bool
) -> None:
    assert is_passwordless([Step(method, "methodSucceeded", requirement, True)]) is expected
