-- Whose turn it is: the most urgent lane first (0: a person waits … 3: history), in it whoever has nothing under way,
-- of those the newest.
ALTER TABLE tasks ADD COLUMN lane BIGINT NOT NULL DEFAULT 1;
ALTER TABLE tasks ADD COLUMN party TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN made_ms BIGINT NOT NULL DEFAULT 0;
CREATE INDEX tasks_turn ON tasks (kind, lane, made_ms DESC, run_at);
CREATE INDEX tasks_held ON tasks (kind, party) WHERE lease_until IS NOT NULL;

-- What somebody has paused: a minute_token, or '' for all fetching.
CREATE TABLE pauses (
    subject TEXT PRIMARY KEY,
    since   BIGINT NOT NULL
);
