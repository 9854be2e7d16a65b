"""Stages that are only handed bytes come to what the rows of one process come to."""

from __future__ import annotations

import msgspec

from risktui.config import Config
from risktui.detect import Facts
from risktui.engine.keyed import Packed, pass_stage, settle_events
from risktui.engine.memory import MemoryRows
from risktui.engine.message import Message
from risktui.engine.setup import assemble
from risktui.engine.stages import Pipeline
from risktui.model.events import Event
from risktui.model.risk import Outcome

States = dict[tuple[str, str], Packed]


def test_every_stage_is_a_function_of_bytes_and_messages() -> None:
    parts = assemble(Config())
    detectors = [d for d in parts.catalogue.detectors if d.examples]
    assert len(detectors) > 10
    found = 0
    for detector in detectors:
        for example in detector.examples:
            rows, states = MemoryRows(), States()
            for event in sorted(example.events, key=lambda each: each.order):
                twin = msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=type(event))
                expected = parts.pipeline.process(event, rows)
                outcome = _by_bytes(parts.pipeline, twin, states)
                assert msgspec.json.encode(outcome) == msgspec.json.encode(expected)
                found += len(outcome.detections)
            assert {name: blob for name, (blob, _) in states.items()} == rows.packed()
    assert found > 10


def _by_bytes(pipeline: Pipeline, event: Event, states: States) -> Outcome:
    messages = [Message(event, Facts())]
    for stage in pipeline.earlier:
        after: list[Message] = []
        for message in messages:
            key = pipeline.key_at(stage, message)
            if not key:
                after.append(message)
                continue
            state, (passed,) = pass_stage(pipeline, stage, states.get((stage, key)), [message])
            if state is not None:
                states[stage, key] = state
            after += passed
        messages = after
    touched, (outcome,) = settle_events(pipeline, states, [messages])
    states.update(touched)
    return outcome
