-- The digest of an erased text is erased too, so that the same text is stored when it is sent again.

CREATE OR REPLACE FUNCTION reports_refuse_change() RETURNS trigger
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

UPDATE reports_submission SET digest = NULL WHERE sealed = '';

UPDATE reports_noticeanswer SET digest = NULL WHERE sealed = '';
