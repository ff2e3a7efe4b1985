-- Rules that the database enforces for every writer.

CREATE FUNCTION reports_key_is_open(wanted text) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT EXISTS (SELECT 1 FROM public.reports_sealingkey WHERE id = wanted AND state = 'open')
$$;

CREATE FUNCTION reports_look_up(wanted uuid) RETURNS TABLE(outcomes jsonb, changed_on date, message_id uuid, asked_on date, sealed bytea, answered boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT receipt.outcomes, receipt.changed_on, message.id, message.asked_on, message.sealed_for_reporter, EXISTS (
        SELECT 1 FROM public.reports_submission AS answer
        WHERE answer.receipt_id = receipt.id AND answer.message_id = message.id
    )
    FROM public.reports_receipt AS receipt
    LEFT JOIN public.reports_message AS message ON message.receipt_id = receipt.id
    WHERE receipt.id = wanted
    ORDER BY message.asked_on, message.id
$$;

CREATE FUNCTION reports_look_up_notice(wanted uuid, in_hour timestamp with time zone)
    RETURNS TABLE(expires_on date, sealed bytea, answers bigint)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
        SELECT link.expires_on, link.sealed, (
            SELECT count(*) FROM public.reports_noticeanswer AS answer
            WHERE answer.link_id = link.id AND answer.received_hour >= in_hour
                AND answer.received_hour < in_hour + interval '1 hour'
        )
        FROM public.reports_noticelink AS link WHERE link.id = wanted
    $$;

-- The arrival keeps the hour of its envelope, so that the oldest one is found by one index descent.
CREATE FUNCTION reports_note_arrival() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    INSERT INTO public.reports_arrival (submission_id, received_hour, is_expedited)
    VALUES (NEW.id, NEW.received_hour, current_setting('reports.is_expedited', true) IS NOT DISTINCT FROM 'on');
    RETURN NULL;
END $$;

-- The digest of an erased text is erased too, so that the same text is stored when it is sent again.
CREATE FUNCTION reports_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF (NEW.id, NEW.receipt_id, NEW.kind, NEW.portal_id, NEW.language, NEW.received_hour, NEW.message_id)
        IS DISTINCT FROM
       (OLD.id, OLD.receipt_id, OLD.kind, OLD.portal_id, OLD.language, OLD.received_hour, OLD.message_id)
       -- Only with its text, or for a text that was erased before this rule.
       OR (NEW.digest IS DISTINCT FROM OLD.digest AND NOT (NEW.digest IS NULL AND NEW.sealed = ''))
       OR (NEW.sealed IS DISTINCT FROM OLD.sealed AND CASE
           WHEN NEW.sealed = '' THEN NEW.key_id <> OLD.key_id OR NOT EXISTS (
               SELECT 1 FROM public.reports_sealingkey WHERE id = OLD.key_id AND state = 'destroyed')
           ELSE NEW.key_id = OLD.key_id
       END)
    THEN
        RAISE EXCEPTION 'an envelope is never changed, only re-sealed under another key, or blanked once its key is destroyed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- The public surface's role takes no lock on a key: it could keep it, and no key would ever be closed or destroyed.
CREATE FUNCTION reports_refuse_closed_key() RETURNS trigger
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

CREATE FUNCTION reports_refuse_revival() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF OLD.state = 'destroyed' THEN
        RAISE EXCEPTION 'a destroyed key stays destroyed, and on record' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND (
        (NEW.id, NEW.key_class, NEW.month) IS DISTINCT FROM (OLD.id, OLD.key_class, OLD.month)
        OR (NEW.state = 'destroyed' AND OLD.state <> 'closed')
    ) THEN
        RAISE EXCEPTION 'a key keeps its class and month, and is closed before it is destroyed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION reports_current_hour() RETURNS timestamp with time zone
    LANGUAGE sql
    SET search_path TO 'pg_catalog'
    -- Not now(): an attacker may keep a transaction open.
    AS $$ SELECT date_trunc('hour', clock_timestamp(), 'UTC') $$;

-- A role that adds rows and cannot change them, as the public surface's, chooses neither their times nor their language.
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

-- Times of recipients' replies are kept to the minute: recipients are no reporters.
CREATE FUNCTION reports_set_minute() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF NOT has_table_privilege(session_user, TG_RELID, 'UPDATE') THEN
        NEW.received_hour := date_trunc('minute', clock_timestamp(), 'UTC');
    END IF;
    RETURN NEW;
END $$;

REVOKE ALL ON FUNCTION reports_key_is_open(wanted text) FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_look_up(wanted uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_look_up_notice(wanted uuid, in_hour timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_note_arrival() FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_refuse_closed_key() FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_refuse_revival() FROM PUBLIC;

ALTER TABLE reports_submission SET (toast_tuple_target = 4080);

REVOKE ALL ON FUNCTION reports_current_hour() FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_set_hour() FROM PUBLIC;

REVOKE ALL ON FUNCTION reports_set_minute() FROM PUBLIC;

CREATE TRIGGER message_key_open AFTER INSERT OR UPDATE OF key_id ON reports_message FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER notice_answer_key_open AFTER INSERT OR UPDATE OF key_id ON reports_noticeanswer FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER sealing_key_ends_once BEFORE DELETE OR UPDATE ON reports_sealingkey FOR EACH ROW EXECUTE FUNCTION reports_refuse_revival();

CREATE TRIGGER submission_arrives AFTER INSERT ON reports_submission FOR EACH ROW EXECUTE FUNCTION reports_note_arrival();

CREATE TRIGGER submission_key_open AFTER INSERT OR UPDATE OF key_id ON reports_submission FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER submission_unchanged BEFORE UPDATE ON reports_submission FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();

CREATE TRIGGER noticeanswer_minute BEFORE INSERT ON reports_noticeanswer FOR EACH ROW EXECUTE FUNCTION reports_set_minute();

CREATE TRIGGER receipt_day BEFORE INSERT ON reports_receipt FOR EACH ROW EXECUTE FUNCTION reports_set_hour();

CREATE TRIGGER submission_hour BEFORE INSERT ON reports_submission FOR EACH ROW EXECUTE FUNCTION reports_set_hour();

-- Known and unknown receipts take the same work.
CREATE FUNCTION reports_asked_again(wanted uuid) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT EXISTS (SELECT FROM public.reports_submission WHERE receipt_id = wanted AND kind = 'again')
$$;

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
