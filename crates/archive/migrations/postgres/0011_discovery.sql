-- Meetings as far as anything told of them, and what came of asking each for its recording. Columns that nobody
-- has told are NULL; outcomes are the words of archive::model::MeetingOutcome.
CREATE TABLE meetings (
    -- The real id (meeting_instance_id of meeting_list).
    meeting_id        TEXT PRIMARY KEY,
    -- The nine digits that people dial; not unique.
    meeting_no        TEXT,
    topic             TEXT,
    -- The owner's open_id; their name and user_id as meeting_list has them.
    owner_id          TEXT,
    organizer         TEXT,
    organizer_user_id TEXT,
    start_ms          BIGINT,
    end_ms            BIGINT,
    -- Whether it was recorded (1, 0), as meeting_list says.
    is_recorded       BIGINT,
    -- Which track told of it first, and when.
    track             TEXT NOT NULL,
    heard_at          BIGINT NOT NULL,
    -- Asking for its recording.
    asked_at          BIGINT,
    times_asked       BIGINT NOT NULL DEFAULT 0,
    outcome           TEXT NOT NULL,
    outcome_at        BIGINT NOT NULL,
    outcome_detail    TEXT,
    minute_token      TEXT
);
CREATE INDEX meetings_start ON meetings (start_ms);
CREATE INDEX meetings_minute ON meetings (minute_token);
CREATE INDEX meetings_outcome ON meetings (outcome);

-- subscribed_at says since when the subscription stands, as far as known; the platform does not tell.
ALTER TABLE members ADD COLUMN subscription_asked_at BIGINT;
ALTER TABLE members ADD COLUMN subscription_reason TEXT;
ALTER TABLE members ADD COLUMN subscription_error TEXT;
-- When the last minutes.minute.generated_v1 for this member came.
ALTER TABLE members ADD COLUMN heard_at BIGINT;

-- How far a member's history has been looked through, from to_ms back to reached_ms; it ends at goal_ms. All
-- three are the platform's time.
CREATE TABLE backfills (
    open_id    TEXT PRIMARY KEY REFERENCES members (open_id) ON DELETE CASCADE,
    -- Whose recordings were looked for (archive.scope).
    scope      TEXT NOT NULL,
    to_ms      BIGINT NOT NULL,
    goal_ms    BIGINT NOT NULL,
    reached_ms BIGINT NOT NULL,
    -- How much time the next window takes in.
    span_ms    BIGINT NOT NULL,
    windows    BIGINT NOT NULL DEFAULT 0,
    searches   BIGINT NOT NULL DEFAULT 0,
    began_at   BIGINT NOT NULL,
    ended_at   BIGINT,
    error      TEXT
);
