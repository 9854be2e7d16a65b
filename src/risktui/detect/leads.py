"""Passes a word on from a tracker of one key to the person whom it concerns."""

from __future__ import annotations

from collections.abc import Mapping

from risktui.model.events import Activity, Event, Lead


def lead_to(
    event: Event,
    about: Activity,
    topic: str,
    details: Mapping[str, str | int | float | list[str]],
    *,
    tenant_id: str | None = None,
) -> Lead:
    """To who has done `about`, which may be hours older than `event`, which has revealed it.

    `tenant_id` is the person's where it is not that of `event`.
    """
    return Lead(
        time=event.time,
        id=event.id,
        source=event.source,
        tenant_id=event.tenant_id if tenant_id is None else tenant_id,
        user_id=about.user_id,
        user_principal_name=about.user_principal_name,
        user_display_name=about.user_display_name,
        ip_address=about.ip_address,
        location=about.location,
        network=about.network,
        client=about.client,
        topic=topic,
        activity=about,
        details=dict(details),
    )
