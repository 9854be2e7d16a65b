"""Sign-ins as the unified audit log tells them (record types 9 and 15)."""

from __future__ import annotations

from risktui.logs.formats.fields import identifier, session_of, text
from risktui.logs.formats.result_codes import result_code
from risktui.logs.formats.second_factor import second_factor
from risktui.logs.formats.unified_doer import referred
from risktui.logs.formats.unified_record import Unified, named
from risktui.model.events import Client, Event, SignIn
from risktui.model.names import NOBODY, object_id

LOGON_ERRORS = {
    "invalidusernameorpassword": 50126,
    "idslocked": 50053,
    "useraccountnotfound": 50034,
    "useraccountnotfoundindirectory": 50034,
    "invalidpasswordexpiredpassword": 50055,
    "invalidpasswordexpiredonprempassword": 50144,
    "userdisabled": 50057,
    "userstrongauthclientauthnrequired": 50074,
    "userstrongauthclientauthnrequiredinterrupt": 50074,
    "userstrongauthenrollmentrequired": 50079,
    "userstrongauthenrollmentrequiredinterrupt": 50072,
    "userstrongauthexpired": 50078,
    "authenticationfailedsaserror": 500121,
    "externalsecuritychallenge": 50158,
    "blockedbyconditionalaccess": 53003,
    "devicenotcompliant": 53000,
    "devicenotdomainjoined": 53001,
    "deviceauthenticationrequired": 50097,
    "entitlementgrantsnotfound": 50105,
    "delegationdoesnotexist": 65001,
    "invalidreplyto": 50011,
    "flowtokenexpired": 50089,
    "ssoartifactrevoked": 50132,
    "ssoartifactinvalidorexpired": 50133,
    "ssoartifactexpiredduetoconditionalaccess": 70043,
    "ssouseraccountnotfoundinresourcetenant": 90072,
    "passwordresetregistrationrequiredinterrupt": 50125,
    "userinformationnotprovided": 50058,
    "kmsiinterrupt": 50140,
    "cmsiinterrupt": 50199,
}
"""Names of errors and the numbers that Microsoft's list of codes gives them."""

FAILED = -1
"""Error code of a failure whose reason nobody told."""

_JOINED = {
    "azuread": "Azure AD joined",
    "serverad": "Hybrid Azure AD joined",
    "workplace": "Azure AD registered",
}


def sign_in(record: Unified) -> list[Event]:
    """The sign-in that `record` tells of."""
    raw = record.raw
    details = named(raw.extended_properties)
    device = named(raw.device_properties)
    error_code = _error_code(record)
    code = result_code(error_code)
    common = record.common() | {
        "session_id": session_of(device.get("sessionid")) or session_of(raw.session_id),
        "app_id": identifier(raw.application_id),
        "client": _client(record, details, device),
    }
    resource = referred(raw.target, 0) or text(raw.object_id)
    return [
        SignIn(
            **common,
            **record.doer(),
            error_code=error_code,
            failure_reason=(code.meaning or text(raw.logon_error)) if error_code else "",
            additional_details=text(raw.logon_error),
            credentials=code.credentials,
            result=code.result,
            is_interactive=_is_interactive(details),
            mfa=second_factor(error_code, None, ()),
            home_tenant_id=identifier(raw.actor_context_id),
            resource_tenant_id=identifier(raw.target_context_id),
            resource_id=object_id(resource) if resource != NOBODY else "",
        )
    ]


def _error_code(record: Unified) -> int:
    """By number, by name, by operation: `ResultStatus` says Success of failures too."""
    raw = record.raw
    number = text(raw.error_number)
    if number.isascii() and number.isdecimal() and int(number[:9]):
        return int(number[:9])
    known = LOGON_ERRORS.get(text(raw.logon_error).casefold())
    if known is not None:
        return known
    return FAILED if "fail" in record.operation.casefold() else 0


def _is_interactive(details: dict[str, str]) -> bool:
    """A token asked for without a method of authentication was got with another token."""
    silent = details.get("requesttype", "").casefold() in {"oauth2:token", "wsfedsilent"}
    return not (silent and not details.get("userauthenticationmethod"))


def _client(record: Unified, details: dict[str, str], device: dict[str, str]) -> Client:
    is_managed = device.get("iscompliantandmanaged", "").casefold() == "true"
    return Client(
        user_agent=text(details.get("useragent") or record.raw.user_agent),
        browser=text(device.get("browsertype")),
        operating_system=text(device.get("os")),
        device_id=identifier(device.get("id")),
        device_name=text(device.get("displayname")),
        is_compliant=is_managed or device.get("iscompliant", "").casefold() == "true",
        is_managed=is_managed,
        trust_type=_JOINED.get(device.get("trusttype", "").casefold(), ""),
    )
