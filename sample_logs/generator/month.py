"""The whole month: ordinary days, what happened besides, and the last day's story."""

from __future__ import annotations

import json

from sample_logs.generator.attacks import attacks
from sample_logs.generator.clock import every_day
from sample_logs.generator.days import ordinary_day
from sample_logs.generator.files import log_files
from sample_logs.generator.history import quiet_month
from sample_logs.generator.journal import Journal
from sample_logs.generator.look_alikes import look_alikes
from sample_logs.generator.networks import feeds
from sample_logs.generator.people import everybody
from sample_logs.generator.sprays import fast_spray, slow_spray
from sample_logs.generator.story import Scene, expected


def sample(seed: int) -> dict[str, bytes]:
    """Every file of the sample but the configuration: path to content."""
    people = everybody(seed)
    journal = Journal(seed)
    for person in people.values():
        for day in every_day():
            ordinary_day(journal.chapter(f"{person.key}/{day}"), person, day)
    quiet_month(journal, people)
    scenes: list[Scene] = [
        *attacks(journal, people),
        *look_alikes(journal, people),
        *fast_spray(journal, people),
        slow_spray(journal, people),
    ]
    scenes.sort(key=lambda scene: scene.time)
    story = json.dumps([scene.as_json() for scene in scenes], ensure_ascii=False, indent=2)
    return {
        **log_files(journal),
        **{f"feeds/{name}": text.encode() for name, text in feeds().items()},
        "EXPECTED.md": expected(scenes).encode(),
        "story.json": f"{story}\n".encode(),
    }
