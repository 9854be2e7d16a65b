"""The simulated company: offices, networks, people and machines; another one for each seed."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field

from simulator.geography import DATA_CENTRES, ELSEWHERE, HUBS, OFFICE_CITIES, City
from simulator.machines import LAPTOPS, PHONES, Machine
from simulator.networks import Internet, Origin, Provider

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000
SECOND = 1_000

FIRST_NAMES = (
    "ada ben cleo dan eva finn gus hana ivo jun kai lea max nia omar pia quin rosa sam tara"
)
LAST_NAMES = (
    "abel brandt costa dietz egan falk grau holm ikeda jansen kohl lund mora nagy oduya park"
)
ROLES = ("staff",) * 9 + ("engineer",) * 5 + ("sales",) * 3 + ("finance",) + ("people",)


@dataclass(frozen=True)
class Office:
    """A place of work, with the providers around it."""

    city: City
    network: Provider
    isps: tuple[Provider, ...]
    carriers: tuple[Provider, ...]
    """One carrier, seen at its hubs: its nearest exit first, others far away."""
    cloud: Provider
    """Where the cloud PCs of some engineers are."""


@dataclass(frozen=True)
class Person:
    """Somebody with an account."""

    number: int
    id: str
    upn: str
    name: str
    role: str
    office: Office
    isp: Provider
    laptop: Machine
    phone: Machine | None
    habits: frozenset[str]
    first_day: int = 0
    last_day: int = 10_000
    issuer: str = ""
    """Federation service that issues the person's tokens; "" for Entra itself."""
    moves_on: int = 10_000
    """When the person moves house, and gets another provider."""
    next_isp: Provider | None = None

    @property
    def guest(self) -> bool:
        """Whether the account belongs to another tenant."""
        return "guest" in self.habits

    def home(self, day: int, rng: random.Random) -> Origin:
        """The address that the person's home has on `day`: leases change, IPv6 addresses daily."""
        isp = self.next_isp if self.next_isp and day >= self.moves_on else self.isp
        if "ipv6" in self.habits and rng.random() < 0.5 and isp.range6:
            return isp.address6(self.number, rng.getrandbits(64))
        lease = 0 if "static" in self.habits else day // (3 + self.number % 12)
        return isp.address(self.number * 7919 + lease * 104_729)


@dataclass
class Company:
    """Everything about a tenant that does not change from event to event."""

    seed: int
    days: int
    first_ms: int
    tenant_id: str
    domains: tuple[str, ...]
    internet: Internet
    offices: tuple[Office, ...]
    exits: tuple[Provider, ...]
    """The company's VPN; nothing where it has none."""
    privacy_vpns: tuple[Provider, ...]
    """A VPN that some people use by themselves: its exits at home and abroad."""
    tor: Provider
    conference: Provider
    """A network beside the exit relays, where nothing is wrong with."""
    ti_range: Provider
    """The range of an indicator of threat intelligence, which ordinary people use as well."""
    issuers: tuple[str, ...]
    people: list[Person] = field(default_factory=list)

    def rng(self, *name: object) -> random.Random:
        """A stream of randomness of its own, so that editing one part leaves the others alone."""
        return random.Random("/".join(map(str, (self.seed, *name))))

    def midnight(self, day: int) -> int:
        """Begin of `day` (ms UTC)."""
        return self.first_ms + day * DAY

    def day_of(self, time: int) -> int:
        """Which day `time` is in."""
        return (time - self.first_ms) // DAY

    @property
    def hidden_asns(self) -> set[int]:
        """Networks whose place says nothing of where somebody is: VPNs and cloud PCs."""
        clouds = (office.cloud for office in self.offices)
        return {each.asn for each in (*self.exits, *self.privacy_vpns, *clouds)}

    @property
    def everybody(self) -> list[Person]:
        """Members: guests are judged by their home tenant."""
        return [person for person in self.people if not person.guest]


def new_id(rng: random.Random) -> str:
    """A GUID out of seeded randomness."""
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def found(seed: int, people: int, days: int) -> Company:
    """The company of `seed`, with its people hired and nothing done yet."""
    rng = random.Random(f"{seed}/company")
    internet = Internet(rng)
    cities = rng.sample(OFFICE_CITIES, k=2 if people < 60 else rng.choice((2, 3, 3, 4)))
    domain = f"tenant{seed}.example"
    second = f"group{seed}.example"
    issuers = (f"http://sts.{domain}/adfs/services/trust",) if rng.random() < 0.7 else ()
    company = Company(
        seed=seed,
        days=days,
        first_ms=1_767_571_200_000 + rng.randrange(20) * 7 * DAY,  # a Monday of 2026
        tenant_id=new_id(rng),
        domains=(domain, second),
        internet=internet,
        offices=tuple(_office(internet, city, rng) for city in cities),
        exits=_exits(internet, cities[0], rng),
        privacy_vpns=tuple(
            internet.rent("Hidden Badger VPN", "hosting", city, tag="vpn")
            for city in (*cities, DATA_CENTRES[-1])
        ),
        tor=internet.rent("exit relays", "hosting", DATA_CENTRES[0], tag="tor"),
        conference=internet.rent("Congress Centre", "isp", cities[0]),
        ti_range=internet.rent("Harbour Net", "isp", rng.choice(ELSEWHERE)),
        issuers=issuers,
    )
    weights = [5, 3, 2, 1][: len(cities)]
    for number in range(people):
        office = rng.choices(company.offices, weights)[0]
        company.people.append(_person(company, number, office, rng))
    return company


def _office(internet: Internet, city: City, rng: random.Random) -> Office:
    trusted = rng.random() < 0.75
    kind = "corp" if trusted else rng.choice(("corp", "isp"))
    network = internet.rent(f"{city.name} office", kind, city)
    if trusted or rng.random() < 0.5:
        network = _named(internet, network, trusted=trusted)
    isps = tuple(
        internet.build(f"{city.name} {name}", "isp", city, blocks)
        for name, blocks in (("Fiber", 36), ("Cable", 24), ("DSL", 16))
    )
    hubs = (city, *HUBS[city.country])
    asn = internet.new_asn()
    carriers = tuple(
        internet.build(f"{city.country} Mobile", "mobile", hub, 2, asn=asn) for hub in hubs
    )
    cloud = internet.rent(f"{city.name} Cloud Desktops", "hosting", city)
    return Office(city, network, isps, carriers, cloud)


def _named(internet: Internet, network: Provider, *, trusted: bool) -> Provider:
    named = Provider(
        network.name,
        network.asn,
        network.kind,
        network.city,
        network.ranges,
        named_location=network.name,
        trusted=trusted,
    )
    internet.providers[internet.providers.index(network)] = named
    return named


def _exits(internet: Internet, city: City, rng: random.Random) -> tuple[Provider, ...]:
    """No VPN, a trusted one at home, a rented one abroad, or one with exits everywhere."""
    choice = rng.choice(("none", "home", "abroad", "abroad", "anywhere"))
    if choice == "none":
        return ()
    if choice == "home":
        network = internet.rent("company VPN", "corp", city)
        return (_named(internet, network, trusted=True),)
    abroad = [each for each in DATA_CENTRES if each.country != city.country]
    rng.shuffle(abroad)
    asn, tag = internet.new_asn(), rng.choice(("", "vpn"))
    count = 1 if choice == "abroad" else 3
    kind = rng.choice(("corp", "hosting"))
    return tuple(
        internet.rent("SASE gateway", kind, place, asn=asn, tag=tag) for place in abroad[:count]
    )


def _person(company: Company, number: int, office: Office, rng: random.Random) -> Person:
    name = f"{rng.choice(FIRST_NAMES.split())} {rng.choice(LAST_NAMES.split())}".title()
    role = "admin" if number % 40 == 0 else rng.choice(ROLES)
    guest = number % 50 == 49
    habits = _habits(role, rng) | ({"guest"} if guest else set())
    local = f"{name.lower().replace(' ', '.')}{number}"
    domain = company.domains[int(rng.random() < 0.15)]
    upn = f"{local}_partner.example#ext#@{domain}" if guest else f"{local}@{domain}"
    laptop, phone = _machines(number, habits, rng)
    federated = bool(company.issuers) and domain == company.domains[1]
    late = rng.random() < 0.05 and role != "admin"
    return Person(
        number=number,
        id=new_id(rng),
        upn=upn,
        name=name,
        role="staff" if guest else role,
        office=office,
        isp=rng.choices(office.isps, (4, 3, 2))[0],
        laptop=laptop,
        phone=phone,
        habits=frozenset(habits),
        first_day=rng.randrange(company.days // 3, company.days) if late else 0,
        last_day=rng.randrange(company.days // 2, company.days) if rng.random() < 0.02 else 10_000,
        issuer=company.issuers[0] if federated and not guest else "",
        moves_on=rng.randrange(8, 600),
        next_isp=rng.choice(office.isps),
    )


def _habits(role: str, rng: random.Random) -> set[str]:
    chances = {
        "vpn": 0.25,  # connects through the company's exit whenever at home
        "occasional": 0.25,  # now and then
        "remote": 0.15,
        "ipv6": 0.3,
        "static": 0.15,
        "mistypes": 0.04,  # habitually
        "byod": 0.1,  # no device that Entra knows
        "privacy": 0.015,  # a privacy VPN of one's own
        "nomfa": 0.08,
        "night": 0.06,
        "cloudpc": 0.15 if role == "engineer" else 0.0,
    }
    habits = {name for name, chance in chances.items() if rng.random() < chance}
    if "vpn" in habits:
        habits -= {"occasional", "privacy"}
    if role == "admin":
        habits -= {"nomfa", "privacy", "byod"}
    return habits


def _machines(number: int, habits: set[str], rng: random.Random) -> tuple[Machine, Machine | None]:
    programs = rng.choice(LAPTOPS), rng.choice(PHONES)
    if "byod" in habits:
        return Machine(programs[0]), Machine(programs[1])
    laptop = Machine(programs[0], new_id(rng), f"LT-{number:05d}", "Azure AD joined", True)
    managed = rng.random() < 0.7
    phone = Machine(
        programs[1],
        new_id(rng) if managed else "",
        f"MOB-{number:05d}" if managed else "",
        "Azure AD registered" if managed else "",
        managed,
    )
    return laptop, phone if rng.random() < 0.9 else None
