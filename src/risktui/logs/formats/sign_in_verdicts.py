"""Microsoft's own verdicts that stand in a sign-in: one alert for each riskEventType."""

from __future__ import annotations

from risktui.logs.formats.fields import text
from risktui.model.events import ProductAlert, SignIn

PRODUCT = "Microsoft Entra ID Protection"

VERDICTS = frozenset(("atRisk", "confirmedCompromised", "confirmedSafe", "dismissed", "remediated"))
"""riskState of a sign-in of which Microsoft thinks something."""


def verdicts_in(sign_in: SignIn, detail: str | None) -> list[ProductAlert]:
    """What Microsoft has found in the sign-in; tenants may export nothing else of it."""
    if sign_in.provider_risk_state not in VERDICTS:
        return []
    return [
        ProductAlert(
            time=sign_in.time,
            id=f"{sign_in.id}:{kind}:{sign_in.provider_risk_state}",
            source=sign_in.source,
            tenant_id=sign_in.tenant_id,
            user_id=sign_in.user_id,
            user_principal_name=sign_in.user_principal_name,
            user_display_name=sign_in.user_display_name,
            user_type=sign_in.user_type,
            ip_address=sign_in.ip_address,
            location=sign_in.location,
            network=sign_in.network,
            client=sign_in.client,
            session_id=sign_in.session_id,
            correlation_id=sign_in.correlation_id,
            app_id=sign_in.app_id,
            app_display_name=sign_in.app_display_name,
            operation=kind,
            product=PRODUCT,
            title=kind,
            severity=sign_in.provider_risk_level,
            risk_event_type=kind,
            risk_state=sign_in.provider_risk_state,
            risk_detail=text(detail),
            request_id=sign_in.id,
            alert_id=f"{sign_in.id}:{kind}",
        )
        for kind in sign_in.provider_risk_event_types
    ]
