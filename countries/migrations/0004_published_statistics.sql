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
