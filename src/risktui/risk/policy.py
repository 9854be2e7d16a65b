"""What risk policies would have done about a sign-in or a person, beside what was really done.

Nothing is enforced here (docs/policies.md). A sign-in policy looks at the risk that was known
while the sign-in happened, as Conditional Access does; a user policy at the person's level before.
"""

from __future__ import annotations

from collections.abc import Iterator

from risktui.model.events import Event, SignIn, outcome_of
from risktui.model.ids import stable_id
from risktui.model.risk import PolicyResult, RiskLevel
from risktui.risk.ledger import Ledger
from risktui.settings import Policy

EXPECTED = {
    "allow": "let in",
    "mfa": "asked for MFA",
    "passwordChange": "asked for MFA and a new password",
    "riskRemediation": "sessions revoked, asked to sign in again with a strong method",
    "block": "blocked",
}
BLOCKED = frozenset({53000, 53001, 53003, 50131, 530032})
"""Result codes of Conditional Access that end a sign-in."""
BUILT_IN_BLOCK = "blocked by built-in protections"
"""Part of the reason of code 50053 where the product itself was sure."""
MAX_RESULTS = 8
"""Results kept with one sign-in."""


def evaluate_sign_in(ledger: Ledger, event: Event) -> None:
    """Say what each policy that matches would have done about this sign-in."""
    if not isinstance(event, SignIn) or not ledger.rules.policies:
        return
    found = tuple(_of_sign_in(ledger, event))[:MAX_RESULTS]
    if not found:
        return
    ledger.outcome.policies += found
    sign_in = ledger.risk.sign_ins.get(event.id)
    if sign_in is not None:
        sign_in.policies = found
        ledger.outcome.sign_ins.append(sign_in)
    for detection in ledger.risk.of_sign_in(event.id):
        detection.policies = found
        ledger.outcome.detections.append(detection)


def evaluate_user(ledger: Ledger, time: int) -> None:
    """Say what awaits the person at the next sign-in, where their level has just changed."""
    risk = ledger.risk
    if risk.level is ledger.level_before or not risk.state.active:
        return
    for policy in ledger.rules.policies:
        if policy.applies_to == "user" and _matches(ledger, policy, risk.level):
            ledger.outcome.policies.append(
                PolicyResult(
                    id=stable_id("policy", policy.name, risk.user_id, risk.written),
                    policy=policy.name,
                    applies_to="user",
                    control=policy.control,
                    risk_level=risk.level,
                    expected=EXPECTED[policy.control],
                    report_only=policy.state == "reportOnly",
                    time=time,
                    user_id=risk.user_id,
                    user_principal_name=risk.user_principal_name,
                )
            )


def wants_every_sign_in(ledger: Ledger) -> bool:
    """Whether a policy looks at whatever a person at risk does next."""
    return any(policy.applies_to == "user" for policy in ledger.rules.policies)


def _of_sign_in(ledger: Ledger, event: SignIn) -> Iterator[PolicyResult]:
    sign_in = ledger.risk.sign_ins.get(event.id)
    during = sign_in.risk_level_during_sign_in if sign_in else RiskLevel.NONE
    for policy in ledger.rules.policies:
        level = during if policy.applies_to == "signIn" else ledger.level_before
        if not _matches(ledger, policy, level) or event.credentials == "wrong":
            continue
        yield PolicyResult(
            id=stable_id("policy", policy.name, event.user, event.id),
            policy=policy.name,
            applies_to=policy.applies_to,
            control=policy.control,
            risk_level=level,
            expected=EXPECTED[policy.control],
            actual=what_was_done(event),
            differs=_is_laxer(policy, event),
            report_only=policy.state == "reportOnly",
            time=event.time,
            user_id=ledger.risk.user_id,
            user_principal_name=ledger.risk.user_principal_name,
            request_id=event.id,
        )


def _matches(ledger: Ledger, policy: Policy, level: RiskLevel) -> bool:
    return str(level) in policy.levels and ledger.rules.concerns(
        policy, ledger.risk.user_principal_name
    )


def what_was_done(event: SignIn) -> str:
    """What Conditional Access did about `event`, in words."""
    if event.error_code == 50053 and BUILT_IN_BLOCK in event.failure_reason.casefold():
        return "blocked by built-in protections due to high confidence of risk"
    status = event.conditional_access_status or "not evaluated"
    passed = {"fresh": ", MFA passed", "claim": ", MFA satisfied by the token"}.get(event.mfa, "")
    return f"{outcome_of(event)}{passed}; Conditional Access {status}"


def _is_laxer(policy: Policy, event: SignIn) -> bool:
    """Whether somebody got further than the policy would have let them."""
    got_in = event.result == "success" and event.error_code not in BLOCKED
    if not got_in or policy.control == "allow":
        return False
    if policy.control in {"mfa", "riskRemediation"}:
        return event.mfa not in ({"fresh", "claim"} if policy.control == "mfa" else {"fresh"})
    return True
