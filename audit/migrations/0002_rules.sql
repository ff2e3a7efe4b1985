-- Rules that the database enforces for every writer: functions, then grants and table settings, then triggers.

CREATE FUNCTION audit_event_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END
    $$;

CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE ON audit_auditevent FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse_change();
