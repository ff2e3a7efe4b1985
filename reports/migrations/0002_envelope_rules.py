"""What the database itself enforces about envelopes, and the one function through which a receipt is looked up."""

from typing import ClassVar

from django.db import migrations

# SECURITY DEFINER: the public role may insert, and may not read keys, list receipts or write arrivals.
FUNCTIONS = """
CREATE FUNCTION reports_refuse_closed_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.key_id IS NOT NULL THEN
        -- The lock makes whoever closes the key wait for this transaction, and the other way round.
        PERFORM 1 FROM public.reports_sealingkey WHERE id = NEW.key_id AND state = 'open' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the sealing key is not open' USING ERRCODE = 'check_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION reports_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF (NEW.id, NEW.receipt_id, NEW.kind, NEW.portal_id, NEW.language, NEW.received_hour, NEW.digest)
        IS DISTINCT FROM
       (OLD.id, OLD.receipt_id, OLD.kind, OLD.portal_id, OLD.language, OLD.received_hour, OLD.digest)
       OR (NEW.sealed IS DISTINCT FROM OLD.sealed AND NEW.key_id = OLD.key_id)
    THEN
        RAISE EXCEPTION 'an envelope is never changed, only re-sealed under another key'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION reports_note_arrival() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO public.reports_arrival (submission_id) VALUES (NEW.id);
    RETURN NULL;
END $$;

CREATE FUNCTION reports_look_up(wanted uuid)
RETURNS TABLE (outcomes jsonb, changed_on date, message_id uuid, asked_on date, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT receipt.outcomes, receipt.changed_on, message.id, message.asked_on, message.sealed_for_reporter
    FROM public.reports_receipt AS receipt
    LEFT JOIN public.reports_message AS message ON message.receipt_id = receipt.id
    WHERE receipt.id = wanted
    ORDER BY message.asked_on, message.id
$$;

REVOKE ALL ON FUNCTION reports_refuse_closed_key(), reports_note_arrival(), reports_look_up(uuid) FROM PUBLIC;
"""

TRIGGERS = """
-- AFTER: a replay of what is stored already inserts nothing, and must not be refused for its old key.
CREATE TRIGGER submission_key_open AFTER INSERT OR UPDATE OF key_id ON reports_submission
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();
CREATE TRIGGER submission_unchanged BEFORE UPDATE ON reports_submission
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_change();
CREATE TRIGGER submission_arrives AFTER INSERT ON reports_submission
    FOR EACH ROW EXECUTE FUNCTION reports_note_arrival();
CREATE TRIGGER message_key_open AFTER INSERT OR UPDATE OF key_id ON reports_message
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();
"""

REVERSE = """
DROP TRIGGER message_key_open ON reports_message;
DROP TRIGGER submission_arrives ON reports_submission;
DROP TRIGGER submission_unchanged ON reports_submission;
DROP TRIGGER submission_key_open ON reports_submission;
DROP FUNCTION reports_look_up(uuid);
DROP FUNCTION reports_note_arrival();
DROP FUNCTION reports_refuse_change();
DROP FUNCTION reports_refuse_closed_key();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0001_initial")]

    operations: ClassVar = [migrations.RunSQL(FUNCTIONS + TRIGGERS, REVERSE)]
