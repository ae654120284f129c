-- Who has signed in, by which browser. Of what the browser holds only the hash is here.
CREATE TABLE sessions (
    hash         TEXT PRIMARY KEY,
    open_id      TEXT NOT NULL,
    name         TEXT NOT NULL,
    from_address TEXT NOT NULL,
    agent        TEXT NOT NULL,
    began_at     BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL
);
CREATE INDEX sessions_person ON sessions (open_id);

-- Who did what, a row each, only ever added to. `hash` covers the row and the hash of the row before it.
CREATE TABLE audit (
    number       BIGINT PRIMARY KEY,
    at_ms        BIGINT NOT NULL,
    actor        TEXT NOT NULL,
    -- A word of archive::audit::Verb.
    verb         TEXT NOT NULL,
    subject      TEXT NOT NULL,
    detail       TEXT,
    from_address TEXT NOT NULL,
    hash         TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at_ms);

-- Both ends of that chain: the row that was written last, and the last of those that were let go for their age.
CREATE TABLE audit_ends (
    one            BIGINT PRIMARY KEY,
    last_number    BIGINT NOT NULL,
    last_hash      TEXT NOT NULL,
    dropped_number BIGINT NOT NULL,
    dropped_hash   TEXT NOT NULL
);
INSERT INTO audit_ends VALUES (1, 0, '', 0, '');
