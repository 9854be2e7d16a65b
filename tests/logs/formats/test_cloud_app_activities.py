from __future__ import annotations

from logs.product_samples import events_of, owner, place, records_of, said
from risktui.model.events import Client, Location


def test_alerts_that_were_dismissed_and_resolved() -> None:
    record = records_of("cloud_app_activities/user_related_activities.json")[0]
    first, second = events_of(record)
    assert said(first) == {
        "kind": "DirectoryChange",
        "time": 1574244328290,
        "id": "88814735_1574244328290_714fdcea1316483e88072f0f2a068ec7",
        "source": "cloud app activities",
        "tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
        "user_id": "8ef1de18-71c0-4a88-88da-019c1fbf1308",
        "user_principal_name": "some@address2.email",
        "user_display_name": "User Name - Test User Spec",
        "ip_address": "8.8.8.8",
        "location": Location(
            country_or_region="CY", latitude=11.0, longitude=33.0, radius_km=500.0
        ),
        "network": owner(0, "SomeOrganization Ltd."),
        "session_id": ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        "app_display_name": "Microsoft Cloud App Security",
        "operation": "EVENT_ADALLOM_ALERT_DISMISSED",
        "category": "Cloud app alert",
        "target_ids": ("8ef1de18-71c0-4a88-88da-019c1fbf1308",),
        "target_names": ("Impossible travel activity",),
        "target_types": ("Alert",),
    }
    assert said(second) == {
        "kind": "DirectoryChange",
        "time": 1574244274962,
        "id": "88814735_1574244274962_3c1916070eaf49558f7f3f82c10e6231",
        "source": "cloud app activities",
        "tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
        "user_id": "8ef1de18-71c0-4a88-88da-019c1fbf1308",
        "user_principal_name": "some@address2.email",
        "user_display_name": "User Name - Test User Spec",
        "ip_address": "8.8.8.8",
        "location": Location(
            country_or_region="CY", latitude=11.0, longitude=33.0, radius_km=500.0
        ),
        "network": owner(0, "SomeOrganization Ltd."),
        "session_id": ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        "app_display_name": "Microsoft Cloud App Security",
        "operation": "EVENT_ADALLOM_ALERT_RESOLVED",
        "category": "Cloud app alert",
        "target_ids": ("8ef1de18-71c0-4a88-88da-019c1fbf1308",),
        "target_names": ("Impossible travel activity",),
        "target_types": ("Alert",),
    }


def test_sign_ins_with_entras_own_codes() -> None:
    record = records_of("cloud_app_activities/user_related_activities.json")[1]
    first, second = events_of(record)
    assert said(first) == {
        "kind": "SignIn",
        "time": 1574254808375,
        "id": "7dc2b2d2-c6b4-4da8-95bb-14078aead500",
        "source": "cloud app activities",
        "tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
        "user_id": "890f83b6-fbeb-41c2-87c3-3bb233061e5d",
        "user_principal_name": "some@email.address",
        "user_display_name": "当用漢字",
        "ip_address": "6.6.6.6",
        "location": place("US", "someRegion", "SomeCity2", 11.1111, -11.1111),
        "network": owner(0, "Org Business"),
        "client": Client(browser="Chrome", operating_system="Windows 7"),
        "correlation_id": "ab917b3a-57e0-478b-9b0b-f4a631cfe82c",
        "app_id": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        "app_display_name": "Azure Portal",
        "operation": "EVENT_AAD_LOGIN_FAILED",
        "error_code": 50140,
        "failure_reason": (
            "Failed log on (Failure message: This error occurred due to "
            '"Keep me signed in" interrupt when the user was '
            "signing-in)"
        ),
        "credentials": "ok",
        "result": "interrupt",
        "home_tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
        "resource_tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
    }
    assert said(second) == {
        "kind": "SignIn",
        "time": 1574254787492,
        "id": "1d8ec75a-5a5a-486d-be85-7112c366bc00",
        "source": "cloud app activities",
        "tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
        "user_id": "890f83b6-fbeb-41c2-87c3-3bb233061e5d",
        "user_principal_name": "some@email.address",
        "user_display_name": "当用漢字",
        "ip_address": "6.6.6.6",
        "location": place("US", "someRegion", "SomeCity2", 11.1111, -11.1111),
        "network": owner(0, "Org Business"),
        "client": Client(browser="Chrome", operating_system="Windows 7"),
        "correlation_id": "ab917b3a-57e0-478b-9b0b-f4a631cfe82c",
        "app_id": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        "app_display_name": "Azure Portal",
        "operation": "EVENT_AAD_LOGIN_FAILED",
        "error_code": 50074,
        "failure_reason": (
            "Failed log on (Failure message: Strong Authentication (second factor) is required)"
        ),
        "credentials": "ok",
        "result": "interrupt",
        "home_tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
        "resource_tenant_id": "d48f52ca-5b1a-4708-8ed0-ebb98a26a46a",
    }
