-- The audit log is only ever added to, and let go of from its beginning once its end notes that (archive::audit::prune).
-- Whoever can change triggers can change rows, too: that is what the hashes are for.
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    WHEN OLD.number > (SELECT dropped_number FROM audit_ends WHERE one = 1)
    BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
