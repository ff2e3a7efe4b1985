-- An appeal is decided once, by a senior analyst who has made no assessment of the incident, undone or not.
CREATE FUNCTION analysts_check_appeal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        reviewed uuid[];
    BEGIN
        IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.outcome <> '') THEN
            RAISE EXCEPTION 'a decided appeal is never changed, and none is deleted'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_kept_as_decided';
        END IF;
        IF NEW.reviewed_by_id IS NULL THEN
            RETURN NEW;
        END IF;
        IF NOT EXISTS (SELECT FROM analysts_user WHERE id = NEW.reviewed_by_id AND role = 'senior') THEN
            RAISE EXCEPTION 'only a senior analyst decides an appeal'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_decided_by_senior';
        END IF;
        -- By an array of ids: with a subquery in an OR, all assessments would be read.
        reviewed := ARRAY(
            SELECT NEW.incident_id UNION ALL SELECT id FROM analysts_incident WHERE merged_into_id = NEW.incident_id
        );
        IF EXISTS (
            SELECT FROM analysts_assessment WHERE by_id = NEW.reviewed_by_id AND incident_id = ANY(reviewed)
        ) THEN
            RAISE EXCEPTION 'the reviewer of an appeal has assessed none of it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_reviewed_by_another';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER appeal_checked BEFORE INSERT OR UPDATE OR DELETE ON analysts_appeal
    FOR EACH ROW EXECUTE FUNCTION analysts_check_appeal();
