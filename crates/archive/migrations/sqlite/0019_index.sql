-- Which documents have which words, as archive::library::postings writes it; what was indexed is read once more.
DROP TRIGGER documents_gone;
DROP TABLE words;
DELETE FROM documents;
CREATE TABLE index_segments (
    segment   INTEGER PRIMARY KEY,
    documents BLOB NOT NULL
);
CREATE TABLE index_pages (
    segment    BIGINT NOT NULL REFERENCES index_segments (segment),
    first_word BLOB NOT NULL,
    content    BLOB NOT NULL,
    PRIMARY KEY (segment, first_word)
);
INSERT INTO unindexed (minute_token) SELECT minute_token FROM recordings WHERE TRUE
    ON CONFLICT (minute_token) DO UPDATE SET changes = unindexed.changes + 1;
