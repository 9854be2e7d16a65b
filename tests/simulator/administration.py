"""What administrators do all day: routine, resets, new colleagues, a larger change now and then."""

from __future__ import annotations

from typing import Any

from risktui.model.events import (
    AccountChange,
    Client,
    DirectoryChange,
    Event,
    PasswordChange,
)
from simulator.company import SECOND, Person, new_id
from simulator.days import Today


def change(
    today: Today, time: int, operation: str, target: Person | str, **extra: object
) -> DirectoryChange:
    """An administrator changes something."""
    person = isinstance(target, Person)
    name = target.upn if isinstance(target, Person) else target
    fields: dict[str, Any] = {
        "operation": operation,
        "category": "UserManagement",
        "target_ids": (target.id if isinstance(target, Person) else name,),
        "target_names": (name,),
        "target_types": ("User" if person else "Other",),
        "client": Client(user_agent=today.laptop.agent(today.day)),
    } | extra
    origin = today.origin(time)
    return today.journal.does(DirectoryChange, today.rng, time, today.person, origin, **fields)


def administration(today: Today) -> None:
    """Routine, every day; new colleagues on Mondays; larger changes once in a while."""
    rng, company = today.rng, today.journal.company
    for _ in range(rng.randint(3, 8)):
        target = rng.choice(company.everybody)
        operation = rng.choice(
            ("Update user", "Update user", "Add member to group", "Update device")
        )
        change(today, today.between(10), operation, target)
    if rng.random() < 0.25:
        reset(today, today.between(10), rng.choice(company.everybody))
    if today.day % 7 == 0 and today.person.number == 0:
        begin = today.between(20)
        for number in range(rng.randint(4, 12)):
            name = f"new{today.day}x{number}@{company.domains[0]}"
            time = begin + number * 70 * SECOND
            _joins(today, time, name)
            change(today, time + 30 * SECOND, "Add member to group", name)
    if rng.random() < 0.03:
        change(today, today.between(60), "Update conditional access policy", "Require MFA")


def _joins(today: Today, time: int, name: str) -> None:
    today.journal.does(
        AccountChange,
        today.rng,
        time,
        today.person,
        today.origin(time),
        operation="Add user",
        what="created",
        user_id=new_id(today.rng),
        user_principal_name=name,
        user_display_name=name.partition("@")[0],
        initiated_by=today.person.upn,
    )


def reset(today: Today, time: int, target: Person) -> Event:
    """An administrator sets somebody's password anew."""
    who = today.journal.who(target, today.origin(time))
    fields = {key: who[key] for key in ("user_id", "user_principal_name", "user_display_name")}
    return today.journal.does(
        PasswordChange,
        today.rng,
        time,
        today.person,
        today.origin(time),
        operation="Reset password (by admin)",
        how="admin reset",
        initiated_by=today.person.upn,
        **fields,
    )
