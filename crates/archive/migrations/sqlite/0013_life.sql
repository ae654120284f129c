-- Why the last look at a member failed, in one of our words; the language in which they read our pages; since when an
-- active grant has its trouble; and until when the last token of somebody who has left is still tried for what is open.
ALTER TABLE members ADD COLUMN patrol_reason TEXT;
ALTER TABLE members ADD COLUMN language TEXT;
ALTER TABLE members ADD COLUMN reason_at BIGINT;
ALTER TABLE members ADD COLUMN sweep_until BIGINT;

-- What is told to whom: receiver is an open_id or 'webhook'; matter and about say what it is about; card is what the
-- receiver has seen of it (none, open, over). When the next attempt is due stands in tasks. The id is also what the
-- platform knows a message twice by.
CREATE TABLE notices (
    id            TEXT PRIMARY KEY,
    receiver      TEXT NOT NULL,
    matter        TEXT NOT NULL,
    about         TEXT NOT NULL,
    member        TEXT,
    facts         TEXT NOT NULL,
    card          TEXT NOT NULL DEFAULT 'none',
    message_id    TEXT,
    made_at       BIGINT NOT NULL,
    sent_at       BIGINT,
    over_at       BIGINT,
    reason        TEXT,
    reason_detail TEXT
);
-- A matter is open once at most.
CREATE UNIQUE INDEX notices_open ON notices (receiver, matter, about) WHERE over_at IS NULL;
CREATE INDEX notices_receiver ON notices (receiver, sent_at);

-- Asked every few seconds: does anything keep all files away, and was anything archived lately?
CREATE INDEX artifacts_open ON artifacts (reason) WHERE state <> 'done';
CREATE INDEX artifacts_done ON artifacts (done_at);

-- What was deleted on purpose, by whom and when; never changed again.
CREATE TABLE removals (
    id         TEXT PRIMARY KEY,
    open_id    TEXT NOT NULL,
    name       TEXT NOT NULL,
    removed_by TEXT NOT NULL,
    removed_at BIGINT NOT NULL
);
CREATE TABLE removed_files (
    removal_id   TEXT NOT NULL REFERENCES removals (id),
    minute_token TEXT NOT NULL,
    kind         TEXT NOT NULL,
    path         TEXT NOT NULL,
    bytes        BIGINT,
    sha256       TEXT,
    PRIMARY KEY (removal_id, minute_token, kind)
);
CREATE TRIGGER removals_no_update BEFORE UPDATE ON removals BEGIN SELECT RAISE(ABORT, 'what was removed is never changed'); END;
CREATE TRIGGER removals_no_delete BEFORE DELETE ON removals BEGIN SELECT RAISE(ABORT, 'what was removed is never changed'); END;
CREATE TRIGGER removed_files_no_update BEFORE UPDATE ON removed_files BEGIN SELECT RAISE(ABORT, 'what was removed is never changed'); END;
CREATE TRIGGER removed_files_no_delete BEFORE DELETE ON removed_files BEGIN SELECT RAISE(ABORT, 'what was removed is never changed'); END;
