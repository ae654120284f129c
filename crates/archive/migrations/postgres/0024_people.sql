-- What people who came to our pages are called, whether or not they authorised: the audit log has their ids alone.
CREATE TABLE people (
    open_id TEXT PRIMARY KEY,
    name    TEXT NOT NULL
);
INSERT INTO people (open_id, name) SELECT open_id, MAX(name) FROM sessions GROUP BY open_id;
-- Whose meetings: the organiser's name is all that tells who somebody is who never came.
CREATE INDEX meetings_owner ON meetings (owner_id);
