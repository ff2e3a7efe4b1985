-- The id of an account in the log, given with its first event; NULL if there is no such account. A new one takes the log's lock, which its event needs
-- as well: two transactions that give ids never wait for each other in turn.
CREATE FUNCTION audit_log_id(of_account bigint) RETURNS text
    LANGUAGE plpgsql VOLATILE STRICT SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    DECLARE
        id_in_log text;
    BEGIN
        SELECT value INTO id_in_log FROM public.audit_logid WHERE account_id = of_account;
        IF NOT FOUND THEN
            PERFORM pg_advisory_xact_lock(x'6175646974'::bigint);
            SELECT value INTO id_in_log FROM public.audit_logid WHERE account_id = of_account;
        END IF;
        IF NOT FOUND AND EXISTS (SELECT FROM public.analysts_user WHERE id = of_account) THEN
            -- The first twelve digits are random, and no user name has a colon.
            INSERT INTO public.audit_logid (value, account_id)
                VALUES ('id:' || left(replace(gen_random_uuid()::text, '-', ''), 12), of_account)
                RETURNING value INTO id_in_log;
        END IF;
        RETURN id_in_log;
    END
    $$;

REVOKE EXECUTE ON FUNCTION audit_log_id(bigint) FROM PUBLIC;

-- An id stays that of its account. Once the person has left, the account may go, for good.
CREATE FUNCTION audit_keep_log_id() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF NEW.value = OLD.value AND (
                NEW.account_id IS NOT DISTINCT FROM OLD.account_id
                OR NEW.account_id IS NULL
                AND NOT EXISTS (SELECT FROM public.analysts_user WHERE id = OLD.account_id AND is_active)
            ) THEN
                RETURN NEW;
            END IF;
        END IF;
        RAISE EXCEPTION 'an id in the audit log stays that of its account: % refused', TG_OP
            USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_log_id_kept';
    END
    $$;

CREATE TRIGGER audit_log_id_kept BEFORE DELETE OR UPDATE ON audit_logid
    FOR EACH ROW EXECUTE FUNCTION audit_keep_log_id();
