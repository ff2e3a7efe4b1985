-- Rules that the database enforces for every writer: functions, then grants and table settings, then triggers.

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

-- The one way to append to the audit log: `portal_site.database.roles` takes INSERT on the table away from the staff role.
-- Append one event and return it. Number, hashes, and the actor's name and role come from the database alone. The lock,
-- "audit" in ASCII, orders the chain; it is held until the transaction ends, and a later statement of a volatile
-- function reads what was committed before the lock was acquired.
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
        event.at := done_at;
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

-- PostgreSQL lets every role call a new function until that is revoked; `grant_roles` lets the staff role.
REVOKE EXECUTE ON FUNCTION audit_append(bigint, text, text, text, text, jsonb, timestamp with time zone) FROM PUBLIC;

CREATE TRIGGER audit_event_append_only BEFORE DELETE OR UPDATE ON audit_auditevent FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse_change();
