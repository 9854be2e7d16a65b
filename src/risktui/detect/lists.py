"""What intel lists say of a network: which list gave a tag, and on whose word it holds."""

from __future__ import annotations

from risktui.model.events import Listing, Network


def feeds_of(network: Network, tag: str) -> tuple[str, ...]:
    """The lists, with their versions, that gave `tag`."""
    return tuple(
        feed
        for known, feeds in zip(network.tags, network.feeds, strict=False)
        if known == tag
        for feed in feeds.split(", ")
    )


def listings_of(network: Network, tag: str) -> tuple[Listing, ...]:
    """Every entry under `tag`; a list that says no more than the address has one as well."""
    said = tuple(listing for listing in network.listings if listing.tag == tag)
    spoken = {listing.feed for listing in said}
    plain = [feed for feed in feeds_of(network, tag) if feed not in spoken]
    if not plain and not said and tag in network.tags:
        plain = [""]
    return (*said, *(Listing(tag, feed) for feed in plain))


def holds(listing: Listing, time: int, *, grace: int = 0) -> bool:
    """Whether an entry holds at `time` (ms), or ended no longer than `grace` ms before."""
    ended = listing.valid_until and time > listing.valid_until + grace
    return listing.valid_from <= time and not ended
