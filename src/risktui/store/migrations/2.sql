-- The outbox is cleared away by age: rows know when they were written (wall clock, ms).
ALTER TABLE outbox ADD COLUMN written INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET written = strftime('%s', 'now') * 1000;
-- And cursors know when they last moved, so that `risktui doctor` can tell who has stopped reading.
ALTER TABLE cursors ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;

-- Tables with large rows get a rowid: SQLite updates them in place, at half the cost. That of states
-- is never given twice: changed rows are written by it.
ALTER TABLE states RENAME TO old_states;
CREATE TABLE states (
    number   INTEGER PRIMARY KEY AUTOINCREMENT,
    stage    TEXT NOT NULL,
    key      TEXT NOT NULL,
    last     INTEGER NOT NULL,
    blob     BLOB NOT NULL,
    stranger INTEGER AS (substr(blob, 2, 2) = X'A13F' OR substr(blob, 4, 2) = X'A13F') VIRTUAL,
    UNIQUE (stage, key)
);
INSERT INTO states (stage, key, last, blob) SELECT stage, key, last, blob FROM old_states;
DROP TABLE old_states;
CREATE INDEX states_of_strangers ON states (stage, last, key) WHERE stranger;
ALTER TABLE detections RENAME TO old_detections;
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
);
INSERT INTO detections SELECT * FROM old_detections;
DROP TABLE old_detections;
CREATE INDEX detections_by_user ON detections (user_id, last_updated_date_time);
CREATE INDEX detections_by_update ON detections (last_updated_date_time, detected_date_time);
CREATE INDEX detections_by_address ON detections (ip_address) WHERE risk_state = 'atRisk';
CREATE INDEX detections_low ON detections (activity_date_time)
    WHERE risk_state = 'atRisk' AND risk_level = 'low';
ALTER TABLE users RENAME TO old_users;
CREATE TABLE users (
    id                          TEXT PRIMARY KEY,
    user_principal_name         TEXT NOT NULL,
    user_display_name           TEXT NOT NULL,
    risk_level                  TEXT NOT NULL,
    risk_state                  TEXT NOT NULL,
    priority                    INTEGER NOT NULL,
    risk_last_updated_date_time INTEGER NOT NULL,
    user                        BLOB NOT NULL -- JSON of model.risk.RiskyUser
);
INSERT INTO users SELECT * FROM old_users;
DROP TABLE old_users;
CREATE INDEX users_by_name ON users (user_principal_name);
CREATE INDEX users_at_risk ON users (priority DESC, risk_last_updated_date_time DESC, id, risk_level)
    WHERE risk_state IN ('atRisk', 'confirmedCompromised');

-- Everybody seen in the logs, so that a verdict reaches people who were never at risk.
CREATE TABLE people (
    id                  TEXT PRIMARY KEY,
    user_principal_name TEXT NOT NULL,
    user_display_name   TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX people_by_name ON people (user_principal_name);

CREATE TABLE sign_ins (
    id                          TEXT PRIMARY KEY,
    user_id                     TEXT NOT NULL,
    risk_level_during_sign_in   TEXT NOT NULL,
    risk_level_aggregated       TEXT NOT NULL,
    risk_state                  TEXT NOT NULL,
    created_date_time           INTEGER NOT NULL,
    risk_last_updated_date_time INTEGER NOT NULL,
    sign_in                     BLOB NOT NULL -- JSON of model.risk.RiskySignIn
);
CREATE INDEX sign_ins_by_user ON sign_ins (user_id, created_date_time);

-- What risk policies would have done, and what was done.
CREATE TABLE policy_results (
    id         TEXT PRIMARY KEY,
    policy     TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    request_id TEXT NOT NULL,
    time       INTEGER NOT NULL,
    differs    INTEGER NOT NULL,
    result     BLOB NOT NULL                 -- JSON of model.risk.PolicyResult
);
CREATE INDEX policy_results_by_policy ON policy_results (policy, time);

-- Addresses of confirmed compromises, bad for a week of event time.
CREATE TABLE reputations (
    ip_address TEXT PRIMARY KEY,
    verdict_id TEXT NOT NULL,
    since      INTEGER NOT NULL,
    until      INTEGER NOT NULL
) WITHOUT ROWID;

-- Every act that changes a risk, a message or an action: each line carries the hash of the one before.
CREATE TABLE audit (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    line   BLOB NOT NULL,                    -- JSON of store.audit.Line
    hash   TEXT NOT NULL                     -- blake2b of the previous hash and this line
);

-- Messages and actions on their way: made with the cursor's step, kept until sent or given up.
CREATE TABLE deliveries (
    id       TEXT PRIMARY KEY,               -- hash of channel and cause: a repeat is no second message
    channel  TEXT NOT NULL,
    kind     TEXT NOT NULL,                  -- risk, digest, action
    start    INTEGER NOT NULL,               -- activity time of the first news in it
    made     INTEGER NOT NULL,               -- wall clock
    due      INTEGER NOT NULL,               -- wall clock: not before
    attempts INTEGER NOT NULL DEFAULT 0,
    state    TEXT NOT NULL,                  -- waiting, sending, sent, dead, held
    ended    INTEGER,                        -- wall clock
    error    TEXT NOT NULL DEFAULT '',
    message  BLOB NOT NULL                   -- JSON of notify.news.Message
);
CREATE INDEX deliveries_due ON deliveries (state, due);

-- The activity that each channel was last told of, for each person.
CREATE TABLE notified (
    channel  TEXT NOT NULL,
    user_id  TEXT NOT NULL,
    activity INTEGER NOT NULL,
    PRIMARY KEY (channel, user_id)
) WITHOUT ROWID;

-- What each log file held, by format: for "how far behind" and "gone silent".
CREATE TABLE source_formats (
    path   TEXT NOT NULL,
    format TEXT NOT NULL,
    events INTEGER NOT NULL,
    newest INTEGER NOT NULL,                -- latest event time
    ahead  INTEGER NOT NULL,                -- how far an event's time was ahead of the wall clock (ms)
    PRIMARY KEY (path, format)
) WITHOUT ROWID;

-- What people did, in brief, for the stories of sessions: two days, longer around detections.
CREATE TABLE steps (
    number  INTEGER PRIMARY KEY,
    user_id TEXT NOT NULL,
    first   INTEGER NOT NULL,                -- event time of the earliest of them, and of the latest
    last    INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    steps   BLOB NOT NULL                    -- msgpack: list of risk.steps.Taken, of one day
);
CREATE INDEX steps_by_user ON steps (user_id, count);
CREATE INDEX steps_by_time ON steps (first, count);

-- Sign-ins with the right password, the first of each person, address, day and result: what a list
-- that changes is held against. Seven days of event time.
CREATE TABLE look_back (
    ip_address TEXT NOT NULL,
    day        INTEGER NOT NULL,             -- event time / 86,400,000
    user_id    TEXT NOT NULL,
    result     TEXT NOT NULL,                -- success, failure, interrupt
    event      BLOB NOT NULL,                -- msgpack of model.events.SignIn, as it was judged
    PRIMARY KEY (ip_address, day, user_id, result)
);
CREATE INDEX look_back_by_day ON look_back (day);
CREATE INDEX look_back_by_user ON look_back (user_id);

-- Ids of events older than those in `seen`, hour by hour of event time, so that old files read again count once.
CREATE TABLE seen_before (
    hour   INTEGER PRIMARY KEY,              -- event time / 3,600,000
    hashes BLOB NOT NULL                     -- five bytes of each id's hash, sorted
);

-- Applications' identities at risk, away from people.
CREATE TABLE principals (
    id                          TEXT PRIMARY KEY,
    app_id                      TEXT NOT NULL,
    display_name                TEXT NOT NULL,
    risk_level                  TEXT NOT NULL,
    risk_state                  TEXT NOT NULL,
    risk_last_updated_date_time INTEGER NOT NULL,
    principal                   BLOB NOT NULL -- JSON of model.risk.RiskyServicePrincipal
);

CREATE TABLE principal_detections (
    id                     TEXT PRIMARY KEY,
    principal_id           TEXT NOT NULL,
    risk_level             TEXT NOT NULL,
    risk_state             TEXT NOT NULL,
    activity_date_time     INTEGER NOT NULL,
    last_updated_date_time INTEGER NOT NULL,
    detection              BLOB NOT NULL     -- JSON of model.risk.Detection
);
CREATE INDEX principal_detections_by_principal
    ON principal_detections (principal_id, last_updated_date_time);

CREATE TABLE principal_history (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    id           TEXT NOT NULL UNIQUE,
    principal_id TEXT NOT NULL,
    item         BLOB NOT NULL               -- JSON of model.risk.RiskyUserHistoryItem
);
CREATE INDEX principal_history_by_principal ON principal_history (principal_id, number);
