-- Rules that the database enforces for every writer.

-- The public surface shows every banner in its table, so a banner with own words gets there only if the mode that it
-- belongs to was approved; `mode_approved_by_another` holds that two people wanted it.
CREATE FUNCTION countries_refuse_unapproved_words() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        IF NEW.words <> '{}'::jsonb AND NOT EXISTS (
            SELECT FROM public.countries_installationmode AS mode
            WHERE mode.kind = 'banner' AND mode.ended_at IS NULL AND mode.approved_by_id IS NOT NULL
                AND mode.words = NEW.words
        ) THEN
            RAISE EXCEPTION 'a banner with own words needs two administrators'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'banner_words_approved';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER banner_words_approved BEFORE INSERT OR UPDATE ON countries_banner FOR EACH ROW EXECUTE FUNCTION countries_refuse_unapproved_words();

-- What was published is never changed or withdrawn: a correction is named in a later period.
CREATE FUNCTION countries_refuse_changed_statistics() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'published statistics are never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'statistics_kept';
    END
    $$;

CREATE TRIGGER statistics_kept BEFORE UPDATE OR DELETE ON countries_publishedstatistics
    FOR EACH ROW EXECUTE FUNCTION countries_refuse_changed_statistics();

-- The decided settings that a role may see: the public one those that public pages state, and no other value. By the
-- role that asks: in a demonstration both surfaces are one process, which reads the view for both.
CREATE VIEW countries_visiblesetting WITH (security_barrier) AS
    SELECT name, value, effective_at, previous FROM countries_decidedsetting
    WHERE name IN (
        'READING_HOURS',
        'WORDS_DAYS_NOT_ACTIONED', 'WORDS_DAYS_ACTIONED', 'ADDRESSES_DAYS_NOT_ACTIONED', 'ADDRESSES_DAYS_ACTIONED'
    ) OR has_table_privilege('countries_decidedsetting', 'SELECT');

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

-- The day is one on which nobody has sent a report yet: what reporters were told holds for the reports they sent.
CREATE FUNCTION countries_refuse_past_release() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NEW.words_release_from <= (now() AT TIME ZONE 'UTC')::date
            AND (TG_OP = 'INSERT' OR NEW.words_release_from IS DISTINCT FROM OLD.words_release_from)
        THEN
            RAISE EXCEPTION 'words of reporters are released only from a day ahead'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'portal_words_release_ahead';
        END IF;
        RETURN NEW;
    END
    $$;
CREATE TRIGGER portal_words_release_ahead BEFORE INSERT OR UPDATE OF words_release_from ON countries_portal
    FOR EACH ROW EXECUTE FUNCTION countries_refuse_past_release();
