-- Verifications from before the digests hold for the details of today, so that no page loses a contact.
UPDATE countries_contact AS row SET verified_digest = encode(sha256(convert_to(jsonb_build_array(
    row.kind, row.name, row.phone, row.website, coalesce((
        SELECT jsonb_agg(jsonb_build_array(language, name, note) ORDER BY language COLLATE "C")
        FROM countries_contacttext WHERE contact_id = row.id), '[]'::jsonb)
)::text, 'UTF8')), 'hex') WHERE verified_on IS NOT NULL;
UPDATE countries_partner AS row SET verified_digest = encode(sha256(convert_to(jsonb_build_array(
    row.name, row.role, row.website, coalesce((
        SELECT jsonb_agg(jsonb_build_array(language, name, note) ORDER BY language COLLATE "C")
        FROM countries_partnertext WHERE partner_id = row.id), '[]'::jsonb)
)::text, 'UTF8')), 'hex') WHERE confirmed;
UPDATE countries_helpservice SET verified_digest = encode(sha256(convert_to(jsonb_build_array(
    kind, name, phone, website, countries, min_age, max_age, languages)::text, 'UTF8')), 'hex')
    WHERE verified_on IS NOT NULL;
-- A reviewed text and its review are one record: another text is another row, which needs its own review.
CREATE FUNCTION countries_refuse_changed_words() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'a reviewed text never changes: propose another one' USING ERRCODE = 'check_violation';
END $$;
CREATE TRIGGER approved_text_stays BEFORE UPDATE ON countries_approvedtext
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION countries_refuse_changed_words();
CREATE TRIGGER reviewed_translation_stays BEFORE UPDATE ON countries_interfacetranslation FOR EACH ROW WHEN (
    OLD.reviewed_by_id IS NOT NULL
    AND (OLD.language, OLD.digest, OLD.context, OLD.singular, OLD.plural, OLD.forms, OLD.translated_by_id)
        IS DISTINCT FROM (NEW.language, NEW.digest, NEW.context, NEW.singular, NEW.plural, NEW.forms, NEW.translated_by_id)
) EXECUTE FUNCTION countries_refuse_changed_words();
