-- Lists by time, length and title: of everything, and of one owner. Titles have no bounds, entries of an index have.
DROP INDEX recordings_made;
DROP INDEX recordings_owner;
DROP INDEX sightings_member;
CREATE INDEX recordings_made ON recordings ((COALESCE(created_ms, found_at)), minute_token);
CREATE INDEX recordings_owner ON recordings (owner_id, (COALESCE(created_ms, found_at)), minute_token);
CREATE INDEX recordings_length ON recordings ((COALESCE(duration_ms, 0)), minute_token);
CREATE INDEX recordings_title ON recordings ((SUBSTR(COALESCE(title, ''), 1, 200)), minute_token);
CREATE INDEX sightings_member ON sightings (open_id, minute_token);

-- What is searched, one document per recording. Numbers follow the time at which recordings were made. Of the texts
-- only the words are here (archive::library::words), without their places: texts stay in their files.
CREATE TABLE documents (
    document     BIGINT PRIMARY KEY,
    minute_token TEXT NOT NULL UNIQUE REFERENCES recordings (minute_token) ON DELETE CASCADE,
    words        TSVECTOR NOT NULL DEFAULT ''
);
CREATE INDEX documents_words ON documents USING GIN (words);

-- What is to be put there, or put there anew. `changes` goes up with each change, so that none is lost that comes
-- while the texts are being read.
CREATE TABLE unindexed (
    minute_token TEXT PRIMARY KEY REFERENCES recordings (minute_token) ON DELETE CASCADE,
    changes      BIGINT NOT NULL DEFAULT 1
);
INSERT INTO unindexed (minute_token) SELECT minute_token FROM recordings;
