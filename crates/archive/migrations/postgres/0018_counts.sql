-- What is counted over a whole archive, or asked of each of many rows, is read from an index alone. None of them begins
-- with the state of an artifact: nearly all are done, and SQLite would begin there for want of better.
CREATE INDEX recordings_owned ON recordings (owner_id, state);
CREATE INDEX artifacts_kind ON artifacts (kind, state, bytes);
CREATE INDEX artifacts_here ON artifacts (minute_token, kind, file_name, bytes) WHERE state = 'done';
DROP INDEX artifacts_done;
CREATE INDEX artifacts_done ON artifacts (done_at, state, bytes);
CREATE INDEX sightings_heard ON sightings (track, open_id, last_at);
