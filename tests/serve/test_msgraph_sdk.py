"""Microsoft's own client for Graph works on us as on Graph.

It is heavy, and so in a group of its own: `uv sync --group graph`.
"""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from console.playing import console
from serve.calling import SECRET
from serve.conftest import PEOPLE
from serve.serving import Serving

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own affair
    pytest.importorskip("msgraph", reason="uv sync --group graph")
    kiota: Any = import_module("kiota_abstractions.authentication")
    requests: Any = import_module("kiota_abstractions.base_request_configuration")
    msgraph: Any = import_module("msgraph")
    people: Any = import_module(
        "msgraph.generated.identity_protection.risky_users.risky_users_request_builder"
    )
    detected: Any = import_module(
        "msgraph.generated.identity_protection.risk_detections.risk_detections_request_builder"
    )
    models: Any = import_module("msgraph.generated.models.risk_level")
    states: Any = import_module("msgraph.generated.models.risk_state")
    confirm: Any = import_module(
        "msgraph.generated.identity_protection.risky_users.confirm_compromised"
        ".confirm_compromised_post_request_body"
    )
    dismissal: Any = import_module(
        "msgraph.generated.identity_protection.risky_users.dismiss.dismiss_post_request_body"
    )
    safety: Any = import_module(
        "msgraph.generated.identity_protection.risky_users.confirm_safe"
        ".confirm_safe_post_request_body"
    )
    errors: Any = import_module("msgraph.generated.models.o_data_errors.o_data_error")
    iterators: Any = import_module("msgraph_core.tasks.page_iterator")

pytestmark = pytest.mark.filterwarnings("ignore")  # the client's own


@pytest.fixture
def where(tenant: Path) -> Iterator[str]:
    with Serving(tenant, "--listen", "127.0.0.1:0", RISKTUI_TOKEN=SECRET) as serving:
        yield serving.where


class _OurToken(kiota.AccessTokenProvider):  # type: ignore[misc]  # known at run time only
    async def get_authorization_token(self, *_: Any, **__: Any) -> str:
        return SECRET

    def get_allowed_hosts_validator(self) -> Any:
        return kiota.AllowedHostsValidator([])


@pytest_asyncio.fixture
async def client(where: str) -> AsyncIterator[Any]:
    provider = kiota.BaseBearerTokenAuthenticationProvider(_OurToken())
    adapter = msgraph.GraphRequestAdapter(provider)
    adapter.base_url = f"{where}/v1.0"
    yield msgraph.GraphServiceClient(request_adapter=adapter)
    await adapter._http_client.aclose()
    await adapter._http_client._transport.transport.aclose()  # which the client forgets


def _asking(builder: Any, name: str, **options: Any) -> Any:
    parameters = getattr(builder, name)(**options)
    return requests.RequestConfiguration(query_parameters=parameters)


def _of_people(**options: Any) -> Any:
    name = "RiskyUsersRequestBuilderGetQueryParameters"
    return _asking(people.RiskyUsersRequestBuilder, name, **options)


def _of_detections(**options: Any) -> Any:
    name = "RiskDetectionsRequestBuilderGetQueryParameters"
    return _asking(detected.RiskDetectionsRequestBuilder, name, **options)


async def test_it_lists_and_filters_people_at_risk(client: Any) -> None:
    users = client.identity_protection.risky_users
    everybody = (await users.get()).value
    assert {user.user_display_name.lower() for user in everybody} == set(PEOPLE)
    assert {user.risk_state for user in everybody} == {states.RiskState.AtRisk}
    assert all(user.risk_last_updated_date_time.tzinfo for user in everybody)
    some = await users.get(
        _of_people(
            filter="riskState eq 'atRisk' and startswith(userPrincipalName,'c')",
            select=["userPrincipalName", "riskLevel"],
            count=True,
        )
    )
    assert [user.user_principal_name for user in some.value] == ["carol@contoso.com"]
    assert some.odata_count == 1
    assert some.value[0].user_display_name is None
    assert await users.count.get() == 7


async def test_it_follows_pages(client: Any) -> None:
    users = client.identity_protection.risky_users
    first = await users.get(_of_people(top=2, orderby=["userPrincipalName"]))
    names: list[str] = []
    pages = iterators.PageIterator(first, client.request_adapter)

    def keep(user: Any) -> bool:
        names.append(user.user_principal_name.split("@")[0])
        return True

    await pages.iterate(keep)
    assert names == list(PEOPLE)


async def test_it_reads_detections_with_their_place_and_time(client: Any) -> None:
    detections = client.identity_protection.risk_detections
    found = await detections.get(
        _of_detections(
            filter="riskEventType eq 'anonymizedIPAddress' and detectedDateTime ge 2026-03-04",
            orderby=["detectedDateTime desc"],
        )
    )
    [one] = found.value
    assert (one.user_display_name, one.ip_address) == ("Alice", "198.51.100.66")
    assert (one.location.city, one.location.country_or_region) == ("Tokyo", "JP")
    assert one.location.geo_coordinates.latitude == 35.68
    assert one.activity_date_time.isoformat() == "2026-03-04T19:00:00+00:00"
    assert one.risk_level in set(models.RiskLevel)
    assert one.token_issuer_type is not None
    assert one.detection_timing_type is not None
    again = await detections.by_risk_detection_id(one.id).get()
    assert again.request_id == one.request_id
    assert again.additional_data["risktui"]["explanation"]["headline"]


async def test_it_confirms_one_reads_history_and_the_console_shows_it(
    client: Any, tenant: Path
) -> None:
    users = client.identity_protection.risky_users
    [carol] = (await users.get(_of_people(filter="userDisplayName eq 'Carol'"))).value
    await users.confirm_compromised.post(
        confirm.ConfirmCompromisedPostRequestBody(user_ids=[carol.id])
    )
    now = await users.by_risky_user_id(carol.id).get()
    assert now.risk_level == models.RiskLevel.High
    assert now.risk_state == states.RiskState.ConfirmedCompromised
    steps = (await users.by_risky_user_id(carol.id).history.get()).value
    assert [step.initiated_by for step in steps][-1] == "api"
    assert steps[-1].activity.detail.value == "adminConfirmedUserCompromised"
    one = (
        await users.by_risky_user_id(carol.id)
        .history.by_risky_user_history_item_id(steps[-1].id)
        .get()
    )
    assert one.user_id == carol.id
    async with console(tenant / "x.db") as playing:
        await playing.type("/state:confirmedCompromised")
        await playing.press("enter")
        await playing.sees("carol@", "confirmed")


async def test_it_dismisses_and_confirms_safe(client: Any) -> None:
    users = client.identity_protection.risky_users
    by_name = {user.user_display_name: user.id for user in (await users.get()).value}
    await users.dismiss.post(dismissal.DismissPostRequestBody(user_ids=[by_name["Bob"]]))
    await users.confirm_safe.post(safety.ConfirmSafePostRequestBody(user_ids=[by_name["Dave"]]))
    now = {user.user_display_name: user.risk_state for user in (await users.get()).value}
    assert now["Bob"] == states.RiskState.Dismissed
    assert now["Dave"] == states.RiskState.ConfirmedSafe


async def test_it_understands_our_errors(client: Any) -> None:
    users = client.identity_protection.risky_users
    with pytest.raises(errors.ODataError) as raised:
        await users.get(_of_people(filter="riskLevl eq 'high'"))
    assert raised.value.response_status_code == 400
    assert "could not find a property named 'riskLevl'" in raised.value.error.message
    with pytest.raises(errors.ODataError) as raised:
        await users.by_risky_user_id("nobody").get()
    assert raised.value.response_status_code == 404
