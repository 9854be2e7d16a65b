"""What the configuration says about risk, as the ledger needs it: plain and complete."""

from __future__ import annotations

import msgspec

from risktui.settings import Policy


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How risk grows and ends in this organisation."""

    compound: bool = True
    on_prem_password_clears_risk: bool = False
    low_days: int = 180
    """Low risk ages out this many days after the person's level last rose; 0 is never."""
    deleted_days: int = 30
    """Risk of a deleted account is put away after so many days; 0 is never."""
    policies: tuple[Policy, ...] = ()
    groups: dict[str, frozenset[str]] = {}
    """Principal names of the people in each group of the configuration."""

    def concerns(self, policy: Policy, user_principal_name: str) -> bool:
        """Whether `policy` is meant for this person."""
        if user_principal_name in {name.casefold() for name in policy.exclude_users}:
            return False
        if self._within(policy.exclude_groups, user_principal_name):
            return False
        return not policy.include_groups or self._within(policy.include_groups, user_principal_name)

    def _within(self, groups: list[str], user_principal_name: str) -> bool:
        return any(user_principal_name in self.groups.get(group, ()) for group in groups)


PLAIN = Rules()
"""Without a configuration."""
