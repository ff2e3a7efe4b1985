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

-- As before, but the event's time is the database's, and its details are bounded. The owner, who could rewrite the whole
-- chain, may give a time of its own: a demonstration's past has one.
CREATE OR REPLACE FUNCTION audit_append(
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
            SELECT username, role INTO event.actor, event.role FROM public.analysts_user WHERE id = by_id;
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
        event.actor_id := by_id;
        event.action := done;
        event.object_type := on_type;
        event.object_id := on_id;
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
            ) || CASE WHEN by_id IS NULL THEN '{}' ELSE jsonb_build_object('actor_id', by_id) END
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

REVOKE EXECUTE ON FUNCTION audit_check_details(jsonb, integer) FROM PUBLIC;
