"""Which of the directory audit's operations are about passwords, accounts, verdicts and reports."""

from __future__ import annotations

from typing import Literal

How = Literal["change", "self-service reset", "admin reset", "on-premises"]
What = Literal["created", "disabled", "enabled", "deleted", "restored"]
Action = Literal["confirmCompromised", "confirmSafe", "dismiss", "undo"]

# Names of operations as Entra's audit reference lists them, in lower case, dashes normalised.
PASSWORD_CHANGES: dict[str, How] = {
    "change password (self-service)": "change",
    "change user password": "change",
    "change password": "change",
    "reset password (self-service)": "self-service reset",
    "reset password (by admin)": "admin reset",
    "reset user password": "admin reset",
    "reset password": "admin reset",
}
ACCOUNT_CHANGES: dict[str, What] = {
    "add user": "created",
    "delete user": "deleted",
    "hard delete user": "deleted",
    "restore user": "restored",
    "disable account": "disabled",
    "disable user": "disabled",
    "enable account": "enabled",
    "enable user": "enabled",
}
VERDICTS: dict[str, Action] = {
    "dismissuser": "dismiss",
    "dismissriskyuser": "dismiss",
    "dismissrisk": "dismiss",
    "confirmaccountcompromised": "confirmCompromised",
    "confirmusercompromised": "confirmCompromised",
    "confirmcompromised": "confirmCompromised",
    "confirmsignincompromised": "confirmCompromised",
    "confirmaccountsafe": "confirmSafe",
    "confirmusersafe": "confirmSafe",
    "confirmsafe": "confirmSafe",
    "confirmsigninsafe": "confirmSafe",
}
"""Identity Protection's administrators' operations, without blanks."""

PRINCIPAL_VERDICTS: dict[str, Action] = {
    "confirmserviceprincipalcompromised": "confirmCompromised",
    "dismissserviceprincipal": "dismiss",
}
"""The same of applications' identities."""

REPORTS = {
    "suspicious activity reported",
    "fraud reported - no action taken",
    "fraud reported - user is blocked for mfa",
}
