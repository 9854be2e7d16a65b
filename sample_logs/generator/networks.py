"""The networks people and attackers come from, with their places and what lists say of them.

The company's own networks are the three documentation ranges (RFC 5737); everybody else lives in
the benchmark range 198.18.0.0/15 (RFC 2544) and in 2001:db8::/32 (RFC 3849). The numbers of the
autonomous systems are reserved for documentation too (RFC 5398).
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import zlib
from dataclasses import dataclass

from sample_logs.generator.clock import FIRST_DAY

LEASE_DAYS = 11  # how long a home router keeps its address


@dataclass(frozen=True)
class Place:
    """A city, as `location` of a sign-in names it."""

    city: str
    state: str
    country: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Network:
    """A range of addresses in one place, run by one operator."""

    name: str
    cidr: str
    asn: int
    kind: str
    """isp, mobile, hosting or corp."""
    place: Place
    named_location: str = ""
    trusted: bool = False
    tag: str = ""
    """tor or vpn, where a public list has it."""
    cidr6: str = ""

    def address(self, host: int) -> Origin:
        """The `host`-th address of the range."""
        return Origin(str(ipaddress.ip_network(self.cidr)[host]), self)

    def address6(self, words: int) -> Origin:
        """An IPv6 address with a temporary interface identifier (RFC 8981)."""
        first = int(ipaddress.ip_network(self.cidr6).network_address)
        return Origin(str(ipaddress.ip_address(first + (1 << 64) + words)), self)


@dataclass(frozen=True)
class Origin:
    """One address that somebody comes from."""

    address: str
    network: Network


TOKYO = Place("Tokyo", "Tokyo", "JP", 35.6762, 139.6503)
YOKOHAMA = Place("Yokohama", "Kanagawa", "JP", 35.4437, 139.638)
NAGOYA = Place("Nagoya", "Aichi", "JP", 35.1815, 136.9066)
OSAKA = Place("Osaka", "Osaka", "JP", 34.6937, 135.5023)
FUKUOKA = Place("Fukuoka", "Fukuoka", "JP", 33.5902, 130.4017)
LONDON = Place("London", "England", "GB", 51.5074, -0.1278)
READING = Place("Reading", "England", "GB", 51.4543, -0.9781)
BIRMINGHAM = Place("Birmingham", "England", "GB", 52.4862, -1.8904)
NEW_YORK = Place("New York", "New York", "US", 40.7128, -74.006)
NEWARK = Place("Newark", "New Jersey", "US", 40.7357, -74.1724)
PHILADELPHIA = Place("Philadelphia", "Pennsylvania", "US", 39.9526, -75.1652)
CHICAGO = Place("Chicago", "Illinois", "US", 41.8781, -87.6298)
DALLAS = Place("Dallas", "Texas", "US", 32.7767, -96.797)
FRANKFURT = Place("Frankfurt am Main", "Hessen", "DE", 50.1109, 8.6821)
AMSTERDAM = Place("Amsterdam", "Noord-Holland", "NL", 52.3676, 4.9041)
PARIS = Place("Paris", "Ile-de-France", "FR", 48.8566, 2.3522)
LAGOS = Place("Lagos", "Lagos", "NG", 6.5244, 3.3792)
WARSAW = Place("Warsaw", "Mazowieckie", "PL", 52.2297, 21.0122)

HQ = Network("HQ Tokyo", "203.0.113.0/26", 64502, "corp", TOKYO, "HQ Tokyo", trusted=True)
LONDON_OFFICE = Network(
    "London office", "198.51.100.0/26", 65551, "corp", LONDON, "London office", trusted=True
)
CORPORATE_VPN = Network(
    "corporate VPN", "192.0.2.0/26", 64503, "corp", FRANKFURT, "Corporate VPN", True, "vpn"
)
SHARED_OFFICE = Network(
    "shared office", "198.18.160.0/24", 65550, "isp", NEW_YORK, "New York shared office"
)
COMPANY = (HQ, LONDON_OFFICE, CORPORATE_VPN, SHARED_OFFICE)

CARRIER_OSAKA = Network("carrier, Osaka hub", "198.18.128.0/24", 64501, "mobile", OSAKA)
CARRIER_FUKUOKA = Network("carrier, Fukuoka hub", "198.18.129.0/24", 64501, "mobile", FUKUOKA)
CARRIER_GB = Network("carrier, Birmingham hub", "198.18.132.0/24", 64499, "mobile", BIRMINGHAM)
CARRIER_US = Network("carrier, Philadelphia hub", "198.18.136.0/24", 64498, "mobile", PHILADELPHIA)
HOTEL_LONDON = Network("hotel in London", "198.18.140.0/24", 65547, "isp", LONDON)
HOTEL_TOKYO = Network("hotel in Tokyo", "198.18.141.0/24", 65548, "isp", TOKYO)
HOTEL_NEW_YORK = Network("hotel in New York", "198.18.142.0/24", 65549, "isp", NEW_YORK)
PARTNER = Network("partner in Paris", "198.18.150.0/24", 64509, "isp", PARIS)
CLOUD = Network("cloud region", "198.19.0.0/24", 64511, "hosting", TOKYO)
PRIVACY_VPN = Network("privacy VPN", "198.18.220.0/24", 65541, "hosting", TOKYO, tag="vpn")

TOR = Network("Tor exits", "198.18.240.0/24", 64505, "hosting", AMSTERDAM, tag="tor")
RENTED_VPN = Network("rented VPN", "198.18.221.0/24", 65542, "hosting", LONDON, tag="vpn")
HOSTING_NL = Network("hosting in Amsterdam", "198.18.210.0/24", 64504, "hosting", AMSTERDAM)
HOSTING_US = Network("hosting in Dallas", "198.18.230.0/24", 65538, "hosting", DALLAS)
PROXY_NEWARK = Network("household in Newark", "198.18.231.0/24", 65543, "isp", NEWARK)
PROXY_CHICAGO = Network("household in Chicago", "198.18.232.0/24", 65544, "isp", CHICAGO)
PROXY_NAGOYA = Network("household in Nagoya", "198.18.233.0/24", 65545, "isp", NAGOYA)
PROXY_LAGOS = Network("household in Lagos", "198.18.234.0/24", 64507, "isp", LAGOS)
PROXY_WARSAW = Network("household in Warsaw", "198.18.235.0/24", 65546, "isp", WARSAW)

TOR_EXITS = (11, 12, 37, 38, 64, 90, 91, 133, 187, 201)
"""Hosts of the Tor range that are on the list; the others are not exits."""

HOME_PLACES = {
    "Tokyo": ((64500, TOKYO), (65536, YOKOHAMA)),
    "London": ((64506, LONDON), (65537, READING)),
    "New York": ((64508, NEW_YORK), (65540, NEWARK)),
    "Paris": ((64509, PARIS),),
}
"""The internet providers that serve homes around each office."""

ABROAD = (
    *(CARRIER_OSAKA, CARRIER_FUKUOKA, CARRIER_GB, CARRIER_US),
    *(HOTEL_LONDON, HOTEL_TOKYO, HOTEL_NEW_YORK, PARTNER, CLOUD, PRIVACY_VPN),
    *(TOR, RENTED_VPN, HOSTING_NL, HOSTING_US),
    *(PROXY_NEWARK, PROXY_CHICAGO, PROXY_NAGOYA, PROXY_LAGOS, PROXY_WARSAW),
)


def home_network(office: str, number: int) -> Network:
    """The home of person `number`: a /24 and a /48 that nobody else of the company uses."""
    providers = HOME_PLACES[office]
    asn, place = providers[number % len(providers)]
    cidr, cidr6 = f"198.18.{number}.0/24", f"2001:db8:{0x1000 + number:x}::/48"
    return Network(f"home in {place.city}", cidr, asn, "isp", place, cidr6=cidr6)


def leased(home: Network, day: dt.date) -> Origin:
    """The address that the provider has lent to `home` on `day`; it changes every few days."""
    lease = ((day - FIRST_DAY).days + zlib.crc32(home.cidr.encode())) // LEASE_DAYS
    return home.address(20 + zlib.crc32(f"{home.cidr}/{lease}".encode()) % 200)


def feeds() -> dict[str, str]:
    """The lists a tenant would keep beside the logs: file name to content."""
    exits = "".join(f"{TOR.address(host).address}\n" for host in TOR_EXITS)
    ranges = "".join(f"{network.cidr}\n" for network in (*COMPANY, *ABROAD) if network.tag == "vpn")
    named = "".join(
        f"{network.named_location},{network.cidr},{str(network.trusted).lower()}\n"
        for network in COMPANY
    )
    kinds = {network.asn: network.kind for network in (*COMPANY, *ABROAD)}
    kinds |= {asn: "isp" for homes in HOME_PLACES.values() for asn, _place in homes}
    return {
        "tor_exit_nodes.txt": f"# Tor exits; one address a line\n{exits}",
        "vpn_ranges.txt": f"# VPN services, the company's own exit among them\n{ranges}",
        "named_locations.csv": f"name,cidr,trusted\n{named}",
        "asn_kinds.csv": "asn,kind\n"
        + "".join(f"{asn},{kind}\n" for asn, kind in sorted(kinds.items())),
        "accepted_domains.txt": "contosoworks.example\neu.contosoworks.example\n",
    }
