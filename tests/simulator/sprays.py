"""Attacks on many accounts at once: sprays of every size and pace, stuffing, one rare browser."""

from __future__ import annotations

from typing import Any

from risktui.model.events import SignIn
from simulator.attacks_by_sign_in import ended
from simulator.company import HOUR, MINUTE, SECOND, Person
from simulator.geography import DATA_CENTRES, ELSEWHERE
from simulator.journal import (
    BLOCKED,
    CLAIM,
    CLI,
    EXCHANGE,
    EXPIRED,
    HOME,
    IMAP,
    LOCKED,
    MFA_ASKED,
    PASSWORD,
    SHELL,
    WEB_MAIL,
    WRONG,
    App,
    Presence,
)
from simulator.machines import unknown
from simulator.networks import Origin, Provider
from simulator.scene import Scene

SPRAYS = {
    # people, gap between guesses, who shares what, guesses for each
    "fast, one address": (30, 4 * SECOND, "ip", 1),
    "tiny, one address": (7, 90 * SECOND, "ip", 1),
    "slow, one address": (26, 50 * MINUTE, "ip", 1),
    "very slow, one address": (24, 5 * HOUR, "ip", 1),
    "two rounds, one address": (14, 6 * MINUTE, "ip", 2),
    "one range": (40, 60 * SECOND, "range", 1),
    "slow, one range": (36, 25 * MINUTE, "range", 1),
    "one network and agent": (45, 70 * SECOND, "network", 1),
    "one agent, all networks": (60, 40 * SECOND, "agent", 1),
    "slow, one agent, all networks": (60, 20 * MINUTE, "agent", 1),
    "huge, one agent, all networks": (100, 3 * SECOND, "agent", 1),
}
TOOLS: tuple[tuple[str, App], ...] = (
    ("python", EXCHANGE),
    ("bav2ropc", EXCHANGE),
    ("powershell", SHELL),
    ("go", CLI),
    ("oldchrome", HOME),
)


def spray(scene: Scene, name: str = "") -> None:
    """A spray that finds one to three passwords, some of them before it is recognised."""
    rng = scene.rng
    name = name or rng.choice(sorted(SPRAYS))
    size, gap, shared, rounds = SPRAYS[name]
    size = min(size, len(scene.company.people) * 2 // 3)
    victims = [scene.victim() for _ in range(rng.randint(1, 3))]
    others = [p for p in scene.company.people if p not in victims]
    tried = rng.sample(others, min(len(others), size)) * rounds
    program, app = rng.choice(TOOLS)
    time, base = scene.moment(), scene.network("hosting")
    addresses = _addresses(scene, base, shared)
    placed = {rng.randrange(len(tried) // 3, len(tried)): victim for victim in victims}
    if rng.random() < 0.3:
        placed[rng.randrange(3)] = victims[0]
    mode: dict[str, Any] = {"interactive": program == "oldchrome"}
    if program != "oldchrome":
        mode |= {"authentication_protocol": "ropc"}
    for number, other in enumerate(tried):
        time += int(gap * rng.uniform(0.6, 1.4))
        presence = Presence(other, unknown(program), rng.choice(addresses))
        code = LOCKED if rng.random() < 0.02 else WRONG
        scene.signs_in(time, presence, app, code, **mode)
        if (victim := placed.get(number)) is not None and victim in victims:
            victims.remove(victim)
            time += int(gap * 0.5)
            hit = Presence(victim, unknown(program), rng.choice(addresses))
            end = rng.choice((PASSWORD, MFA_ASKED, BLOCKED, EXPIRED))
            act = scene.signs_in(time, hit, app, end, **mode)
            variant = f"{name}, {len(tried)} guesses by {program}, {ended(act)}"
            may = ("maliciousIPAddress", "suspiciousBrowser", "investigationsThreatIntelligence")
            scene.tell("spray", victim, [act], ["passwordSpray"], may, variant=variant)
    for victim in victims:
        scene.used.discard(victim.number)


def _addresses(scene: Scene, base: Provider, shared: str) -> list[Origin]:
    rng = scene.rng
    if shared == "ip":
        return [base.any_address(rng)]
    if shared == "range":
        return [base.address(number) for number in range(30)]
    if shared == "network":
        internet = scene.company.internet
        ranges = [internet.rent(base.name, "hosting", base.city, asn=base.asn) for _ in range(12)]
        return [each.address(number) for each in ranges for number in range(3)]
    cities = (*DATA_CENTRES, *ELSEWHERE)
    proxies = [scene.network("isp", city=rng.choice(cities)) for _ in range(25)]
    return [each.address(number) for each in proxies for number in range(2)]


def stuffing(scene: Scene) -> None:
    """Many attempts on several accounts from one address; the right password days before or now."""
    rng = scene.rng
    person, origin = scene.victim(), scene.network("hosting").any_address(rng)
    begin, program = scene.moment(), rng.choice(("python", "go", "oldchrome"))
    others = rng.sample([p for p in scene.company.people if p is not person], rng.randint(8, 14))
    for number in range(rng.randint(60, 140)):
        presence = Presence(rng.choice(others), unknown(program), origin)
        scene.signs_in(begin + number * rng.randrange(20, 60) * SECOND, presence, IMAP, WRONG)
    early = rng.random() < 0.4
    time = begin - rng.randrange(10, 60) * HOUR if early else begin + 4 * HOUR
    end = PASSWORD if rng.random() < 0.5 else CLAIM
    act = scene.signs_in(time, scene.stranger(person, origin, program), WEB_MAIL, end)
    variant = "success days before" if early else "success after"
    may = ("passwordSpray", "investigationsThreatIntelligence")
    scene.tell("stuffing", person, [act], ["maliciousIPAddress"], may, variant=variant)


def one_browser(scene: Scene) -> None:
    """One rare browser on several accounts, from several countries, within a day."""
    rng = scene.rng
    people = [scene.victim() for _ in range(rng.randint(3, 5))]
    machine, begin = unknown("yandex", rng.randrange(9)), scene.moment()
    places = [scene.network(city=city) for city in rng.sample(ELSEWHERE, len(people))]
    told: dict[Person, list[SignIn]] = {}
    for number, (person, place) in enumerate(zip(people, places, strict=True)):
        time, origin = begin + number * 90 * MINUTE, place.any_address(rng)
        for other in rng.sample(scene.company.people, 2):
            scene.signs_in(time - 5 * MINUTE, Presence(other, machine, origin), outcome=WRONG)
        told[person] = [scene.signs_in(time, Presence(person, machine, origin))]
    for number, (person, acts) in enumerate(told.items()):
        must = ["suspiciousBrowser"] if number >= 2 else []
        scene.tell("one browser", person, acts, must, ["suspiciousBrowser", "maliciousIPAddress"])
