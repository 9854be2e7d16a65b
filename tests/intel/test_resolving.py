"""A list's server is found by its name, and never in a network of our own by surprise."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from intel.publisher import Publisher, Reader
from risktui.intel.resolving import PrivateServerError, Resolver, is_ours

EXITS = "171.25.193.77\n185.220.101.0/24\n"


class Names(AbstractResolver):
    """A name service that gives one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The next answer."""
        return [
            ResolveResult(hostname=host, host=each, port=port, family=family, proto=0, flags=0)
            for each in self._answers.pop(0)
        ]

    async def close(self) -> None:
        """Nothing is open."""


async def found(names: Names, host: str = "lists.example", *meant: str) -> list[str]:
    return [each["host"] for each in await Resolver(meant, names).resolve(host, 443)]


@pytest.mark.parametrize(
    "address",
    [
        *("10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.1.1", "100.64.0.1", "0.0.0.0"),
        *("::1", "::", "fd00::1", "fe80::1%eth0", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
        *("2002:0a00:0001::1", "nonsense"),
    ],
)
async def test_a_name_that_leads_into_a_network_of_our_own_is_refused_in_words(
    address: str,
) -> None:
    assert is_ours(address)
    with pytest.raises(PrivateServerError, match=r"\[\[intel\]\] private = true"):
        await found(Names([address]))
    assert await found(Names([address]), "lists.example", "lists.example") == [address]


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
async def test_a_public_server_is_found(address: str) -> None:
    assert await found(Names([address])) == [address]


async def test_of_several_addresses_the_public_ones_are_tried() -> None:
    assert await found(Names(["10.0.0.1", "93.184.216.34"])) == ["93.184.216.34"]


async def test_a_name_that_means_something_else_a_moment_later_leads_nowhere() -> None:
    resolver = Resolver((), Names(["93.184.216.34"], ["10.0.0.1"]))
    assert [each["host"] for each in await resolver.resolve("lists.example", 443)] == [
        "93.184.216.34"
    ]
    with pytest.raises(PrivateServerError):
        await resolver.resolve("lists.example", 443)


@pytest.fixture
def here() -> str:
    """A name of this machine that is no `localhost`."""
    name = socket.gethostname()
    try:
        addresses = {str(each[4][0]) for each in socket.getaddrinfo(name, 80, socket.AF_INET)}
    except OSError:
        addresses = set()
    if name == "localhost" or not addresses or not all(map(is_ours, addresses)):
        pytest.skip("this machine has no name within its own network")
    return name


def test_a_companys_own_server_is_asked_where_the_configuration_says_so(
    publisher: Publisher, tmp_path: Path, here: str
) -> None:
    publisher.publish("/exits.txt", EXITS)
    url = publisher.url.replace("127.0.0.1", here) + "/exits.txt"
    refused = Reader(tmp_path, url).update().error
    assert f"{here}: is in a private network" in refused
    assert not publisher.asked
    said = Reader(tmp_path, url, "private = true\n").update().error
    assert "private network" not in said  # whether anybody listens at that address or not


def test_no_redirect_to_a_name_leads_into_a_private_network(
    publisher: Publisher, tmp_path: Path, here: str
) -> None:
    there = publisher.url.replace("127.0.0.1", here) + "/secret"
    publisher.replies["/exits.txt"] = lambda _: web.Response(
        status=302, headers={"Location": there}
    )
    said = Reader(tmp_path, f"{publisher.url}/exits.txt").update().error
    assert f"{here}: is in a private network" in said
    assert [path for path, _ in publisher.asked] == ["/exits.txt"]
