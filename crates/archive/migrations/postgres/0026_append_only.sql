-- The audit log is only ever added to, and let go of from its beginning once its end notes that (archive::audit::prune).
-- Whoever can change triggers can change rows, too: that is what the hashes are for.
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.number <= (SELECT dropped_number FROM audit_ends WHERE one = 1) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is never changed';
END $$;
CREATE TRIGGER audit_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE FUNCTION keep_all_audit() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is never changed'; END $$;
CREATE TRIGGER audit_kept_whole BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keep_all_audit();
