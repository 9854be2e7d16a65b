"""What the last day tells: acts that should raise a detection, and acts that should not."""

from __future__ import annotations

from dataclasses import dataclass

from sample_logs.generator.clock import DAY, iso
from sample_logs.generator.people import Person
from sample_logs.generator.records import Json, SignIn

QUIET = "quiet"
REPLAY_SECONDS = 180  # the demo shows the last day in about three minutes


@dataclass(frozen=True)
class Scene:
    """One thing that a presenter can point at."""

    acts: tuple[SignIn, ...]
    """The sign-ins that the scene is about, the one to judge first."""
    expected: str
    """The risk event type that should fire, or `quiet`."""
    what: str
    why: str
    also: tuple[str, ...] = ()
    """Types that may rightly fire on the same sign-ins."""

    @property
    def time(self) -> int:
        """When it happened."""
        return self.acts[0].time

    @property
    def person(self) -> Person:
        """Whose account it is about."""
        return self.acts[0].person

    def as_json(self) -> Json:
        """The scene as `story.json` keeps it."""
        return {
            "user_principal_name": self.person.upn,
            "user_display_name": self.person.name,
            "risk_event_type": self.expected,
            "activity_date_time": iso(self.time),
            "request_id": self.acts[0].request_id,
            "request_ids": [act.request_id for act in self.acts],
            "may_also_fire": list(self.also),
            "what": self.what,
            "why": self.why,
        }

    def as_row(self) -> str:
        """The scene as a row of `EXPECTED.md`."""
        seconds = self.time % DAY * REPLAY_SECONDS // DAY
        clock = iso(self.time)[11:16]
        fires = "stays quiet" if self.expected == QUIET else f"**{self.expected}**"
        also = f" (also {', '.join(self.also)})" if self.also else ""
        shown = f"{seconds // 60}:{seconds % 60:02d}"
        return (
            f"| {clock} | {shown} | {self.person.name} | {self.what} | {fires}{also} | {self.why} |"
        )


_INTRODUCTION = """\
# What should happen on the last day

Written from the story of `sample_logs/generator/`, not from what an engine found. Everybody who is
not in the table stays quiet, all month. Times are UTC on {day}; the second column is the
minute and second of a demo that replays the day in {minutes} minutes. "Also" are types that may
rightly fire on the same sign-ins: somebody who comes from Warsaw twenty minutes after New York is
in a new country, too.

| time | demo | person | what happens | expected | why |
| --- | --- | --- | --- | --- | --- |
"""


def expected(scenes: list[Scene]) -> str:
    """`EXPECTED.md`."""
    day = iso(scenes[0].time)[:10]
    head = _INTRODUCTION.format(day=day, minutes=REPLAY_SECONDS // 60)
    return head + "".join(f"{scene.as_row()}\n" for scene in scenes)
