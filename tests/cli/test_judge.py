from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from cli.test_scan import lines, run
from engine.tenant import TOR, append, configuration, log_file, record
from risktui.cli.story import detection_text
from risktui.model.risk import Detection, Evidence, Explanation, LevelAlgebra, RiskLevel
from risktui.store.lock import EngineLock


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = log_file(tmp_path / "logs")
    for number, who in enumerate(("carol", "bob", "dave"), 1):
        append(path, record(number, who, TOR, f"2026-03-02T09:0{number}:00"))
    config = configuration(tmp_path)
    made = tmp_path / "x.db"
    assert run("scan", tmp_path / "logs", "--config", config, "--db", made).exit_code == 0
    return made


def test_users_lists_everybody_and_show_tells_the_whole_story(database: Path) -> None:
    listed = run("users", "--db", database)
    assert "carol@contoso.com" in listed.stdout
    assert "3 people" in listed.stderr
    told = run("show", "carol@contoso.com", "--db", database).stdout
    for words in ("what speaks for it", "what else was looked at", "what to do", "ATT&CK"):
        assert words in told


def test_what_has_no_share_does_not_stand_among_what_speaks_for_it() -> None:
    some = Evidence(label="a", observed="1", weight=1)
    none = Evidence(label="b", observed="2", weight=0)
    told = _told(some, none)
    assert "    + a: 1  [100%]\n  what belongs to it, without a share\n    . b: 2\n" in told
    told = _told(none)
    assert "what speaks for it, with its share\n    + b: 2\n" in told
    assert "without a share" not in told


def _told(*evidence: Evidence) -> str:
    level = LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW)
    found = Detection(
        id="x",
        risk_event_type="newCountry",
        risk_level=RiskLevel.LOW,
        activity_date_time=0,
        detected_date_time=0,
        last_updated_date_time=0,
        user_id="u",
        explanation=Explanation(headline="", level=level, evidence=evidence),
    )
    return detection_text(found)


def test_a_verdict_without_an_engine_is_applied_at_once(database: Path) -> None:
    done = run("dismiss", "carol@contoso.com", "--note", "pen test", "--db", database)
    assert done.exit_code == 0
    assert "carol@contoso.com: at risk -> dismissed; 1 detection" in done.stderr
    steps = lines(run("history", "carol@contoso.com", "--db", database, "--json"))
    assert [step["riskState"] for step in steps] == ["atRisk", "dismissed"]
    assert steps[-1]["risktui"]["note"] == "pen test"
    assert steps[-1]["risktui"]["initiator"] == "operator"


def test_the_other_verdicts_and_undo(database: Path) -> None:
    assert "confirmed safe" in run("confirm-safe", "bob@contoso.com", "--db", database).stderr
    said = run("confirm-compromised", "dave@contoso.com", "--db", database, "--json")
    assert json.loads(said.stdout)["riskLevel"] == "high"
    decided = re.search(
        r"decided (\S+), latest", run("show", "dave@contoso.com", "--db", database).stdout
    )
    assert decided  # later than the activity, and the time that people are told
    assert decided[1] in run("detections", "--user", "dave@contoso.com", "--db", database).stdout
    undone = run("undo", "dave@contoso.com", "--db", database)
    assert "confirmCompromised taken back; confirmed compromised -> at risk" in undone.stderr
    shown = run("show", "dave@contoso.com", "--db", database).stdout
    assert re.search(r"^  taken back: .* confirmed that dave@contoso.com was", shown, re.MULTILINE)
    assert "Reset the password" not in shown
    assert "session verdict-" not in shown  # an administrator's word is no act of the person


def test_a_decision_that_the_engine_has_not_applied_is_not_called_done(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("risktui.engine.decide.PATIENCE_SECONDS", 0.0)
    busy = EngineLock(database)
    assert busy.take()
    left = run("dismiss", "carol", "--db", database), run("apply", "--db", database)
    busy.release()
    assert [each.exit_code for each in left] == [1, 1]
    assert "carol@contoso.com: recorded; the engine has not applied it yet" in left[0].stderr
    assert "1 verdict recorded; not applied yet" in left[1].stderr
    assert all("`risktui apply` waits for the engine again" in each.stderr for each in left)


def test_one_detection_is_judged_by_the_beginning_of_its_id(database: Path) -> None:
    detection = lines(run("detections", "--db", database, "--json", "--user", "carol"))[0]
    done = run("dismiss", detection["id"][:12], "--db", database)
    assert done.exit_code == 0
    after = lines(run("show", detection["id"], "--db", database, "--json"))[0]
    assert after["riskDetail"] == "adminDismissedRiskForSignIn"


def test_a_verdict_that_changes_nothing_says_so_and_fails(database: Path) -> None:
    run("dismiss", "carol@contoso.com", "--db", database)
    again = run("dismiss", "carol@contoso.com", "--db", database)
    assert again.exit_code == 1
    assert "not done: carol@contoso.com: nothing to do, the user is dismissed" in again.stderr


def test_apply_takes_verdicts_as_lines_and_names_the_bad_ones(
    database: Path, tmp_path: Path
) -> None:
    bob = lines(run("users", "--db", database, "--json"))
    object_id = next(u["id"] for u in bob if u["userPrincipalName"] == "bob@contoso.com")
    file = tmp_path / "verdicts.ndjson"
    file.write_text(
        '{"time": "2026-03-02T10:00:00Z", "action": "dismiss", "userPrincipalName":'
        ' "CAROL@contoso.com", "note": "pen test"}\n'
        "\n"
        '{"action": "forgive", "userPrincipalName": "bob@contoso.com"}\n'
        '{"action": "confirmSafe", "userPrincipalName": "nobody@contoso.com"}\n'
        f'{{"action": "confirmSafe", "userId": "{object_id}"}}\n'
        '{"action": "dismiss", "user": "bob@contoso.com"}\n'
        "[]\n"
        '{"action": "dismiss", "note": 7}\n'
    )
    done = run("apply", file, "--db", database)
    assert done.exit_code == 1
    words = "confirmCompromised, confirmSafe, dismiss, undo\n"
    assert f":3: action: 'forgive' is none of the values allowed here: {words}" in done.stderr
    assert ":6: user is unknown; a line has action, time, userPrincipalName, userId," in done.stderr
    assert ":7: expected a table, got a list; write one JSON object a line\n" in done.stderr
    assert ":8: note: expected text, got a whole number\n" in done.stderr
    assert ":4: nobody@contoso.com: neither a person at risk nor a detection" in done.stderr
    states = {
        u["userPrincipalName"]: u["riskState"]
        for u in lines(run("users", "--db", database, "--json"))
    }
    assert states["carol@contoso.com"] == "dismissed"
    assert states["bob@contoso.com"] == "confirmedSafe"
    history = lines(run("history", "carol@contoso.com", "--db", database, "--json"))
    assert history[-1]["riskLastUpdatedDateTime"] == "2026-03-02T10:00:00.000Z"


def test_a_name_that_could_be_several_people_is_not_guessed(database: Path, tmp_path: Path) -> None:
    append(log_file(tmp_path / "logs"), record(9, "carla", TOR, "2026-03-02T09:09:00"))
    config = tmp_path / "risktui.toml"
    run("scan", tmp_path / "logs", "--config", config, "--db", database)
    done = run("dismiss", "car", "--db", database)
    assert done.exit_code == 1
    assert "car: could be carla@contoso.com, carol@contoso.com; write more of it" in done.stderr


def test_a_verdict_is_on_nobody_whose_name_only_contains_what_was_typed(database: Path) -> None:
    done = run("dismiss", "aro", "--db", database)
    assert done.exit_code == 1
    assert "aro: nobody has just this name; did you mean carol@contoso.com?" in done.stderr
    states = {
        u["userPrincipalName"]: u["riskState"]
        for u in lines(run("users", "--db", database, "--json"))
    }
    assert states["carol@contoso.com"] == "atRisk"
    assert run("dismiss", "Carol", "--db", database).exit_code == 0


def test_a_note_cannot_forge_lines_or_speak_to_the_terminal(database: Path) -> None:
    note = "a\x1b]0;PWN\x07\u202e\nforged: line"
    run("dismiss", "carol@contoso.com", "--note", note, "--db", database)
    told = run("history", "carol@contoso.com", "--db", database).stdout
    shown = run("audit", "show", "--db", database).stdout
    for text in (told, shown):
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert "\nforged" not in text


def test_without_p2_the_history_is_not_shown_and_nothing_is_lost(
    database: Path,
) -> None:
    everybody = lines(run("users", "--db", database, "--json"))
    seen = lines(run("users", "--db", database, "--json", "--licence", "p1"))
    assert [user["id"] for user in seen] == [user["id"] for user in everybody]
    hidden = run("history", "--db", database, "--json", "--licence", "free")
    assert hidden.stdout == ""
    assert "the history belongs to P2; this is the view of free" in hidden.stderr
    assert lines(run("users", "--db", database, "--json")) == everybody
