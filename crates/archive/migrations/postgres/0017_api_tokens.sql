-- What programs come in with, each made by somebody for themselves. Of the token only the hash is here.
CREATE TABLE api_tokens (
    hash       TEXT PRIMARY KEY,
    open_id    TEXT NOT NULL,
    -- What it is for, in its maker's words.
    label      TEXT NOT NULL,
    -- Words of archive::members::ApiScope, separated by spaces.
    scopes     TEXT NOT NULL,
    made_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX api_tokens_person ON api_tokens (open_id);
