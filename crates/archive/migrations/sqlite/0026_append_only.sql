-- The audit log is only ever added to, and let go of from its beginning once its end notes that (archive::audit::prune).
-- Whoever can change triggers can change rows, too: that is what the hashes are for.
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    WHEN OLD.number > COALESCE((SELECT dropped_number FROM audit_ends WHERE one = 1), 0)
    BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
-- What replaces a row on its way in deletes it past the trigger above.
CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)
    BEGIN SELECT RAISE(ABORT, 'the audit log is never changed'); END;
