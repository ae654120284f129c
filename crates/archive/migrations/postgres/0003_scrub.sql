-- The file that was not read for longest is looked for all the time.
CREATE INDEX artifacts_read ON artifacts ((COALESCE(verified_at, done_at, 0))) WHERE state = 'done';
