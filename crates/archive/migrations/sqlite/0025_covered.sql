-- An index that has all that a page counts spares it the rows: what is not here, by its reason; who organised which
-- recorded meetings; files and their sizes, with the state that SQLite otherwise looks up in each row; how long ago each
-- file was read.
DROP INDEX artifacts_open;
CREATE INDEX artifacts_open ON artifacts (reason, minute_token) WHERE state <> 'done';
DROP INDEX artifacts_here;
CREATE INDEX artifacts_here ON artifacts (minute_token, kind, state, file_name, bytes) WHERE state = 'done';
DROP INDEX artifacts_read;
CREATE INDEX artifacts_read ON artifacts ((COALESCE(verified_at, done_at, 0)), verified_at, done_at, state)
    WHERE state = 'done';
-- What the platform calls somebody is cut to this before it is stored, from now on.
UPDATE meetings SET organizer = SUBSTR(organizer, 1, 200) WHERE LENGTH(organizer) > 200;
DROP INDEX meetings_owner;
CREATE INDEX meetings_owner ON meetings (owner_id, organizer);
CREATE INDEX meetings_recorded ON meetings (start_ms, is_recorded, owner_id, organizer, meeting_id, minute_token)
    WHERE is_recorded = 1;
-- The log is read from its newest row on: what somebody did, what was done to something, what was done in some time.
CREATE INDEX audit_actor ON audit (actor, number);
CREATE INDEX audit_verb ON audit (verb, number);
-- Texts have no bounds, entries of an index have.
CREATE INDEX audit_subject ON audit ((SUBSTR(subject, 1, 200)), number);
DROP INDEX audit_at;
CREATE INDEX audit_at ON audit (at_ms, number);
