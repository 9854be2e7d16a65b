"""Whether somebody is at their own desk, where whoever forges a token is not."""

from __future__ import annotations

from risktui.detect.detector import Facts
from risktui.detect.explain import Check
from risktui.detect.modifiers import m2_known_device, new_place, own_program
from risktui.detect.state import HOUR
from risktui.model.events import SignIn


def own_machine(event: SignIn, facts: Facts) -> Check:
    """Who forges a token presents it on a machine of their own, elsewhere.

    People whom the organisation moves to another service go on at their desk.
    """
    managed, place = m2_known_device(event, facts), new_place(event, facts)
    own = bool(managed) or (not place and own_program(event, facts))
    machine = "the person's own" if own_program(event, facts) else "a strange"
    reason = managed.reason if managed else f"{machine} machine; {place.reason}"
    return Check("own", "the person's own machine", own, reason)


def at_work_there(event: SignIn, facts: Facts) -> Check:
    """Who has been in the place for hours has a badly set up application, not a forger's luck."""
    client, address = event.client, event.ip_address
    there = any(
        known.ip_address == address
        and known.result == "success"
        and known.time <= event.time - HOUR
        and (known.client.browser, known.client.operating_system)
        == (client.browser, client.operating_system)
        for known in (anchor.activity for anchor in facts.person.anchors)
    )
    own = there and not facts.person.is_suspect(event)
    reason = f"{'' if own else 'not '}signed in there with the same program more than 1 h before"
    return Check("at work", "at work there before", own, reason)
