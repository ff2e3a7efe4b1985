-- Verifications from before the digests hold for the contact details of today, so that no notice waits.
UPDATE analysts_recipient SET verified_digest = encode(sha256(convert_to(jsonb_build_array(
    kind, name, channel, email, form_address)::text, 'UTF8')), 'hex') WHERE verified_on IS NOT NULL;
-- A route is confirmed for the hosting with its number (`routed_trace`): other hosting has another number.
CREATE FUNCTION analysts_number_hosting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.trace := OLD.trace + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER chase_numbers_hosting BEFORE UPDATE ON analysts_chase FOR EACH ROW WHEN (
    OLD.trace > 0 AND NEW.trace = OLD.trace
    AND (OLD.country, OLD.provider_id) IS DISTINCT FROM (NEW.country, NEW.provider_id)
) EXECUTE FUNCTION analysts_number_hosting();
