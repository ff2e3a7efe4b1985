-- The door of partner organisations' systems: its database role may call these three functions and read nothing.

CREATE FUNCTION reports_source_of(wanted bytea) RETURNS TABLE(source uuid, portal bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT key.source_id, source.portal_id
    FROM public.countries_sourcekey AS key JOIN public.countries_source AS source ON source.id = key.source_id
    WHERE key.digest = wanted AND key.closed_on IS NULL
        AND key.expires_on >= (public.reports_current_hour() AT TIME ZONE 'UTC')::date
$$;

CREATE FUNCTION reports_source_state(wanted bytea, asked bytea) RETURNS text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT CASE WHEN item.is_closed THEN 'closed' ELSE 'received' END
    FROM public.reports_sourceitem AS item JOIN public.reports_source_of(wanted) AS holder
        ON holder.source = item.source_id
    WHERE item.reference = asked
$$;

-- One request: its answer, quota and envelopes are stored together or not at all. `answer` holds the items that were
-- refused before. The row of the request comes first, so that the same request at the same time waits for this one.
-- `addresses` has the addresses of all items in turn, each by its number in the request, and `sizes` how many are of
-- each item: the quota counts an address once, in however many reports of the request it is.
CREATE FUNCTION reports_store_source_items(
    wanted bytea, request bytea, body bytea, answer jsonb, numbers int[], sizes int[], receipts uuid[],
    mailboxes bytea[], expedited text[], submissions uuid[], languages text[], keys text[], digests bytea[], envelopes bytea[],
    named bytea[], contents bytea[], addresses int[]
) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET lock_timeout TO '2s'
    AS $$
DECLARE
    holder record;
    earlier record;
    today date := (public.reports_current_hour() AT TIME ZONE 'UTC')::date;
    used integer;
    refusal text;
    is_counted boolean[] := array_fill(false, ARRAY[cardinality(addresses)]);
    first integer;
    last integer := 0;
    further integer;
BEGIN
    SELECT key.id AS key, key.source_id AS source, owner.portal_id AS portal, owner.quota INTO holder
    FROM public.reports_source_of(wanted) AS known
    JOIN public.countries_sourcekey AS key ON key.digest = wanted
    JOIN public.countries_source AS owner ON owner.id = known.source;
    IF NOT FOUND THEN
        RETURN '{"state": "no key"}';
    END IF;
    INSERT INTO public.reports_sourcerequest (id, source_id, key_digest, body_digest, answer, received_on)
    VALUES (gen_random_uuid(), holder.source, request, body, answer, today) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        SELECT stored.body_digest, stored.answer INTO earlier FROM public.reports_sourcerequest AS stored
        WHERE stored.source_id = holder.source AND stored.key_digest = request;
        IF earlier.body_digest IS DISTINCT FROM body THEN
            RETURN '{"state": "other body"}';
        END IF;
        RETURN jsonb_build_object('items', earlier.answer);
    END IF;
    UPDATE public.countries_sourcekey SET used_on = today WHERE id = holder.key AND used_on IS DISTINCT FROM today;
    -- The row of the day lets the requests of a source store one after another.
    INSERT INTO public.reports_sourceday (id, source_id, day, addresses)
    VALUES (gen_random_uuid(), holder.source, today, 0) ON CONFLICT DO NOTHING;
    SELECT stored.addresses INTO used FROM public.reports_sourceday AS stored
    WHERE source_id = holder.source AND day = today FOR UPDATE;
    FOR place IN 1 .. coalesce(array_length(numbers, 1), 0) LOOP
        refusal := NULL;
        first := last + 1;
        last := last + sizes[place];
        further := 0;
        FOR at IN first .. last LOOP
            further := further + (NOT is_counted[addresses[at]])::int;
        END LOOP;
        SELECT item.key_id, item.digest INTO earlier FROM public.reports_sourceitem AS item
        WHERE item.source_id = holder.source AND item.reference = named[place];
        IF FOUND THEN
            -- The same again is stored already.
            IF (earlier.key_id, earlier.digest) IS DISTINCT FROM (holder.key, contents[place]) THEN
                refusal := 'reference_used';
            END IF;
        ELSIF used + further > holder.quota THEN
            refusal := 'quota';
        ELSE
            used := used + further;
            FOR at IN first .. last LOOP
                is_counted[addresses[at]] := true;
            END LOOP;
            INSERT INTO public.reports_receipt (id, changed_on, mailbox_key)
            VALUES (receipts[place], today, mailboxes[place]);
            -- For the trigger that notes the arrival.
            PERFORM set_config('reports.is_expedited', expedited[place], true);
            INSERT INTO public.reports_submission
                (id, receipt_id, kind, portal_id, language, received_hour, key_id, digest, sealed, message_id)
            VALUES (submissions[place], receipts[place], 'report', holder.portal, languages[place],
                public.reports_current_hour(), keys[place], digests[place], envelopes[place], NULL);
            INSERT INTO public.reports_sourceitem
                (receipt_id, source_id, key_id, reference, digest, received_on)
            VALUES (receipts[place], holder.source, holder.key, named[place], contents[place], today);
        END IF;
        answer := answer || CASE WHEN refusal IS NULL
            THEN jsonb_build_object('item', numbers[place], 'outcome', 'accepted')
            ELSE jsonb_build_object('item', numbers[place], 'outcome', 'refused', 'reason', refusal)
        END;
    END LOOP;
    UPDATE public.reports_sourceday SET addresses = used WHERE source_id = holder.source AND day = today;
    UPDATE public.reports_sourcerequest AS stored SET answer = reports_store_source_items.answer
    WHERE stored.source_id = holder.source AND stored.key_digest = request;
    RETURN jsonb_build_object('items', answer);
END $$;

REVOKE ALL ON FUNCTION reports_source_of(bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_source_state(bytea, bytea) FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_store_source_items(
    bytea, bytea, bytea, jsonb, int[], int[], uuid[], bytea[], text[], uuid[], text[], text[], bytea[], bytea[], bytea[],
    bytea[], int[]
) FROM PUBLIC;
