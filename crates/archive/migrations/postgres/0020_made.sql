-- What a list is filtered by is in the index by which it is read: counting looks into no row. PostgreSQL wants to see what
-- is inside an expression there, too.
DROP INDEX recordings_made;
CREATE INDEX recordings_made ON recordings ((COALESCE(created_ms, found_at)), minute_token)
    INCLUDE (state, owner_id, duration_ms, created_ms, found_at);
