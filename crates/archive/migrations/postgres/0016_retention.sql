-- How long what is kept. Without rules nothing goes; a rule is off until somebody has seen what it would take.
CREATE TABLE retention_rules (
    id       TEXT PRIMARY KEY,
    -- It takes what was made longer ago than this; of one owner and of one kind (video, audio), where these are set.
    age_days BIGINT NOT NULL,
    open_id  TEXT,
    kind     TEXT,
    made_by  TEXT NOT NULL,
    made_at  BIGINT NOT NULL,
    -- Who switched it on, and when; NULL while it is off.
    on_by    TEXT,
    on_at    BIGINT
);

-- Legal holds: on a recording, or on all that a person owns. Those that were lifted stay on record.
CREATE TABLE holds (
    id           TEXT PRIMARY KEY,
    minute_token TEXT REFERENCES recordings (minute_token),
    open_id      TEXT,
    reason       TEXT NOT NULL,
    placed_by    TEXT NOT NULL,
    placed_at    BIGINT NOT NULL,
    lifted_by    TEXT,
    lifted_at    BIGINT,
    lifted_why   TEXT,
    CHECK ((minute_token IS NULL) <> (open_id IS NULL))
);
CREATE INDEX holds_recording ON holds (minute_token) WHERE lifted_at IS NULL;
CREATE INDEX holds_person ON holds (open_id) WHERE lifted_at IS NULL;
CREATE FUNCTION keep_holds() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'a hold is lifted, never deleted'; END $$;
CREATE TRIGGER holds_no_delete BEFORE DELETE ON holds FOR EACH ROW EXECUTE FUNCTION keep_holds();

-- What is in the trash, and where its files are: going (on their way there), here, returning (on their way back),
-- returned (back, their sums not yet written). Beside that, how the recording stood.
CREATE TABLE trash (
    minute_token  TEXT PRIMARY KEY REFERENCES recordings (minute_token),
    phase         TEXT NOT NULL,
    trashed_at    BIGINT NOT NULL,
    trashed_by    TEXT NOT NULL,
    -- The rule that took it; NULL: a person did.
    rule_id       TEXT,
    state         TEXT NOT NULL,
    reason        TEXT,
    reason_detail TEXT,
    state_at      BIGINT NOT NULL
);
CREATE INDEX trash_at ON trash (trashed_at);
CREATE INDEX trash_moving ON trash (phase) WHERE phase <> 'here';

-- How its parts stood.
CREATE TABLE trash_parts (
    minute_token  TEXT NOT NULL REFERENCES trash (minute_token) ON DELETE CASCADE,
    kind          TEXT NOT NULL,
    state         TEXT NOT NULL,
    reason        TEXT,
    reason_detail TEXT,
    attempts      BIGINT NOT NULL,
    due_at        BIGINT NOT NULL,
    PRIMARY KEY (minute_token, kind)
);

-- What somebody took back after a rule had taken it: no rule takes it again.
CREATE TABLE put_back (
    minute_token TEXT PRIMARY KEY REFERENCES recordings (minute_token),
    put_by       TEXT NOT NULL,
    put_at       BIGINT NOT NULL
);
