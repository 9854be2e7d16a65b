"""Random lives: whatever comes in whatever order, the invariants of docs/life_of_a_risk.md hold."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from risk.ledger_stories import HOUR, NOON, Life
from risktui.model.events import AccountChange, ProductAlert, ReputationChange, TimePassed
from risktui.model.risk import Outcome, RiskLevel, RiskState, RiskyUserHistoryItem
from risktui.risk.rules import Rules
from risktui.risk.state import UserRisk
from risktui.settings import Policy

KINDS = ("newCountry", "passwordSpray", "unfamiliarFeatures", "anomalousToken")
LEVELS = (RiskLevel.LOW, RiskLevel.MEDIUM, RiskLevel.HIGH)
POLICIES = (
    Policy(name="mfa", applies_to="signIn", levels=["medium", "high"], control="mfa"),
    Policy(name="reset", applies_to="user", levels=["high"], control="riskRemediation"),
)
steps_forward = st.sampled_from([0, HOUR, 30 * HOUR, 90 * 24 * HOUR])


class AnyLife(RuleBasedStateMachine):
    """Carol, in a world that does what it likes."""

    life: Life
    now: int
    events: int
    history: list[RiskyUserHistoryItem]

    @initialize(compound=st.booleans(), policies=st.booleans())
    def born(self, compound: bool, policies: bool) -> None:
        rules = Rules(compound=compound, policies=POLICIES if policies else ())
        self.life, self.now, self.events, self.history = Life(rules), NOON, 0, []

    def _id(self, later: int) -> str:
        self.now += later
        self.events += 1
        return f"e{self.events}"

    def _keep(self, outcome: Outcome) -> Outcome:
        self.history += outcome.history
        return outcome

    @rule(
        later=steps_forward,
        level=st.sampled_from(LEVELS),
        kind=st.sampled_from(KINDS),
        late=st.sampled_from([0, 2 * HOUR]),
        family=st.sampled_from(["sign-in", "mail"]),
    )
    def something_is_found(
        self, later: int, level: RiskLevel, kind: str, late: int, family: str
    ) -> None:
        event = self._id(later)
        at = self.now - late
        found = self.life.finds(
            event, level, kind=kind, at=at, family=family, correlation_id=f"c{self.events // 2}"
        )
        self._keep(found)

    @rule(
        later=steps_forward,
        mfa=st.sampled_from(["", "fresh", "denied"]),
        code=st.sampled_from([0, 50142, 50173]),
        status=st.sampled_from(["success", "notApplied"]),
    )
    def they_sign_in(self, later: int, mfa: str, code: int, status: str) -> None:
        event = self._id(later)
        self._keep(
            self.life.signs_in(
                event,
                self.now,
                mfa=mfa,
                error_code=code,
                result="failure" if code else "success",
                conditional_access_status=status,
                correlation_id=f"c{self.events // 2}",
            )
        )

    @rule(
        later=steps_forward,
        how=st.sampled_from(["change", "self-service reset", "admin reset", "on-premises"]),
    )
    def the_password_is_set(self, later: int, how: str) -> None:
        self._id(later)
        self._keep(self.life.sets_password(how, self.now, initiated_by="erin"))

    @rule(
        later=steps_forward,
        what=st.sampled_from(["deleted", "restored", "disabled", "enabled"]),
    )
    def the_account_changes(self, later: int, what: Any) -> None:
        event = self._id(later)
        change = AccountChange(time=self.now, id=event, user_id="carol-id", what=what)
        self._keep(self.life.does(change))

    @rule(later=steps_forward)
    def a_day_begins(self, later: int) -> None:
        event = self._id(later)
        self._keep(self.life.does(TimePassed(time=self.now, id=event, user_id="carol-id")))

    @rule(
        later=steps_forward,
        state=st.sampled_from(["atRisk", "dismissed", "remediated", "confirmedCompromised"]),
        kind=st.sampled_from(KINDS),
    )
    def another_product_speaks(self, later: int, state: str, kind: str) -> None:
        event = self._id(later)
        alert = ProductAlert(
            time=self.now,
            id=f"alert {event}",
            user_id="carol-id",
            ip_address="203.0.113.7",
            risk_event_type=kind,
            risk_state=state,
            severity="medium",
        )
        self._keep(self.life.does(alert))

    @rule(later=steps_forward, withdrawn=st.booleans())
    def somebody_else_is_judged(self, later: int, withdrawn: bool) -> None:
        event = self._id(later)
        change = ReputationChange(
            time=self.now,
            id=event,
            user_id="carol-id",
            verdict_id="v-elsewhere",
            judged_address="203.0.113.7",
            judged_time=self.now,
            withdrawn=withdrawn,
        )
        self._keep(self.life.does(change))

    @rule(
        later=steps_forward,
        action=st.sampled_from(["dismiss", "confirmSafe", "confirmCompromised", "undo"]),
        one=st.booleans(),
        kind=st.sampled_from(["operator", "provider"]),
    )
    def they_are_judged(self, later: int, action: str, one: bool, kind: Any) -> None:
        self._id(later)
        entries = self.life.risk.entries
        target = entries[-1].detection.id if one and entries else ""
        before = _picture(self.life)
        outcome = self._keep(
            self.life.judged(action, at=self.now, detection_id=target, author_kind=kind)
        )
        assert len(outcome.verdicts) == 1
        if not outcome.verdicts[0].accepted:
            assert _picture(self.life) == before
        elif action != "undo":
            twin = deepcopy(self.life)
            twin.judged("undo", at=self.now)
            assert _picture(twin) == before

    @precondition(lambda self: bool(self.life.risk.entries))
    @rule()
    def the_engine_restarts(self) -> None:
        """State is plain data: packed and unpacked it is the same."""
        packed = msgspec.msgpack.encode(self.life.risk)
        self.life.risk = msgspec.msgpack.decode(packed, type=UserRisk)
        assert msgspec.msgpack.encode(self.life.risk) == packed

    @invariant()
    def level_is_none_exactly_where_nobody_has_to_act(self) -> None:
        if hasattr(self, "life"):
            assert (self.life.level() is RiskLevel.NONE) == (not self.life.state().active)

    @invariant()
    def the_person_is_at_risk_exactly_while_something_is_open(self) -> None:
        if not hasattr(self, "life"):
            return
        open_ones = self.life.open()
        judged = [s.risk_state for s in self.life.risk.sign_ins.values()]
        compromised = RiskState.CONFIRMED_COMPROMISED in judged
        assert self.life.state().active == (bool(open_ones) or compromised)
        for detection in open_ones:
            assert self.life.level().rank >= detection.risk_level.rank

    @invariant()
    def sign_ins_agree_with_their_detections(self) -> None:
        if not hasattr(self, "life"):
            return
        for sign_in in self.life.risk.sign_ins.values():
            open_ones = [d for d in self.life.risk.of_sign_in(sign_in.id) if d.risk_state.active]
            level = max((d.risk_level.rank for d in open_ones), default=0)
            assert sign_in.risk_level_aggregated.rank == level
            assert sign_in.risk_state.active == bool(open_ones)

    @invariant()
    def history_is_append_only_and_everybody_has_a_name(self) -> None:
        if not hasattr(self, "life"):
            return
        assert len(self.history) == self.life.risk.written
        assert len({item.id for item in self.history}) == len(self.history)
        for item in self.history:
            assert item.initiator in {"operator", "provider", "policy", "system"}
            assert item.initiated_by
            assert (item.risk_level is RiskLevel.NONE) == (not item.risk_state.active)


def _picture(life: Life) -> tuple[Any, ...]:
    """Everything a verdict may change, except that time has passed.

    `moves` only counts changes of what is usual, and an undo is one: it is never the same again.
    """
    risk, habits = life.risk, msgspec.structs.replace(life.profile, moves=0)
    return (
        risk.level,
        risk.state,
        risk.detail,
        risk.closed_through,
        risk.elevated,
        dict(risk.safe_keys),
        [
            (d.id, d.risk_level, d.risk_state, d.risk_detail)
            for d in (entry.detection for entry in risk.entries)
        ],
        {
            s.id: (s.risk_level_during_sign_in, s.risk_level_aggregated, s.risk_state)
            for s in risk.sign_ins.values()
        },
        msgspec.msgpack.encode(habits),
    )


AnyLife.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestAnyLife = AnyLife.TestCase
