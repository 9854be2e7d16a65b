"""What the screens of one person, of one detection and of the machinery say, whole sentences each.

A text with a variable part is a template for `str.format`: never put together from pieces, so that
another language can order its words as it must.
"""

from __future__ import annotations

# One detection

WHY_AND_WHAT = "Why, and what to do"
WHY = "Why"
WHAT = "What happened, what to do"
RELATED = "Who else"
RELATED_COUNT = "Who else {count}"
RAW = "Raw record"
RECORD_AT = "{name} @{offset} in {folder}"
RECORD_OF = "record {number}/{count}"
EVIDENCE = "Evidence"
WEIGHT = "weight"
OBSERVED = "observed"
USUAL = "usual"
USUAL_IS = "usual: {baseline}"
NONE_RECORDED = "none recorded"
RULES = "Rules looked at"
RULES_SIGNS = "- lowered it, + raised it, ⋅ did not apply"
NO_BECAUSE = "no, {reason}"
NO_RULE = "no rule was looked at"
THRESHOLDS = "Thresholds"
THRESHOLD_IS = "threshold {value}"
CHANGES = "What would change it"
TO_DO = "What to do"
TIMELINE = "Timeline"
TIMES_IN = "times in {zone}"
PARTICULARS = "Particulars"
ON_SYSTEM = "{client} on {system}"
ALSO_ANOTHER = "{address}, also {count} other user here"
ALSO_OTHERS = "{address}, also {count} other users here"
MANAGED = "{device} (managed)"
THE_PROVIDER = "the provider"
DO = "Do:"
MORE = "+{count} more"
NOTHING_AGAINST = "nothing spoke against it"
NOTHING_AGAINST_OF = "nothing spoke against it ({count} looked at)"
NOTHING_NEAR = "nothing else within an hour"
NONE = "none"
SHARES = {
    "address": "address",
    "session": "session",
    "network": "network",
    "campaign": "campaign",
    "browser": "browser",
    "person": "same person",
}
"""What two detections have in common, in twelve cells."""
NOBODY_ELSE = "nobody else within a day, and nothing else of this person"
RAW_HINT = "enter looks for the record in the logs"
RAW_LOOKING = "looking through the logs …"
RAW_MISSING = "not in {files} any more: {ids}"
RAW_GIVEN_UP = "not in the first {files}; there are more: {ids}"
RAW_DECISION = "a decision is in no log: {key} shows it"
RAW_NO_ID = "this detection names no record"
RAW_FIND = "in record"
RAW_FIND_HINT = "a word; n and N go on"
NOT_IN_RECORD = "not in the record: {text}"
IN_RECORD = "{lines} with {text}; n and N go on"
NOTHING_TO_FIND = "nothing is being looked for: / begins"
GONE = "this detection is gone"

# One person

USER_TITLES = {  # in this order they fill the grid
    "why": "Why",
    "sessions": "Sessions",
    "familiar": "Familiar",
    "map": "Map",
    "history": "Risk history",
    "held": "Held back",
}
WHY_OF = "Why: {kind}"
JUDGES_PERSON = "c d s judge the person"
JUDGES = "c d s judge {whom}"
NOT_KNOWN = "{user}: not known"
NOTHING_FOUND = "nothing was found about this person"
NO_HISTORY = "no history yet"
NOBODY_KNOWN = "nothing is known of this person yet"
KNOWN_FOR = "{sign_ins} on {days}, known for {age}"
LEARNING = "still learning ({days})"
FROZEN = "learning stopped: confirmed compromised"
USUALLY = "usually"
THIS_TIME = "this time"
IS_FAMILIAR = "= {value}"
IS_NEW = "≠ {value}"
FEATURES = {
    "country": "countries",
    "city": "cities",
    "asn": "networks",
    "prefix": "ranges",
    "device": "devices",
    "browser": "browsers",
    "system": "systems",
    "app": "applications",
    "hours": "hours",
}
"""What of a profile is shown, in this order, and what it is called in twelve cells."""
HOURS_OF = "0 to 23 h, the last {count}"
NO_SESSIONS = "no session with a risk is kept"
SESSION_OF = "{begin} to {end}, {count} steps"
SESSION_AT = "{begin}, 1 step"
LEFT_OUT = "{steps} more"
MOVED_TO = "from {where}"
NO_PLACES = "no place with coordinates is known of this person"
HOP = "{start} → {end}"
HOP_FACTS = "{km} km in {when}"
HOP_SPEED = "{speed} km/h"
TOO_FAST = "faster than an airliner"
NOT_SURE = "within what the places may be off"
RISK_FROM = "from {when}"
BY = "by {who}"
NOTHING_HELD = "nothing was held back"

# The machinery: sources, detectors, policies, audit log

BOARDS = {
    "sources": "Sources",
    "detectors": "Detectors",
    "policies": "Policies",
    "audit": "Audit log",
}
DETAILS = "Details"
NO_ROWS = {
    "sources": "no log was read yet",
    "detectors": "no detector is in force",
    "policies": "no [[policies]] in risktui.toml, and none has matched before",
    "audit": "nobody has done anything yet",
}
SOURCES_IN = "{title}; all in {folder}"
SOURCES_TITLE = "Sources: {files}, {records}, {unread} not read"
DETECTORS_TITLE = "Detectors: {count} in force, {blind} blind"
NO_POLICIES = "Policies: none; docs/policies.md says what they are for"
POLICIES_TITLE = "Policies: {count}, {differs} in which more happened than they allow"
CHAIN_WHOLE = "Audit log: the chain is whole, {lines}"
CHAIN_BROKEN = "Audit log: BROKEN at line {number}: {reason}"
KINDS = {
    "format": "format",
    "file": "file",
    "unread": "not read",
    "quarantine": "quarantine",
    "reader": "reader",
}
NEWEST = "the newest"
BEHIND = "{lag} behind"
SILENT = "SILENT {lag}"
READ_WHOLLY = "read wholly"
READ_TO = "{share} read"
BEGUN = "begun"
FILES_OF = "{count} of {all}"
SOURCE_FACTS = {
    "format": "format",
    "files": "files",
    "events": "events",
    "last": "last event",
    "lag": "behind",
    "read": "last read",
    "ahead": "clock ahead",
    "path": "path",
    "position": "position",
    "size": "size",
    "records": "records",
    "quarantined": "quarantined",
    "reason": "reason",
}
EXAMPLES = "Examples"
EXAMPLE_AT = "{path} @{offset}"
EXAMPLES_SHOWN = "{shown} of {count} shown"
BLIND = "BLIND: {lack}"
SEES_WITH = "It sees with such a list: name one as [[intel]] in {file} (risktui intel status)."
SEES_WITH_FILE = (
    "It sees with such a list, named as [[intel]] in risktui.toml. No such file was read:"
    " start with --config FILE, or write one with risktui config init."
)
IS_BLIND = "BLIND"
IN_FORCE = "in force"
NOT_LOADED = "detectors or feeds cannot be loaded: {error}"
NEVER = "never"
COUNTED_WITH = "counted with {name}, which is of the same type"
DETECTOR_FACTS = {
    "type": "type",
    "key": "remembers by",
    "watches": "watches",
    "needs": "needs",
    "timing": "timing",
    "attack": "ATT&CK",
    "found": "found",
    "open": "still open",
    "judged": "judged",
    "last": "last fired",
}
JUDGED = "{compromised} compromised, {safe} safe, {dismissed} dismissed"
SPRAYS = "Sprays that were recognised"
SPRAY = "{time}: {people} people whose passwords held, from {places}"
SETTINGS_OF = "Settings"
SETTINGS_IN = "[detectors.{kind}] in risktui.toml"
POLICY_FACTS = {
    "state": "state",
    "control": "control",
    "levels": "levels",
    "applies": "applies to",
    "include": "groups",
    "exclude": "but not",
    "people": "people",
    "sign_ins": "sign-ins",
    "differs": "differ",
}
REMOVED = "removed"
LATEST = "The latest"
POLICY_RESULT = "{when}  {user}  {level}: would have been {expected}; was {actual}"
NOT_YET = "at the next sign-in"
DIFFERS = "DIFFERS"
AUDIT_FACTS = {
    "time": "when",
    "actor": "who",
    "action": "did",
    "subject": "to",
    "result": "result",
    "place": "at",
    "note": "because",
    "cause": "cause",
    "flags": "NOTE",
    "hash": "hash",
}

# Exports

NOTHING_TO_EXPORT = "there is nothing to export here"
NOBODY_TO_REPORT = "nobody is selected to report on"
EXPORTED_ONE = "1 line written to {path}"
EXPORTED = "{count} lines written to {path}"
REPORTED = "report written to {path}"
PICTURED = "picture written to {path}; no program for PNG on this host"
PICTURED_BOTH = "picture written to {path} and {png}"
NOT_EXPORTED = "not exported: {error}"
ALSO_HERE = "also looking: {places}"
