"""Attacks on people's machines, as Defender for Endpoint tells them, and its everyday alarms."""

from __future__ import annotations

from collections.abc import Callable

from risktui.model.events import Client, Event, ProductAlert
from simulator.alerts import ENDPOINT, alert
from simulator.company import DAY, HOUR, MINUTE, Company, Person, new_id
from simulator.journal import CLAIM, OFFICE, Journal
from simulator.scene import Scene

TITLES = (
    "Possible attempt to access Primary Refresh Token (PRT)",
    "Possible attempt to access Primary Refresh Token",
    "Attempt to access primary refresh token",
    "Possible Attempt To Access Primary Refresh Token (PRT)",
)
"""Its names for it over the years, in whatever letters."""
PROCESSES = "DeviceProcessEvents"
STARTED = "browsercore.exe started by {parent}: {command}"
SERVED = "browsercore.exe chrome-extension://ppnbnpeolgkicgegkbkbjmhlideopiji/"
TOOLS = (
    ("powershell.exe", "browsercore.exe"),
    ("rundll32.exe", "browsercore.exe"),
    ("ROADtoken.exe", "browsercore.exe"),
    ("python.exe", "BrowserCore.exe"),
)


def token_grab(scene: Scene) -> None:
    """Defender sees a grab at the token: at once or hours late, on one machine or two.

    Half of those who have it use it elsewhere.
    """
    rng, person = scene.rng, scene.victim()
    time, title = scene.moment(), rng.choice(TITLES)
    gap = rng.choice((0, 0, 90_000, -20 * MINUTE, 9 * HOUR))
    alert_id, machines = f"da{new_id(rng)}", rng.choice((1, 1, 2))
    acts: list[Event] = []
    for number in range(machines):
        device = Client(device_id=new_id(rng), device_name=f"LT-{person.number:05d}-{number}")
        told = _on_machine(scene.journal, time + number * 7 * MINUTE, person, title, device)
        told.alert_id, told.detected_at = alert_id, time - gap
        acts.append(told)
    if rng.random() < 0.5:
        presence = scene.stranger(person, scene.network("hosting").any_address(rng))
        later = time + rng.randrange(5, 300) * MINUTE
        fields = {"incoming_token_type": "primaryRefreshToken"}
        acts.append(scene.signs_in(later, presence, OFFICE, CLAIM, interactive=False, **fields))
    variant = f"{title}, {machines} machines, parts {gap // MINUTE} min apart"
    scene.tell("token grab", person, acts, ["attemptedPrtAccess"], variant=variant)


def suspected_grab(scene: Scene) -> None:
    """Only the machine's processes are streamed: a script has started what hands out tokens."""
    rng, person = scene.rng, scene.victim()
    parent, command = rng.choice(TOOLS)
    told = _process(scene.journal, scene.moment(), person, parent, command)
    scene.tell("suspected grab", person, [told], ["x_prtAccessSuspected"], variant=parent)


def _on_machine(
    journal: Journal, time: int, person: Person, title: str, device: Client
) -> ProductAlert:
    """An alert of Defender for Endpoint's about a machine of the person's."""
    return alert(
        journal,
        time,
        person,
        title,
        ENDPOINT,
        drawn_as="alert on a machine",
        severity="high",
        category="CredentialAccess",
        client=device,
    )


def _process(
    journal: Journal, time: int, person: Person, parent: str, command: str
) -> ProductAlert:
    rng = journal.company.rng("process", person.number, time)
    laptop = person.laptop
    return journal.does(
        ProductAlert,
        rng,
        time,
        person,
        operation="process",
        product=ENDPOINT,
        title=STARTED.format(parent=parent, command=command),
        category=PROCESSES,
        client=Client(device_id=laptop.id, device_name=laptop.name),
    )


def machines_at_work(company: Company, journal: Journal) -> None:
    """Browsers that sign their people in, and Defender's alerts of other matters."""
    rng = company.rng("machines at work")
    for _ in range(max(4, len(company.people) // 6)):
        person = rng.choice(company.everybody)
        time = company.first_ms + rng.randrange(company.days * DAY)
        _process(journal, time, person, rng.choice(("chrome.exe", "msedge.exe", "cmd.exe")), SERVED)
    for title in (
        "Suspicious access to LSASS service",
        "Sensitive credential memory read",
        "Possible theft of session cookies",
        "Suspicious Primary Refresh Token (PRT) usage was prevented",
    ):
        person = rng.choice(company.everybody)
        time = company.first_ms + rng.randrange(company.days * DAY)
        device = Client(device_id=person.laptop.id, device_name=person.laptop.name)
        _on_machine(journal, time, person, title, device)


ON_MACHINES: tuple[Callable[[Scene], None], ...] = (token_grab, suspected_grab)
