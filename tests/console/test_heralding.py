"""What a terminal is told besides what it shows."""

from __future__ import annotations

from console.playing import NOW
from risktui.console.heralding import TitleOfTerminal, call, notice
from risktui.model.risk import RiskLevel, RiskState, RiskyUser, RiskyUserHistoryItem
from risktui.store.alerts import Alert
from risktui.store.queries import Counts


def alert(name: str, reason: str = "sprayed") -> Alert:
    user = RiskyUser(id=name, user_principal_name=name, reason=reason)
    step = RiskyUserHistoryItem(
        id="1", user_id=name, time=NOW, risk_level=RiskLevel.HIGH, risk_state=RiskState.AT_RISK
    )
    return Alert(user, step)


def test_nobody_new_rings_nothing_and_somebody_rings_once() -> None:
    assert call([], {}) == ""
    assert call([alert("carol")], {"TERM": "xterm-256color"}) == "\a"
    many = call([alert("carol"), alert("dan")], {"TERM": "foot"})
    assert many == "\a\x1b]777;notify;2 people at risk;carol: high risk, dan: high risk\a"


def test_a_notice_goes_the_way_the_terminal_knows_and_only_rings_in_tmux() -> None:
    assert notice("a", "b", {"TERM": "foot"}) == "\x1b]777;notify;a;b\a"
    assert notice("a", "b", {"TERM": "xterm", "TERM_PROGRAM": "iTerm.app"}) == "\x1b]9;a: b\a"
    assert notice("a", "b", {"TERM": "foot", "TMUX": "/tmp/x"}) == ""
    for term in ("linux", "screen", "screen-256color", "tmux-256color", "dumb", ""):
        assert notice("a", "b", {"TERM": term}) == ""


def test_what_a_log_says_ends_no_sequence() -> None:
    bad = alert("carol\a\x1b]0;x", "a;b\x1b\\c\x9c" + "x" * 10_000)
    text = call([bad], {"TERM": "foot"})
    inside = text.removeprefix("\a\x1b]777;notify;").removesuffix("\a")
    assert inside.isprintable()
    assert inside.count(";") == 1
    assert len(inside) < 300


def test_the_title_says_how_many_and_the_old_one_comes_back() -> None:
    title = TitleOfTerminal("contoso", "PROD", {"TERM": "xterm"})
    assert title.leave() == ""
    words = "PROD risktui contoso: 2 high, 3 medium, 7 low"
    assert title.show(Counts(2, 3, 7)) == f"\x1b[22;2t\x1b]2;{words}\a"
    assert title.show(Counts(2, 3, 7)) == ""
    assert title.show(Counts(3, 3, 7)).startswith("\x1b]2;")
    assert title.leave() == "\x1b[23;2t"
    assert TitleOfTerminal("contoso", "", {"TERM": "linux"}).show(Counts(1)) == ""
