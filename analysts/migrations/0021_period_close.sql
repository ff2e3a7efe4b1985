-- What was published is never changed or deleted: a correction appears in a later period.
CREATE FUNCTION analysts_refuse_changed_period() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF OLD.confirmed_at IS NULL AND TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF OLD.confirmed_at IS NULL
            AND (to_jsonb(NEW) - '{confirmed_by_id,confirmed_at}'::text[])
                = (to_jsonb(OLD) - '{confirmed_by_id,confirmed_at}'::text[]) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a closed period is never changed, and only deleted before it is confirmed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'periodclose_kept';
    END
    $$;

CREATE TRIGGER periodclose_kept BEFORE UPDATE OR DELETE ON analysts_periodclose
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_period();
