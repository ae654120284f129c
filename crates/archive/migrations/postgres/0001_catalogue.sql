-- All times are unix milliseconds, UTC. States and reasons are the words of archive::model.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE members (
    open_id       TEXT PRIMARY KEY,
    name          TEXT NOT NULL,
    state         TEXT NOT NULL,
    reason        TEXT,
    reason_detail TEXT,
    state_at      BIGINT NOT NULL,
    authorised_at BIGINT,
    scopes        TEXT NOT NULL DEFAULT '',
    patrolled_to  BIGINT,
    patrolled_at  BIGINT,
    patrol_error  TEXT,
    -- Since when the platform sends this member's minutes.minute.generated_v1.
    subscribed_at BIGINT,
    -- When recordings that somebody else owns were last looked for through this member.
    attended_at   BIGINT
);

-- Sealed tokens. `version` goes up with each new pair and is part of what the seal covers.
CREATE TABLE grants (
    open_id            TEXT PRIMARY KEY REFERENCES members (open_id) ON DELETE CASCADE,
    version            BIGINT NOT NULL,
    key_id             TEXT NOT NULL,
    access             BYTEA NOT NULL,
    refresh            BYTEA,
    access_expires_at  BIGINT NOT NULL,
    refresh_expires_at BIGINT,
    refresh_due_at     BIGINT NOT NULL,
    refreshed_at       BIGINT NOT NULL,
    failures           BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX grants_due ON grants (refresh_due_at);

-- A person's folder, fixed at first use: a later change of name does not move files.
CREATE TABLE folders (
    open_id TEXT PRIMARY KEY,
    folder  TEXT NOT NULL,
    folded  TEXT NOT NULL UNIQUE
);

CREATE TABLE recordings (
    minute_token  TEXT PRIMARY KEY,
    state         TEXT NOT NULL,
    reason        TEXT,
    reason_detail TEXT,
    owner_id      TEXT,
    title         TEXT,
    created_ms    BIGINT,
    duration_ms   BIGINT,
    meeting_id    TEXT,
    url           TEXT,
    metadata      TEXT,
    dir           TEXT,
    stem          TEXT,
    found_at      BIGINT NOT NULL,
    -- Since when the state is what it is.
    state_at      BIGINT NOT NULL DEFAULT 0,
    archived_at   BIGINT
);
CREATE INDEX recordings_state ON recordings (state);
CREATE INDEX recordings_owner ON recordings (owner_id);
CREATE INDEX recordings_dir ON recordings (dir);
CREATE INDEX recordings_found ON recordings (found_at, minute_token);

-- Who saw which recording, by which track. open_id is '' when the track names nobody.
CREATE TABLE sightings (
    minute_token TEXT NOT NULL REFERENCES recordings (minute_token) ON DELETE CASCADE,
    track        TEXT NOT NULL,
    open_id      TEXT NOT NULL DEFAULT '',
    first_at     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    times        BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (minute_token, track, open_id)
);
CREATE INDEX sightings_member ON sightings (open_id);

CREATE TABLE artifacts (
    minute_token  TEXT NOT NULL REFERENCES recordings (minute_token) ON DELETE CASCADE,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL,
    reason        TEXT,
    reason_detail TEXT,
    file_name     TEXT,
    bytes         BIGINT,
    sha256        TEXT,
    content_type  TEXT,
    via           TEXT,
    attempts      BIGINT NOT NULL DEFAULT 0,
    due_at        BIGINT NOT NULL DEFAULT 0,
    done_at       BIGINT,
    verified_at   BIGINT,
    PRIMARY KEY (minute_token, kind)
);

-- Events as they came. A row is never deleted: its id is what makes a redelivery, even a month
-- later, change nothing. The body goes once it has been worked through.
CREATE TABLE events (
    event_id    TEXT PRIMARY KEY,
    kind        TEXT NOT NULL,
    received_at BIGINT NOT NULL,
    -- When it happened, by the platform's clock.
    created_ms  BIGINT,
    body        TEXT,
    handled_at  BIGINT,
    note        TEXT
);
CREATE INDEX events_received ON events (received_at);

-- Work that is to be done. One row per thing; `wakes` counts calls that came while it ran,
-- `lease` is the fencing number of the worker that holds it.
CREATE TABLE tasks (
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL,
    payload     TEXT,
    run_at      BIGINT NOT NULL,
    lease       BIGINT NOT NULL DEFAULT 0,
    lease_until BIGINT,
    node        TEXT,
    wakes       BIGINT NOT NULL DEFAULT 0,
    attempts    BIGINT NOT NULL DEFAULT 0,
    last_error  TEXT,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (kind, subject)
);
CREATE INDEX tasks_due ON tasks (kind, run_at);
