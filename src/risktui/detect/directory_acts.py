"""How grand an act in the directory is: what an intruder does to stay, and what is everybody's."""

from __future__ import annotations

from risktui.model.events import DirectoryChange

WEIGHTS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (
        40,
        (
            "add member to role",
            "add eligible member to role",
            "add scoped member to role",
            "set domain authentication",
            "set federation settings on domain",
            "disable strong authentication",
            "update authorization policy",
            "add partner to company",
        ),
    ),
    (
        30,
        (
            "add service principal credentials",
            "update application - certificates and secrets management",
            "add app role assignment to service principal",
            "consent to application",
            "add owner to service principal",
            "add owner to application",
            "add conditional access policy",
            "update conditional access policy",
            "delete conditional access policy",
            "update named location",
            "disable pim alert",
        ),
    ),
    (
        20,
        (
            "add user",
            "invite external user",
            "enable account",
            "restore user",
            "admin registered security info",
            "admin deleted security info",
            "update security defaults",
            "set company information",
            "update identityprotectionpolicy",
        ),
    ),
    (
        10,
        (
            "delete user",
            "delete group",
            "delete device",
            "download users",
            "reset password",
            "reset user password",
        ),
    ),
)
"""Beginnings of operations (Entra's audit reference; card U03) and how much they weigh."""
ACTIVATIONS = ("add member to role completed", "add member to role requested")
"""An activation by Privileged Identity Management, which somebody has allowed."""
RESETS = ("reset password (by admin)", "reset user password", "reset password")


def weight_of(operation: str) -> int:
    """How much an operation (casefolded) weighs, 0 for what is everybody's."""
    if operation.startswith(ACTIVATIONS):
        return 0
    return next((weight for weight, names in WEIGHTS if operation.startswith(names)), 0)


def is_own_consent(event: DirectoryChange, name: str) -> bool:
    """Whether somebody has let an application in for themselves, and not for everybody."""
    return name.startswith("consent to") and any(
        what.casefold().endswith("isadminconsent") and new.strip('"').casefold() == "false"
        for what, _, new in event.changes
    )
