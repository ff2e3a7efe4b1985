-- A role that adds rows and cannot change them, as the public surface's, chooses neither their times nor their language.

CREATE FUNCTION reports_current_hour() RETURNS timestamp with time zone
    LANGUAGE sql
    SET search_path TO 'pg_catalog'
    -- Not now(): an attacker may keep a transaction open.
    AS $$ SELECT date_trunc('hour', clock_timestamp(), 'UTC') $$;

CREATE FUNCTION reports_set_hour() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF has_table_privilege(session_user, TG_RELID, 'UPDATE') THEN
        RETURN NEW;
    END IF;
    IF TG_TABLE_NAME = 'reports_receipt' THEN
        NEW.changed_on := (public.reports_current_hour() AT TIME ZONE 'UTC')::date;
        RETURN NEW;
    END IF;
    NEW.received_hour := public.reports_current_hour();
    -- Nested: the rows of other tables have no portal, and the whole of a condition is read before any of it is asked.
    IF TG_TABLE_NAME = 'reports_submission' THEN
        IF NOT EXISTS (
            SELECT 1 FROM public.countries_portaltext WHERE portal_id = NEW.portal_id AND language = NEW.language
        ) THEN
            -- Not refused: the text may have been removed while a reporter's form was open.
            NEW.language := coalesce(
                (SELECT default_language FROM public.countries_portal WHERE id = NEW.portal_id), NEW.language
            );
        END IF;
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION reports_current_hour() FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_set_hour() FROM PUBLIC;

CREATE TRIGGER noticeanswer_hour BEFORE INSERT ON reports_noticeanswer FOR EACH ROW EXECUTE FUNCTION reports_set_hour();

CREATE TRIGGER receipt_day BEFORE INSERT ON reports_receipt FOR EACH ROW EXECUTE FUNCTION reports_set_hour();

CREATE TRIGGER submission_hour BEFORE INSERT ON reports_submission FOR EACH ROW EXECUTE FUNCTION reports_set_hour();
