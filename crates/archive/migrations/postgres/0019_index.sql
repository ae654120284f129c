-- Which documents have which words, as archive::library::postings writes it; what was indexed is read once more.
DROP INDEX documents_words;
ALTER TABLE documents DROP COLUMN words;
DELETE FROM documents;
CREATE TABLE index_segments (
    segment   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    documents BYTEA NOT NULL
);
CREATE TABLE index_pages (
    segment    BIGINT NOT NULL REFERENCES index_segments (segment),
    first_word BYTEA NOT NULL,
    content    BYTEA NOT NULL,
    PRIMARY KEY (segment, first_word)
);
INSERT INTO unindexed (minute_token) SELECT minute_token FROM recordings WHERE TRUE
    ON CONFLICT (minute_token) DO UPDATE SET changes = unindexed.changes + 1;
