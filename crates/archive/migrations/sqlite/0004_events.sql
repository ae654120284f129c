-- The table of events is itself the queue: an event waits until handled_at is set. One that breaks down is
-- tried again at due_at, with the reason in note; the others do not wait for it.
ALTER TABLE events ADD COLUMN due_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
CREATE INDEX events_waiting ON events (due_at, received_at) WHERE handled_at IS NULL;
DELETE FROM tasks WHERE kind = 'event';
