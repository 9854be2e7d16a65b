from __future__ import annotations

from typing import Any

from risktui.detect import DAY, MINUTE, Client, DirectoryChange
from risktui.detect.examples import (
    HOSTING,
    HQ,
    LAGOS,
    STRANGER,
    TOKYO,
    TOR,
    Place,
    changes,
    laptop,
    signs_in,
)
from story import Person, Story, alice, dave, erin, rules, when

FILE = "anomalous_user_activity"
GLOBAL = (("Role.DisplayName", "", "Global Administrator"),)
CREDENTIALS = "Add service principal credentials"


def acts(
    who: Person, place: Place, time: str | int, operation: str, *targets: str, **fields: Any
) -> DirectoryChange:
    """A change by somebody; with another machine than theirs where they never are."""
    moment = when(time) if isinstance(time, str) else time
    own = laptop(who.name) if place in (HQ, TOKYO) else STRANGER
    client: Client = fields.pop("client", own)
    event = changes(who.name, place, moment, operation, client, targets=targets, **fields)
    event.id = f"{event.id}-{operation}-{targets}"
    return event


def administrates(who: Person, days: int = 30, daily: int = 3) -> list[DirectoryChange]:
    """An administrator's ordinary weeks before the story, in the daytime."""
    return [
        acts(who, HQ, when("03:00") - (days - day) * DAY + number * 90 * MINUTE, "Update user", "x")
        for day in range(days)
        for number in range(daily)
    ]


def begun(*people: Person) -> Story:
    """A story in which erin has administered for a month."""
    return Story(FILE, *people).tells(administrates(erin))


def test_federating_a_domain_at_night_from_lagos_is_medium() -> None:
    story = begun(erin)
    story.tells([acts(erin, LAGOS, "19:00", "Set domain authentication")])
    found = story.only()
    assert (found.risk_level, found.activity) == ("medium", "user")
    assert {"act", "place", "hours"} <= rules(found)
    assert "70 points" in found.explanation.level.base_reason


def test_with_a_tool_and_while_at_risk_it_is_high() -> None:
    story = Story(f"{FILE} anonymized_ip_address", erin).tells(administrates(erin))
    story.signs_in(erin, TOR, "18:00", STRANGER)
    tool = Client(user_agent="python-requests/2.32.3")
    story.tells([acts(erin, LAGOS, "19:00", "Set domain authentication", client=tool)])
    found = {d.risk_event_type: d for d in story.detections()}["anomalousUserActivity"]
    assert found.risk_level == "high"
    assert {"risk", "A2"} <= rules(found)


def test_credentials_for_six_applications_within_minutes_are_medium() -> None:
    story = begun(erin)
    for number in range(6):
        time = when("03:30") + number * 90_000
        story.tells([acts(erin, HQ, time, CREDENTIALS, f"app{number}")])
    found = story.only()
    assert found.risk_level == "medium"
    assert {"act", "burst"} <= rules(found)
    assert found.count <= 2


def test_making_oneself_an_administrator_is_low_and_medium_from_elsewhere() -> None:
    for place, level in ((HQ, "low"), (LAGOS, "medium")):
        story = begun(alice)
        story.tells([acts(alice, place, "09:00", "Add member to role", "alice", changes=GLOBAL)])
        found = story.only()
        assert found.risk_level == level
        assert {"own", "first"} <= rules(found)
        assert "Global Administrator" in str(found.explanation.evidence)


def test_an_administrator_since_this_morning_resets_another_ones_password() -> None:
    story = begun(alice, erin)
    made = acts(erin, HQ, "03:30", "Add member to role", "carol")
    promoted = acts(erin, HQ, "04:30", "Add member to role", "alice")
    story.tells([acts(erin, HQ, when("03:00") - 20 * DAY, "Add member to role", "zoe")])
    story.tells([made, promoted])
    before = {d.user_principal_name for d in story.detections()}
    night = [acts(alice, HOSTING, "19:00", "Reset password (by admin)", "carol")]
    night += [acts(alice, HOSTING, "19:02", "Add member to role", "mallory")]
    story.tells(night)
    found = next(d for d in story.detections() if d.user_principal_name == "alice@contoso.com")
    told = {d.user_principal_name: d.risk_level for d in story.detections()}
    assert set(told) - before >= {"alice@contoso.com", "carol@contoso.com"}
    assert told["carol@contoso.com"].rank == found.risk_level.rank - 1  # who was reset
    assert {"new", "place", "act"} <= rules(found)
    assert found.risk_level in {"medium", "high"}


def test_a_takeover_of_many_grand_acts_at_night_is_high() -> None:
    story = begun(erin)
    grand = ("Add member to role", CREDENTIALS, "Update conditional access policy")
    for number, operation in enumerate(grand):
        story.tells([acts(erin, LAGOS, when("19:00") + number * 90_000, operation, "mallory")])
    levels = {d.user_principal_name: d.risk_level for d in story.detections()}
    assert levels == {"erin@contoso.com": "high", "mallory@contoso.com": "medium"}


def test_thirty_resets_a_day_are_a_help_desk() -> None:
    story = Story(FILE, erin)
    for day in range(10):
        for number in range(30):
            time = when("01:00") - (10 - day) * DAY + number * 5 * MINUTE
            story.tells([acts(erin, HQ, time, "Reset password (by admin)", f"person{number}")])
    story.stays_quiet()


def test_what_has_failed_weighs_half() -> None:
    story = begun(erin)
    story.tells([acts(erin, HQ, "03:30", "Add member to role", "zoe", succeeded=False)])
    story.stays_quiet()


def test_a_service_that_provisions_is_no_person() -> None:
    story = begun(erin)
    for number in range(60):
        time = when("03:30") + number * 1000
        event = acts(erin, HQ, time, "Add user", f"n{number}", actor="servicePrincipal")
        story.tells([event])
    story.stays_quiet()


def test_what_is_done_within_an_activation_is_planned() -> None:
    story = begun(erin)
    activation = "Add member to role completed (PIM activation)"
    story.tells([acts(erin, HQ, "03:00", activation, "erin")])
    story.tells([acts(erin, HQ, "03:30", "Add member to role", "zoe")])
    story.stays_quiet("PIM")


def test_an_activation_does_not_excuse_a_strange_place() -> None:
    story = begun(erin)
    activation = "Add member to role completed (PIM activation)"
    story.tells([acts(erin, LAGOS, "03:00", activation, "erin")])
    story.tells([acts(erin, LAGOS, "03:30", "Add member to role", "zoe")])
    assert story.only().risk_level in {"low", "medium"}


def test_new_colleagues_on_mondays_are_ordinary() -> None:
    story = Story(FILE, erin)
    for week in range(5):
        for number in range(4 + 2 * week):
            time = when("01:00") + (week * 7 - 35) * DAY + number * 70_000
            story.tells([acts(erin, HQ, time, "Add user", f"new{week}x{number}")])
    story.stays_quiet()


def test_a_policy_changed_once_in_a_while_is_ordinary() -> None:
    story = begun(erin)
    story.tells([acts(erin, HQ, "04:00", "Update conditional access policy", "Require MFA")])
    story.stays_quiet()


def test_a_maintenance_window_holds_it_back() -> None:
    window = "{begin = 2026-03-02T18:00:00Z, end = 2026-03-02T23:00:00Z}"
    settings = f"[anomalousUserActivity]\nmaintenance = [{window}]"
    story = Story(FILE, erin, settings=settings).tells(administrates(erin))
    story.tells([acts(erin, LAGOS, "19:00", "Set domain authentication")])
    story.stays_quiet("maintenance")


def test_the_first_days_of_the_logs_are_learnt() -> None:
    story = Story(FILE, dave)
    for number, operation in enumerate(("Add member to role", CREDENTIALS, "Add user")):
        story.tells([acts(dave, TOKYO, when("03:00") + number * 60_000, operation, f"t{number}")])
    story.stays_quiet()


def test_letting_an_application_in_for_oneself_is_everybodys() -> None:
    story = begun(alice)
    said = (("ConsentContext.IsAdminConsent", "", "False"),)
    story.tells([acts(alice, LAGOS, "09:00", "Consent to application", "app", changes=said)])
    story.stays_quiet()


def test_whoever_was_changed_is_told_of_one_level_lower() -> None:
    story = begun(erin)
    night = when("19:00")
    fields = {"changes": GLOBAL}
    story.tells([acts(erin, LAGOS, night, "Add member to role", "carol", **fields)])
    story.tells([acts(erin, LAGOS, night + MINUTE, "Set domain authentication")])
    found = {d.user_principal_name: d for d in story.detections()}
    assert set(found) == {"erin@contoso.com", "carol@contoso.com"}
    actor, target = found["erin@contoso.com"], found["carol@contoso.com"]
    assert target.risk_level.rank == actor.risk_level.rank - 1
    assert target.user_id == "id-of-carol"
    assert "by erin@contoso.com" in target.explanation.headline
    users = {user.user_principal_name: user for user in story.outcome.users}
    assert users["carol@contoso.com"].risk_state == "atRisk"


def test_a_low_risk_of_the_actor_is_none_of_the_target() -> None:
    story = Story(FILE, alice)
    story.tells([acts(alice, HQ, "03:00", "Add member to role", "alice", "carol", changes=GLOBAL)])
    assert {d.user_principal_name for d in story.detections()} <= {"alice@contoso.com"}


def test_the_engine_knows_that_such_changes_concern_several_people() -> None:
    pipeline = begun(erin).pipeline
    assert pipeline.concerns_others(acts(erin, HQ, "09:00", "Add member to role", "carol"))
    assert not pipeline.concerns_others(signs_in("erin", HQ, when("09:00")))


def test_a_secret_renewed_at_ones_desk_is_routine_at_any_hour_of_the_working_day() -> None:
    for time in ("02:30", "04:40", "07:50"):  # between and around the hours of other days
        story = begun(erin)
        story.tells([acts(erin, HQ, time, CREDENTIALS, "Backup")])
        story.stays_quiet()


def test_but_told_at_night_or_on_a_free_day_of_the_week() -> None:
    week = [each for each in administrates(erin) if each.time // DAY % 7 not in {2, 3}]  # Sat, Sun
    for time in ("2026-03-02 18:00", "2026-03-07 04:00"):
        story = Story(FILE, erin).tells(week)
        story.tells([acts(erin, HQ, time, CREDENTIALS, "Backup")])
        assert "hours" in rules(story.only())


def test_an_account_at_risk_goes_on_with_its_everyday_work() -> None:
    story = Story(f"{FILE} anonymized_ip_address", erin)
    for day in range(20):
        time = when("04:00") - (20 - day) * DAY
        story.tells([acts(erin, HQ, time, "Reset password (by admin)", f"person{day}")])
    story.signs_in(erin, TOR, "02:00", STRANGER)
    story.tells([acts(erin, HQ, "2026-03-03 04:00", "Reset password (by admin)", "zoe")])
    assert {d.risk_event_type for d in story.detections()} == {"anonymizedIPAddress"}
    story.tells([acts(erin, HQ, "2026-03-03 04:10", "Set domain authentication")])
    assert {d.risk_event_type for d in story.detections()} > {"anonymizedIPAddress"}


def test_a_secret_renewed_on_the_morning_of_new_colleagues_is_no_burst() -> None:
    batches = [
        acts(erin, HQ, when("04:00") - week * 7 * DAY + number * 70_000, "Add user", f"n{number}")
        for week in range(5)
        for number in range(4 + week)
    ]
    secret = acts(erin, HQ, "03:50", CREDENTIALS, "Backup")
    life = [*administrates(erin), *batches, secret]
    Story(FILE, erin).tells(sorted(life, key=lambda event: event.time)).stays_quiet()
