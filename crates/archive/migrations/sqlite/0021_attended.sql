-- How far it was looked for what a member attended and somebody else owns: back from the patrol's mark to
-- reached_ms, which ends at goal_ms, and on from it to seen_to_ms. All are the platform's time.
CREATE TABLE attended_looks (
    open_id    TEXT PRIMARY KEY REFERENCES members (open_id) ON DELETE CASCADE,
    seen_to_ms BIGINT NOT NULL,
    goal_ms    BIGINT NOT NULL,
    reached_ms BIGINT NOT NULL,
    -- How much time the next window back takes in.
    span_ms    BIGINT NOT NULL
);
-- Minutes that somebody attended and that nobody has brought in. When somebody does, these become sightings.
CREATE TABLE attended (
    minute_token TEXT NOT NULL,
    open_id      TEXT NOT NULL REFERENCES members (open_id) ON DELETE CASCADE,
    PRIMARY KEY (minute_token, open_id)
);
CREATE INDEX attended_by ON attended (open_id);
ALTER TABLE members DROP COLUMN attended_at;
