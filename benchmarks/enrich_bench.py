"""How many addresses, events and user agents are looked up per second.

    .venv/bin/python benchmarks/enrich_bench.py

`cold` asks for addresses never asked for before, `warm` for a day's mix in which few addresses make
most sign-ins. Numbers are the best of three runs on one core.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import TemporaryDirectory

from risktui.enrich.clients import client_of
from risktui.enrich.enrich import Enricher
from risktui.model.addresses import canonical_address
from risktui.model.events import NO_NETWORK, NOWHERE, SignIn
from risktui.model.programs import is_tool

DISTINCT = 20_000
LOOKUPS = 200_000


def main() -> None:
    """Print one line for each thing measured."""
    chance = random.Random(1)
    addresses = [str(IPv4Address(chance.randrange(1 << 24, 223 << 24))) for _ in range(DISTINCT)]
    mix = chance.choices(addresses, [1 / rank for rank in range(1, DISTINCT + 1)], k=LOOKUPS)
    started = time.process_time()
    enricher = Enricher.build()
    print(f"{'open the built-in database':44}{(time.process_time() - started) * 1000:10.0f} ms")
    with TemporaryDirectory() as folder:
        feed = Path(folder) / "feed.txt"
        ranges = (IPv4Address(chance.randrange(1 << 24, 223 << 24)) for _ in range(DISTINCT * 5))
        feed.write_text("\n".join(f"{address}/{chance.choice((24, 28, 32))}" for address in ranges))
        started = time.process_time()
        enricher = Enricher.build(intel=[(feed, "bad")])
        print(f"{'read a list of 100,000':44}{(time.process_time() - started) * 1000:10.0f} ms")
    database = enricher.places.builtin
    if database is not None:
        measure("places, built-in database, cold", database.place, addresses)
    measure("intel list of 100,000, cold", enricher.networks.tags, addresses)
    measure("places, day's mix", enricher.places.locate, mix)
    measure("enrich, day's mix", enrichment(enricher), mix)
    measure("canonical address with port", canonical_address, [f"{one}:443" for one in mix])
    agents = [f"Mozilla/5.0 (Windows NT 10.0) Chrome/{n}.0.0.0 Safari/537.36" for n in range(5000)]
    client_of(agents[0])
    measure("clients, cold", client_of, agents[1:], runs=1)
    measure("clients, warm", client_of, agents * 20)
    measure("tools, warm", is_tool, agents * 20)


def enrichment(enricher: Enricher) -> Callable[[str], object]:
    """Enriches one and the same event, as if it came from each address in turn."""
    event = SignIn(time=0, id="1")

    def enrich(address: str) -> None:
        event.ip_address, event.network, event.location = address, NO_NETWORK, NOWHERE
        enricher.enrich(event)

    return enrich


def measure(
    what: str, function: Callable[[str], object], inputs: Sequence[str], *, runs: int = 3
) -> None:
    """Call `function` for each of the inputs and print the calls per second."""
    best = 0.0
    for _ in range(runs):
        started = time.process_time()
        for one in inputs:
            function(one)
        best = max(best, len(inputs) / (time.process_time() - started))
    print(f"{what:44}{best:10,.0f} /s")


if __name__ == "__main__":
    main()
