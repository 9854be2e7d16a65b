-- The database: one file, one writer, many readers. Times are integer milliseconds UTC.
-- A change of this file is a new number in store/database.py and a step in store/migrations.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- How far each log file has been taken.
CREATE TABLE sources (
    path        TEXT PRIMARY KEY,
    position    BLOB NOT NULL,              -- msgpack of logs.batch.Position
    records     INTEGER NOT NULL DEFAULT 0,
    quarantined INTEGER NOT NULL DEFAULT 0,
    updated     INTEGER NOT NULL            -- wall clock, for "silent since"
) WITHOUT ROWID;

-- Records that no format reads, counted by reason.
CREATE TABLE not_read (
    reason  TEXT PRIMARY KEY,
    records INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE quarantine (
    path   TEXT NOT NULL,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    sample TEXT NOT NULL,
    found  INTEGER NOT NULL,                -- wall clock
    PRIMARY KEY (path, offset)
) WITHOUT ROWID;

-- Ids of events already processed, so that a record read twice counts once (48 hours of event time).
CREATE TABLE seen (
    hash INTEGER PRIMARY KEY,
    time INTEGER NOT NULL
);
CREATE INDEX seen_by_time ON seen (time);

-- What the stages remember: one row for each key.
CREATE TABLE states (
    stage TEXT NOT NULL,
    key   TEXT NOT NULL,
    last  INTEGER NOT NULL,
    blob  BLOB NOT NULL,
    PRIMARY KEY (stage, key)
) WITHOUT ROWID;

CREATE TABLE detections (
    id                     TEXT PRIMARY KEY,
    user_id                TEXT NOT NULL,
    risk_event_type        TEXT NOT NULL,
    risk_level             TEXT NOT NULL,
    risk_state             TEXT NOT NULL,
    activity_date_time     INTEGER NOT NULL,
    detected_date_time     INTEGER NOT NULL,
    last_updated_date_time INTEGER NOT NULL,
    ip_address             TEXT NOT NULL,
    country_or_region      TEXT NOT NULL,
    ingested               INTEGER NOT NULL, -- wall clock of the first commit
    detection              BLOB NOT NULL     -- JSON of model.risk.Detection, the explanation included
) WITHOUT ROWID;
CREATE INDEX detections_by_user ON detections (user_id, last_updated_date_time);
CREATE INDEX detections_by_update ON detections (last_updated_date_time, detected_date_time);

CREATE TABLE users (
    id                          TEXT PRIMARY KEY,
    user_principal_name         TEXT NOT NULL,
    user_display_name           TEXT NOT NULL,
    risk_level                  TEXT NOT NULL,
    risk_state                  TEXT NOT NULL,
    priority                    INTEGER NOT NULL,
    risk_last_updated_date_time INTEGER NOT NULL,
    user                        BLOB NOT NULL -- JSON of model.risk.RiskyUser
) WITHOUT ROWID;
CREATE INDEX users_by_name ON users (user_principal_name);

CREATE TABLE history (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    id      TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    time    INTEGER NOT NULL,
    item    BLOB NOT NULL                    -- JSON of model.risk.RiskyUserHistoryItem
);
CREATE INDEX history_by_user ON history (user_id, number);

-- What was held back, and by which rule: answers "why not?".
CREATE TABLE suppressions (
    user_id         TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    risk_event_type TEXT NOT NULL,
    time            INTEGER NOT NULL,
    suppression     BLOB NOT NULL,           -- JSON of model.risk.Suppression
    PRIMARY KEY (user_id, event_id, risk_event_type)
) WITHOUT ROWID;
CREATE INDEX suppressions_by_time ON suppressions (time);

-- Decisions of people. Anybody may append; the engine applies them in this order and writes the result.
CREATE TABLE verdicts (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    id       TEXT NOT NULL UNIQUE,
    time     INTEGER NOT NULL,               -- the author's wall clock
    verdict  BLOB NOT NULL,                  -- JSON: store.verdicts.Request
    applied  INTEGER,                        -- wall clock; NULL while it waits
    accepted INTEGER,
    message  TEXT NOT NULL DEFAULT ''
);
CREATE INDEX verdicts_waiting ON verdicts (applied) WHERE applied IS NULL;

-- What has still to be printed, mailed or posted; readers keep a cursor each.
CREATE TABLE outbox (
    number  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind    TEXT NOT NULL,                   -- detection, user, history
    subject TEXT NOT NULL,                   -- the row's id
    body    BLOB NOT NULL                    -- the object as it was then, JSON of the model
);

CREATE TABLE cursors (
    name   TEXT PRIMARY KEY,
    number INTEGER NOT NULL                  -- the last outbox row the reader has dealt with
) WITHOUT ROWID;
