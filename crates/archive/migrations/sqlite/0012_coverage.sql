-- What was tried for a recording and what came of it. Tries that ended alike are one row; of each recording only
-- the last rows are kept.
CREATE TABLE attempts (
    minute_token TEXT NOT NULL REFERENCES recordings (minute_token) ON DELETE CASCADE,
    number       BIGINT NOT NULL,
    artifact     TEXT NOT NULL,
    -- How far it brought the artifact: a word of archive::model::ArtifactState.
    outcome      TEXT NOT NULL,
    reason       TEXT,
    detail       TEXT,
    -- With whose grants, separated by spaces.
    via          TEXT,
    first_at     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    times        BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (minute_token, number)
);

-- Which recording came of a meeting; what was made in a week; which meetings were held under a number.
CREATE INDEX recordings_meeting ON recordings (meeting_id);
CREATE INDEX recordings_made ON recordings ((COALESCE(created_ms, found_at)));
CREATE INDEX meetings_number ON meetings (meeting_no);
