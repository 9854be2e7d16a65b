"""Whether activity abroad is a stranger's, as the new-country type asks."""

from __future__ import annotations

from risktui.detect import travel, words
from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.geometry import neighbours
from risktui.detect.learning import Profile
from risktui.detect.state import DAY
from risktui.model.events import Event

LATELY = 90 * DAY
"""A country is foreign where nobody was for so long, as A6 says."""


def is_foreign(event: Event, country: str, facts: Facts) -> bool:
    """Whether nobody was there of late, and it is not next to where the person mostly is."""
    person, since = facts.person, event.time - LATELY
    known = person.recent("country").get(country)
    if facts.country_last_seen and facts.country_last_seen >= since:
        return False
    if known is not None and known.last >= since:
        return False
    return not neighbours(country, person.home_country(event.time))


def listed_vpn(event: Event) -> Check:
    """The country of a VPN's exit is nobody's whereabouts; another type tells of the VPN itself."""
    vpn = travel.is_vpn(event)
    reason = f"{words.network(event.network)} is {'' if vpn else 'not '}listed"
    return Check("VPN", "listed VPN", vpn, reason)


def own_client(event: Event, facts: Facts) -> Check:
    """A device of the person's, or a session of theirs that goes on in the same program."""
    person, client = facts.person, event.client
    device, own = person.knows_device(event), is_own_client(event, person)
    reason = "a device of two days or more" if device else "a session of theirs goes on"
    if not own:
        reason = f"{words.client(client)} is no device or session of theirs"
    return Check("own", "own device or session", own, reason)


def is_own_client(event: Event, person: Profile) -> bool:
    """The same without its words."""
    device_id = event.client.device_id
    return person.knows_device(event) if device_id else person.had_session(event)


def strange_client(event: Event, facts: Facts) -> Check:
    """Another device and another program than any this person uses; nothing said is not strange."""
    client, strange = event.client, is_strange_client(event, facts.person)
    reason = "neither device nor program is known" if strange else "device or program is known"
    if not (client.device_id or client.operating_system or client.browser):
        reason = "the record names neither device nor program"
    return Check("client", "device and program both new", strange, reason)


def is_strange_client(event: Event, person: Profile) -> bool:
    """The same without its words."""
    browser, device = event.client.browser, person.device_familiarity(event)
    new = device is not None and device < 0.5 and bool(browser)
    return new and not person.familiar("browser", browser, event.time)
