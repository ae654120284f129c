-- Whether the platform still has what is archived: when it was asked, when it last had it, and since when it says that it
-- was deleted.
CREATE TABLE sources (
    minute_token TEXT PRIMARY KEY REFERENCES recordings (minute_token) ON DELETE CASCADE,
    asked_at     BIGINT NOT NULL,
    there_at     BIGINT,
    gone_at      BIGINT
);
CREATE INDEX sources_asked ON sources (asked_at);
-- What earlier runs were told when they asked for a part again.
INSERT INTO sources (minute_token, asked_at, gone_at)
    SELECT r.minute_token, r.state_at, r.state_at FROM recordings r
    WHERE r.state = 'archived'
        AND EXISTS (SELECT 1 FROM artifacts a WHERE a.minute_token = r.minute_token AND a.reason = 'deleted');
