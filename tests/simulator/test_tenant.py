from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path

import pytest

from risktui.config import load
from risktui.engine.keys import KEY_OF
from risktui.engine.setup import assemble
from risktui.logs.order import scan
from risktui.model.addresses import is_documentation, parse_address
from risktui.model.events import Event, FileAccess, SignIn
from simulator.calendars import Where
from simulator.company import HOUR, found
from simulator.days import Today
from simulator.feeds import write_feeds
from simulator.journal import Journal
from simulator.logs import is_readable, write_logs
from simulator.tenant import ATTACKS, Tenant, simulate
from simulator.truth import Truth

PEOPLE, DAYS = 50, 26
DRAWN = "72beef1bbbc583d6e16a759fa5288e75"
"""Digest of the fixture's tenant."""


@pytest.fixture(scope="module")
def tenant() -> Tenant:
    return simulate(11, people=PEOPLE, days=DAYS, density=0.7)


@pytest.fixture(scope="module")
def read(tenant: Tenant, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Event]:
    """What comes back when the tenant is written to files and read by the product."""
    folder: Path = tmp_path_factory.mktemp("written")
    config = write_feeds(folder, tenant.company)
    write_logs(folder / "logs", filter(is_readable, tenant.events), tenant.company)
    enricher = assemble(load(config)).enricher
    events: dict[str, Event] = {}
    for batch in scan([folder / "logs"]):
        assert not batch.quarantined
        for event in batch.events:
            enricher.enrich(event)
            events[event.id] = event
    return events


def test_the_same_seed_gives_the_same_tenant_and_another_does_not() -> None:
    once, again, other = (simulate(seed, people=30, days=4) for seed in (21, 21, 22))
    assert once.events == again.events
    assert once.truths == again.truths
    assert {event.id for event in once.events}.isdisjoint({event.id for event in other.events})


def test_what_is_drawn_is_what_quality_was_measured_with(tenant: Tenant) -> None:
    """Another digest is another world: `make quality` measures it anew for docs/quality.md."""
    digest = hashlib.blake2b(digest_size=16)
    for event in tenant.events:
        who = event.user_id, event.ip_address, event.location.city, event.client.user_agent
        what = event.operation, event.app_id, getattr(event, "error_code", 0)
        digest.update(repr((type(event).__name__, event.time, event.id, who, what)).encode())
    assert (len(tenant.events), digest.hexdigest()) == (21_137, DRAWN)


def test_an_hour_at_the_screen_on_a_free_day_has_room_for_what_takes_an_hour() -> None:
    company = found(45, people=30, days=7)
    person, machine = company.people[0], company.people[0].laptop
    free = [Where("off", person.office)] * 200
    journal = Journal(company)
    days = [Today(journal, person, day, where, machine, None) for day, where in enumerate(free)]
    for today in days:
        today.live()
    at_work = [today for today in days if today.end - today.start == HOUR]
    assert at_work
    assert all(today.start < today.between(60) < today.end for today in at_work)


def test_every_sign_in_comes_back_from_the_files_as_it_was(
    tenant: Tenant, read: dict[str, Event]
) -> None:
    fields = (
        *("time", "user_id", "user_principal_name", "ip_address", "location"),
        *("session_id", "error_code", "credentials", "result", "mfa", "is_interactive"),
        *("token_issuer_type", "token_issuer_name", "incoming_token_type", "user_type"),
    )
    everything = [event for event in tenant.events if isinstance(event, SignIn)]
    sign_ins = [event for event in everything if event.actor == "user"]
    assert len(sign_ins) > 3_000
    for event in sign_ins:
        back = read[event.id]
        for name in fields:
            assert getattr(back, name) == getattr(event, name), name
        for name in ("user_agent", "device_id", "is_compliant", "trust_type", "client_app"):
            assert getattr(back.client, name) == getattr(event.client, name), name


def test_places_of_files_come_back_through_the_geo_database(
    tenant: Tenant, read: dict[str, Event]
) -> None:
    files = [event for event in tenant.events if isinstance(event, FileAccess)]
    back = [read[event.id] for event in files if event.id in read]
    assert len(back) in {0, len(files)}  # none while nobody reads the unified audit log
    for was, now in zip(files, back, strict=False):
        assert now.location.city == was.location.city
        assert now.network.asn == was.network.asn


def test_nobody_real_is_in_it(tenant: Tenant) -> None:
    addresses = {event.ip_address for event in tenant.events if event.ip_address}
    for address in addresses:
        assert address.startswith(("198.18.", "198.19.")) or is_documentation(address), address
        assert parse_address(address) is not None
    names = {event.user_principal_name for event in tenant.events if event.user_principal_name}
    assert all(name.endswith(".example") for name in names)


def test_attacks_have_victims_of_their_own_and_happen_when_told(tenant: Tenant) -> None:
    attacked = [truth for truth in tenant.truths if truth.must]
    assert len(attacked) > len(ATTACKS) // 3
    victims = Counter(truth.person.id for truth in attacked)
    assert max(victims.values()) == 1
    by_person: dict[str, list[int]] = {}
    for event in tenant.events:
        for key in ("user", "principal"):
            by_person.setdefault(KEY_OF[key](event), []).append(event.time)
    for truth in attacked:
        assert any(truth.start <= time <= truth.end for time in by_person[truth.person.id])


def test_ordinary_life_is_most_of_it_and_looks_like_attacks(tenant: Tenant) -> None:
    spans: dict[str, list[Truth]] = {}
    for truth in tenant.truths:
        spans.setdefault(truth.person.id, []).append(truth)
    others = [
        event
        for event in tenant.events
        if not any(t.start <= event.time <= t.end for t in spans.get(event.user_id, ()))
    ]
    sign_ins = [event for event in others if isinstance(event, SignIn)]
    codes = Counter(event.error_code for event in sign_ins)
    assert codes[50126] > 50  # mistyped, guessed in vain, old passwords on phones
    assert {50053, 50055, 50140, 500121} <= codes.keys()
    places: dict[str, set[str]] = {}
    for event in sign_ins:
        places.setdefault(event.user_id, set()).add(event.location.city)
    assert max(map(len, places.values())) >= 4  # homes, offices, hubs, hotels, exits
