-- How each node's long connection stands, for whoever asks from another process.
CREATE TABLE long_connections (
    node     TEXT PRIMARY KEY,
    state    TEXT NOT NULL,
    -- Since when.
    state_at BIGINT NOT NULL,
    -- Why there is none: a word when somebody has to act, and the platform's own words.
    trouble  TEXT,
    detail   TEXT,
    -- When it is tried again.
    retry_at BIGINT,
    -- When anything last came over it.
    heard_at BIGINT,
    noted_at BIGINT NOT NULL
);
