-- Rules that the database enforces for every writer: functions, then grants and table settings, then triggers.

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
