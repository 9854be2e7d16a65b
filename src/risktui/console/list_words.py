"""What the lists, the lines above the keys and the first line say, whole sentences each.

A text with a variable part is a template for `str.format`: never put together from pieces, so that
another language can order its words as it must.
"""

from __future__ import annotations

USERS_AT_RISK = "Users at risk"
USERS = "Users"
DETECTIONS = "Detections"
FOLLOWING = "following"
HELD = "held"
HELD_NEW = "held, {count} new"
SOME_OF_ALL = "{shown:,} of {all:,}"
LATEST = "latest {shown:,}"
MARKED = "{count} marked"
SNOOZED = "{count} snoozed"
NOBODY_AT_RISK = "nobody is at risk"
NO_DETECTIONS = "no detections yet"
NOBODY_SELECTED = "nobody selected"

SORTED = "{what}: {order}"
SORTED_TURNED = "{what}: {order}, turned round"
NO_SEARCH_YET = "nothing was looked for yet: {key} finds"
NO_MATCH = "no row here meets {text}"

SNOOZE_ASK = "put {who} aside for "
SNOOZE_HINT = "30m, 4h, 2d: comes back earlier when something new happens"
SNOOZE_DONE = "{who} is out of sight until {until}; the risk stays as it is. {key} brings back"
SNOOZE_BACK = "{count} back in sight"
SNOOZE_NONE = "nobody is put aside"

VIEW_ASK = "name of this view "
VIEW_HINT = "its filter and its order; v brings it back"
VIEW_SAVED = "view {name} saved: {text}"
VIEW_WORN = "view {name}"
VIEW_NONE = "no views yet: {key} saves what you see"
VIEW_COMMAND = "view {name}"
VIEW_HELP = "Show this view."
VIEW_GONE = "view {name} is gone"
VIEWS_TITLE = "Views  (enter shows it, d deletes it, esc closes)"

MASK_ON = "names and addresses are masked, in exports too; {key} shows them"
MASK_OFF = "names and addresses are shown"

PANE_HIDDEN = "hidden; {key} brings all panes back"
PANE_LAST = "the last pane stays"

PAST_ASK = "as of "
PAST_HINT = "2h, 3d, 2026-05-14T09:00; empty for now"
PAST_CHIP = "AS OF {time}"
PAST_NOT = "{text!r} is no past moment: write 2h, 3d or 2026-05-14T09:00"
PAST_STEP = "as of {time}; {before} and {after} step, esc goes back to now"
PAST_NO_STEP = "no risk changed {where}"
PAST_BEFORE = "before that"
PAST_AFTER = "after that; this is now"
PAST_NO_VERDICT = "this is the past: nobody can be judged in it; esc goes back to now"

READ_ONLY = "read-only: this console was started with --read-only and judges nobody"
NOWHERE_BACK = "this is where it starts; {key} leaves"

ALERTS = "{count} people at risk"
TERMINAL_TITLE = "{front}: {high} high, {medium} medium, {low} low"
