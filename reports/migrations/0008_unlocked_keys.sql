-- The public surface's role takes no lock on a key: it could keep it, and no key would ever be closed or destroyed.

CREATE OR REPLACE FUNCTION reports_refuse_closed_key() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF NEW.key_id IS NULL THEN
        RETURN NEW;
    END IF;
    IF has_table_privilege(session_user, TG_RELID, 'UPDATE') THEN
        -- With the lock, a transaction that closes the key waits for this one, and this one for it.
        PERFORM 1 FROM public.reports_sealingkey WHERE id = NEW.key_id AND state = 'open' FOR SHARE;
    ELSE
        -- Destroying the key waits for transactions that began before it was closed, and ends those that stay open
        -- (analysts.retention.public_transactions).
        PERFORM 1 FROM public.reports_sealingkey WHERE id = NEW.key_id AND state = 'open';
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the sealing key is not open'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sealing_key_open';
    END IF;
    RETURN NEW;
END $$;
