"""The forty people of Contoso Works, their machines and their habits."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sample_logs.generator.clients import Device
from sample_logs.generator.networks import (
    CARRIER_GB,
    CARRIER_OSAKA,
    CARRIER_US,
    HQ,
    LONDON_OFFICE,
    PARTNER,
    SHARED_OFFICE,
    Network,
    home_network,
)
from sample_logs.generator.tenant import (
    DOMAIN,
    EUROPEAN_DOMAIN,
    PARTNER_DOMAIN,
    PARTNER_TENANT_ID,
    TENANT_ID,
    new_id,
)


@dataclass(frozen=True)
class Office:
    """A place of work: its clock, its network, and the carrier of the phones around it."""

    city: str
    zone: int
    """Hours east of Greenwich; no clock changes in the weeks of the sample."""
    network: Network
    carrier: Network


OFFICES = {
    "Tokyo": Office("Tokyo", 9, HQ, CARRIER_OSAKA),
    "London": Office("London", 0, LONDON_OFFICE, CARRIER_GB),
    "New York": Office("New York", -5, SHARED_OFFICE, CARRIER_US),
    "Paris": Office("Paris", 1, PARTNER, CARRIER_GB),
}


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    key: str
    """First name in lower case: how the stories call them."""
    id: str
    name: str
    upn: str
    role: str
    office: Office
    home: Network
    laptop: Device
    phone: Device | None
    habits: frozenset[str]
    """vpn: connects through the company's exit every day at home; occasional: now and then;
    remote: never in the office; office: never outside; ipv6: a modern router at home;
    privacy: a privacy VPN at home; kiosk: a shared machine; guest."""

    @property
    def guest(self) -> bool:
        """Whether the account belongs to another tenant."""
        return "guest" in self.habits

    @property
    def home_tenant(self) -> str:
        """The tenant that the account belongs to."""
        return PARTNER_TENANT_ID if self.guest else TENANT_ID


_ROSTER = """
Tokyo | Aiko Tanaka | chief executive | edge iphone | occasional
Tokyo | Mika Ogawa | finance director | edge iphone | occasional
Tokyo | Takashi Fujii | administrator | chrome android | vpn
Tokyo | Haruto Mori | operations clerk | edge - | office
Tokyo | Kenta Suzuki | sales, travels | edge iphone |
Tokyo | Daichi Yamada | engineer | mac iphone |
Tokyo | Emi Nakamura | human resources | edge iphone |
Tokyo | Kenji Sato | engineer | chrome android | remote
Tokyo | Ren Kato | engineer | mac iphone | ipv6
Tokyo | Sakura Ito | marketing | edge iphone |
Tokyo | Yui Hayashi | engineer, new | edge iphone |
Tokyo | Shota Kimura | engineer | chrome - | remote privacy
Tokyo | Nao Shimizu | engineer | edge android | occasional
Tokyo | Hina Matsumoto | sales | edge iphone | occasional
Tokyo | Riku Inoue | engineer | chrome android | vpn
Tokyo | Yuna Saito | designer | mac iphone | ipv6
Tokyo | Sota Kobayashi | engineer | chrome iphone | vpn
Tokyo | Akari Yoshida | accountant | edge iphone |
Tokyo | Tsubasa Aoki | support | edge android | ipv6
Tokyo | Mei Ishikawa | engineer | edge iphone |
Tokyo | Reception Tokyo | shared account | edge - | office kiosk
London | Erin Walker | administrator | edge iphone | vpn
London | Oliver Wright | engineer | chrome android |
London | Sophie Turner | operations director | edge iphone | occasional
London | Daniel Hughes | sales, travels | edge iphone | occasional
London | Grace Edwards | product manager | mac iphone |
London | Amelia Clark | finance | edge iphone |
London | Harry Patel | engineer | chrome android | vpn
London | Isla Morgan | engineer | mac iphone | ipv6
London | George Reid | support | edge android | ipv6
London | Freya Collins | legal | edge iphone | occasional
London | Leo Barnes | engineer | chrome iphone | vpn
London | Tom Baker | engineer, left | chrome android |
London | Ruby Shaw | engineer, left | mac iphone |
New York | James Carter | engineer | mac iphone |
New York | Mia Torres | sales | edge iphone |
New York | Noah Bennett | engineer | edge android |
New York | Chloe Diaz | marketing | edge iphone | ipv6
New York | Ethan Brooks | sales | edge iphone | vpn
Paris | Camille Laurent | partner's consultant | chrome - | guest remote
"""


def everybody(seed: int) -> dict[str, Person]:
    """The people by their key; ids depend on `seed`."""
    people = [
        _person(seed, number, line)
        for number, line in enumerate(_ROSTER.strip().splitlines(), start=1)
    ]
    return {person.key: person for person in people}


def _person(seed: int, number: int, line: str) -> Person:
    city, name, role, machines, habits = (part.strip() for part in line.split("|"))
    key = name.split(maxsplit=1)[0].lower()
    laptop, phone = machines.split()
    office = OFFICES[city]
    return Person(
        key=key,
        id=new_id(random.Random(f"{seed}/{key}")),
        name=name,
        upn=_principal_name(name, city),
        role=role,
        office=office,
        home=home_network(city, number),
        laptop=Device(laptop) if city == "Paris" else machine(seed, key, laptop),
        phone=None if phone == "-" else machine(seed, key, phone),
        habits=frozenset(habits.split()),
    )


def _principal_name(name: str, city: str) -> str:
    local = name.lower().replace(" ", ".")
    if city == "Paris":
        return f"{local}_{PARTNER_DOMAIN}#EXT#@{DOMAIN}"
    return f"{local}@{EUROPEAN_DOMAIN if city == 'London' else DOMAIN}"


def machine(seed: int, key: str, program: str, generation: int = 1) -> Device:
    """The `generation`-th laptop or phone of a person, managed by the company."""
    rng = random.Random(f"{seed}/{key}/{program}/{generation}")
    mobile = program in {"iphone", "android"}
    return Device(
        program=program,
        id=new_id(rng),
        name=f"{'MOB' if mobile else 'CW'}-{key.upper()}-{generation:02d}",
        trust="Azure AD registered" if mobile else "Azure AD joined",
        compliant=True,
    )
