"""What the database enforces about the end of a key: no way back, and no word blanked before it."""

from typing import ClassVar

from django.db import migrations

# The constraint's name tells the public surface this refusal from any other.
REFUSE_CLOSED_KEY = """
CREATE OR REPLACE FUNCTION reports_refuse_closed_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NEW.key_id IS NOT NULL THEN
        -- The lock makes whoever closes the key wait for this transaction, and the other way round.
        PERFORM 1 FROM public.reports_sealingkey WHERE id = NEW.key_id AND state = 'open' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the sealing key is not open'
                USING ERRCODE = 'check_violation'{constraint};
        END IF;
    END IF;
    RETURN NEW;
END $$;
"""

REFUSE_CHANGE = """
CREATE OR REPLACE FUNCTION reports_refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF (NEW.id, NEW.receipt_id, NEW.kind, NEW.portal_id, NEW.language, NEW.received_hour, NEW.digest)
        IS DISTINCT FROM
       (OLD.id, OLD.receipt_id, OLD.kind, OLD.portal_id, OLD.language, OLD.received_hour, OLD.digest)
       {rule}
    THEN
        RAISE EXCEPTION 'an envelope is never changed, only re-sealed under another key{or_blanked}'
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
BEFORE = "OR (NEW.sealed IS DISTINCT FROM OLD.sealed AND NEW.key_id = OLD.key_id)"
NOW = """OR (NEW.sealed IS DISTINCT FROM OLD.sealed AND CASE
           WHEN NEW.sealed = '' THEN NEW.key_id <> OLD.key_id OR NOT EXISTS (
               SELECT 1 FROM public.reports_sealingkey WHERE id = OLD.key_id AND state = 'destroyed')
           ELSE NEW.key_id = OLD.key_id
       END)"""

KEY_LIFE = """
CREATE FUNCTION reports_refuse_revival() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
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
CREATE TRIGGER sealing_key_ends_once BEFORE UPDATE OR DELETE ON reports_sealingkey
    FOR EACH ROW EXECUTE FUNCTION reports_refuse_revival();

-- So that a public server can tell before a reporter does that the key it holds is out of date.
CREATE FUNCTION reports_key_is_open(wanted text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT 1 FROM public.reports_sealingkey WHERE id = wanted AND state = 'open')
$$;
REVOKE ALL ON FUNCTION reports_refuse_revival(), reports_key_is_open(text) FROM PUBLIC;
"""
NO_KEY_LIFE = """
DROP FUNCTION reports_key_is_open(text);
DROP TRIGGER sealing_key_ends_once ON reports_sealingkey;
DROP FUNCTION reports_refuse_revival();
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0003_key_life")]

    operations: ClassVar = [
        migrations.RunSQL(
            REFUSE_CLOSED_KEY.format(constraint=", CONSTRAINT = 'sealing_key_open'")
            + REFUSE_CHANGE.format(rule=NOW, or_blanked=", or blanked once its key is destroyed")
            + KEY_LIFE,
            REFUSE_CLOSED_KEY.format(constraint="") + REFUSE_CHANGE.format(rule=BEFORE, or_blanked="") + NO_KEY_LIFE,
        )
    ]
