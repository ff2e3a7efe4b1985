-- Rules that the database enforces for every writer.

CREATE FUNCTION audit_event_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'audit events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
    END
    $$;

-- Canonical JSON as `audit.chain.event_digest` writes it: keys by code point, no spaces, only JSON's own escapes.
CREATE FUNCTION audit_canonical_json(value jsonb) RETURNS text
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        CASE jsonb_typeof(value)
            WHEN 'object' THEN
                RETURN '{' || coalesce((
                    SELECT string_agg(
                        to_json(key)::text || ':' || public.audit_canonical_json(item), ',' ORDER BY key COLLATE "C"
                    )
                    FROM jsonb_each(value) AS member(key, item)
                ), '') || '}';
            WHEN 'array' THEN
                RETURN '[' || coalesce((
                    SELECT string_agg(public.audit_canonical_json(item), ',' ORDER BY place)
                    FROM jsonb_array_elements(value) WITH ORDINALITY AS member(item, place)
                ), '') || ']';
            WHEN 'number' THEN
                -- Programming languages print fractions in different ways.
                IF strpos(value::text, '.') > 0 THEN
                    RAISE EXCEPTION 'numbers in the details of an audit event are whole'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_event_whole_numbers';
                END IF;
                RETURN value::text;
            ELSE
                RETURN value::text;
        END CASE;
    END
    $$;

-- Whole numbers of at most 19 digits, at most 16 levels: programs that read the log as JSON hold nothing beyond.
CREATE FUNCTION audit_check_details(value jsonb, level integer) RETURNS void
    LANGUAGE plpgsql IMMUTABLE STRICT
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        CASE jsonb_typeof(value)
            WHEN 'object', 'array' THEN
                IF level > 16 THEN
                    RAISE EXCEPTION 'the details of an audit event have at most 16 levels'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_event_details_levels';
                END IF;
                IF jsonb_typeof(value) = 'object' THEN
                    PERFORM public.audit_check_details(item, level + 1) FROM jsonb_each(value) AS member(key, item);
                ELSE
                    PERFORM public.audit_check_details(item, level + 1) FROM jsonb_array_elements(value) AS member(item);
                END IF;
            WHEN 'number' THEN
                IF abs(value::numeric) > 9223372036854775807 THEN
                    RAISE EXCEPTION 'numbers in the details of an audit event have at most 19 digits'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_event_details_digits';
                END IF;
            ELSE
                NULL;
        END CASE;
    END
    $$;

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

REVOKE EXECUTE ON FUNCTION audit_check_details(jsonb, integer) FROM PUBLIC;

-- The one way to append to the audit log: `portal_site.database.roles` takes INSERT on the table away from the staff role.
-- Append one event and return it. Number, time, hashes, and the actor's id and role come from the database alone; the
-- owner, who could rewrite the whole chain, may give a time of its own: a demonstration's past has one. The lock, "audit"
-- in ASCII, orders the chain; it is held until the transaction ends, and a later statement of a volatile function reads
-- what was committed before the lock was acquired.
CREATE FUNCTION audit_append(
    by_id bigint,
    done text,
    on_type text,
    on_id text,
    of_portal text,
    with_details jsonb,
    done_at timestamp with time zone
) RETURNS public.audit_auditevent
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    DECLARE
        event public.audit_auditevent;
    BEGIN
        IF octet_length(with_details::text) > 524288 THEN
            RAISE EXCEPTION 'the details of an audit event have at most 524288 bytes'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_event_details_size';
        END IF;
        IF jsonb_typeof(with_details) <> 'object' THEN
            RAISE EXCEPTION 'the details of an audit event are an object'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_event_details_object';
        END IF;
        PERFORM public.audit_check_details(with_details, 1);
        event.actor := '';
        event.role := '';
        IF by_id IS NOT NULL THEN
            SELECT role INTO event.role FROM public.analysts_user WHERE id = by_id;
            IF NOT FOUND THEN
                RAISE EXCEPTION 'the actor of an audit event has an account'
                    USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'audit_event_actor_has_account';
            END IF;
        END IF;
        PERFORM pg_advisory_xact_lock(x'6175646974'::bigint);
        SELECT number, hash INTO event.number, event.previous_hash
            FROM public.audit_auditevent ORDER BY number DESC LIMIT 1;
        event.number := coalesce(event.number, 0) + 1;
        event.previous_hash := coalesce(event.previous_hash, repeat('0', 64));
        event.actor := coalesce(public.audit_log_id(by_id), '');
        event.action := done;
        event.object_type := on_type;
        IF on_type = 'analysts.user' AND on_id ~ '^[0-9]{1,18}$' THEN
            event.object_id := public.audit_log_id(on_id::bigint);
        END IF;
        event.object_id := coalesce(event.object_id, on_id);
        event.portal := of_portal;
        event.details := with_details;
        -- Within the lock, so that times are in the order of the numbers. The session's user is who signed in, which
        -- SET ROLE does not change; the current user is the function's owner.
        event.at := clock_timestamp();
        IF pg_has_role(session_user, current_user, 'MEMBER') THEN
            event.at := coalesce(done_at, event.at);
        END IF;
        IF event.at NOT BETWEEN '0001-01-02 00:00:00+00' AND '9999-12-30 00:00:00+00' THEN
            RAISE EXCEPTION 'the time of an audit event is between the years 1 and 9999'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_event_time';
        END IF;
        event.hash := encode(sha256(convert_to(public.audit_canonical_json(
            jsonb_build_object(
                'number', event.number,
                'at', to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'),
                'actor', event.actor,
                'role', event.role,
                'action', event.action,
                'object_type', event.object_type,
                'object_id', event.object_id,
                'portal', event.portal,
                'details', event.details,
                'previous_hash', event.previous_hash
            )
        ), 'UTF8')), 'hex');
        INSERT INTO public.audit_auditevent (
            number, at, actor_id, actor, role, action, object_type, object_id, portal, details, previous_hash, hash
        ) VALUES (
            event.number, event.at, event.actor_id, event.actor, event.role, event.action, event.object_type,
            event.object_id, event.portal, event.details, event.previous_hash, event.hash
        );
        RETURN event;
    END
    $$;

-- PostgreSQL lets every role call a new function until that is revoked; `grant_roles` lets the staff role.
REVOKE EXECUTE ON FUNCTION audit_append(bigint, text, text, text, text, jsonb, timestamp with time zone) FROM PUBLIC;

CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE ON audit_auditevent FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse_change();
