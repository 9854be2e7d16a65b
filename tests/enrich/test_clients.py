"""How the program and the device behind a sign-in are named."""

from __future__ import annotations

import pytest
import ua_parser
from hypothesis import given, settings
from hypothesis import strategies as st

from risktui.enrich.clients import client_of
from risktui.model.events import NO_CLIENT
from risktui.model.programs import is_tool

EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.4 Safari/605.1.15"
)
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/124.0.0.0 Mobile Safari/537.36"
)
TEAM_FILTRATION = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Teams/1.3.00.30866 Chrome/80.0.3987.165 Electron/8.5.1 Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "browser", "version", "system"),
    [
        (EDGE, "Edge", "124.0.2478", "Windows 10"),
        (IPHONE, "Safari", "18.6", "iOS 18"),
        (MAC, "Safari", "17.4", "macOS"),
        (ANDROID, "Chrome", "124.0.0", "Android 14"),
        ("python-requests/2.31.0", "python-requests", "2.31.0", ""),
        ("azurehound/v2.1.0", "AzureHound", "2.1.0", ""),
        ("BAV2ROPC", "BAV2ROPC", "", ""),
        ("CBAInPROD", "CBAInPROD", "", ""),
        ("nothing that anybody knows", "", "", ""),
    ],
)
def test_the_user_agent_names_browser_and_system(
    user_agent: str, browser: str, version: str, system: str
) -> None:
    client = client_of(user_agent)
    assert (client.browser, client.browser_version) == (browser, version)
    assert client.operating_system == system
    assert client.user_agent == user_agent


@pytest.mark.parametrize(
    ("browser", "system", "expected"),
    [
        ("Edge 90.0.818", "Windows10", ("Edge", "90.0.818", "Windows 10")),
        ("Mobile Safari 18.6", "Ios 18.6", ("Safari", "18.6", "iOS 18")),
        ("Chrome Mobile 124.0.0", "Android 14", ("Chrome", "124.0.0", "Android 14")),
        ("Rich Client 5.2.8.0", "Windows 11", ("Rich Client", "5.2.8.0", "Windows 11")),
        ("IE 11.0", "Windows 10", ("IE", "11.0", "Windows 10")),
        ("Safari", "MacOs", ("Safari", "", "macOS")),
        ("Safari 17.4", "MacOs 10.15.7", ("Safari", "17.4", "macOS")),
        ("Firefox 115.0", "Ubuntu", ("Firefox", "115.0", "Linux")),
    ],
)
def test_entras_own_words_are_brought_to_one_spelling(
    browser: str, system: str, expected: tuple[str, str, str]
) -> None:
    client = client_of("", browser=browser, operating_system=system)
    assert (client.browser, client.browser_version, client.operating_system) == expected


def test_the_records_own_words_win_over_the_user_agent() -> None:
    client = client_of(EDGE, browser="Chrome 99.0", operating_system="Windows 11")
    assert (client.browser, client.operating_system) == ("Chrome", "Windows 11")


def test_what_the_record_leaves_out_comes_from_the_user_agent() -> None:
    client = client_of(IPHONE, browser="", operating_system="Ios 17.1")
    assert (client.browser, client.browser_version) == ("Safari", "18.6")
    assert client.operating_system == "iOS 17"


def test_one_browser_has_one_family_on_every_device() -> None:
    phone = client_of(ANDROID)
    entra = client_of("", browser="Chrome Mobile 124.0.0", operating_system="Android 14")
    assert phone.browser == entra.browser == client_of("", browser="Chrome 124.0").browser


def test_device_facts_are_taken_over_whatever_their_type() -> None:
    client = client_of(
        "",
        device_id="d1",
        device_name="LAPTOP-7",
        is_compliant="True",
        is_managed=True,
        trust_type="Azure AD joined",
        client_app="Browser",
    )
    assert client.is_compliant
    assert client.is_managed
    assert client.managed
    assert (client.device_id, client.device_name) == ("d1", "LAPTOP-7")
    assert (client.trust_type, client.client_app) == ("Azure AD joined", "Browser")
    assert not client_of("", device_id="d1", is_compliant=None, is_managed="").managed


def test_a_record_that_says_nothing_has_no_client() -> None:
    assert client_of("") is NO_CLIENT
    assert client_of(None, browser=None, operating_system=None) is NO_CLIENT


@pytest.mark.parametrize(
    ("user_agent", "tool"),
    [
        ("azurehound/v2.1.0", "AzureHound"),
        ("Mozilla/5.0 SharpHound", "SharpHound"),
        ("AADInternals", "AADInternals"),
        ("axios/1.7.9", "axios"),
        ("agentaxios/1.7.9", "agentaxios"),
        ("node", "node"),
        ("node-fetch/1.0", "node-fetch"),
        ("undici", "undici"),
        ("fasthttp", "fasthttp"),
        ("Go-http-client/2.0", "Go-http-client"),
        ("go-resty/2.7.0 (https://github.com/go-resty/resty)", "go-resty"),
        ("GuzzleHttp/7", "GuzzleHttp"),
        ("okhttp/4.9.3", "okhttp"),
        ("python-requests/2.31.0", "python-requests"),
        ("Python/3.11 aiohttp/3.9.1", "aiohttp"),
        ("python/3.9", "python"),
        ("curl/8.5.0", "curl"),
        ("BAV2ROPC", "BAV2ROPC"),
        ("PostmanRuntime/7.36", "PostmanRuntime"),
        (TEAM_FILTRATION, "TeamFiltration"),
    ],
)
def test_tools_are_named(user_agent: str, tool: str) -> None:
    assert is_tool(user_agent) == tool


@pytest.mark.parametrize(
    "user_agent",
    [
        EDGE,
        IPHONE,
        "",
        "curly/1.0",
        "nodebox/3",
        "pythonic",
        "Outlook-iOS/2.0",
        "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1",
        "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.12026; Pro)",
        TEAM_FILTRATION.replace("1.3.00.30866", "1.6.00.1381"),
    ],
)
def test_clients_of_users_are_no_tools(user_agent: str) -> None:
    assert is_tool(user_agent) == ""


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.lists(st.integers()), st.text()
)


@given(anything, anything, anything, anything)
@settings(max_examples=200, deadline=None)
def test_no_record_raises(agent: object, browser: object, system: object, flag: object) -> None:
    client = client_of(agent, browser=browser, operating_system=system, is_managed=flag)
    assert len(client.user_agent) <= 512


def test_broken_text_does_not_raise() -> None:
    assert client_of("Mozilla \ud800/5.0").user_agent == "Mozilla ?/5.0"
    assert is_tool("\udfff") == ""
    assert client_of("A" * 100_000).browser == ""


@pytest.mark.parametrize(
    "user_agent",
    [
        EDGE,
        IPHONE,
        MAC,
        ANDROID,
        "Mozilla/5.0 (compatible; MSAL 1.0)",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Mozilla/5.0 (Linux; Android 11; SM-G780F) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/20.0 Chrome/115.0.0.0 Mobile Safari/537.36",
        "Microsoft SkyDriveSync 25.100.0526.0003 ship; Windows NT 10.0 (26100)",
        "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/130.0.0.0 Safari/537.36",
    ],
)
def test_browsers_and_systems_are_those_of_all_patterns_though_not_all_are_asked(
    user_agent: str,
) -> None:
    told, client = ua_parser.parse(user_agent), client_of(user_agent)
    system = told.os.family if told.os else "Other"
    assert bool(client.operating_system) == (system != "Other")
    family = told.user_agent.family if told.user_agent else "Other"
    assert bool(client.browser) == (family != "Other")
    version = told.user_agent.major if told.user_agent else None
    assert client.browser_version.partition(".")[0] == (version or "")
