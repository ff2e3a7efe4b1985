-- What the database itself holds about the identities of people, whoever writes.

-- It is not known when the accounts of before were named, and requests may be waiting for them.
UPDATE analysts_user SET unchanged_since = '2000-01-01 00:00:00+00';

-- `User.unchanged_since` follows the names, the role and the activation of an account, and never goes back.
CREATE FUNCTION analysts_note_changed_identity() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        IF NEW.unchanged_since = OLD.unchanged_since AND ((NEW.username, NEW.name, NEW.role) IS DISTINCT FROM (OLD.username, OLD.name, OLD.role)
            OR (NEW.is_active AND NOT OLD.is_active))
        THEN
            NEW.unchanged_since := clock_timestamp();
        END IF;
        NEW.unchanged_since := greatest(NEW.unchanged_since, OLD.unchanged_since);
        RETURN NEW;
    END
    $$;

CREATE TRIGGER user_identity_noted BEFORE UPDATE ON analysts_user FOR EACH ROW EXECUTE FUNCTION analysts_note_changed_identity();

-- A later review is by a person who has given no verdict in the round: the constraint `assessment_once_a_person` looks at
-- verdicts in force, this at undone ones, whose author has seen the incident too.
CREATE FUNCTION analysts_refuse_second_review_by_same_person() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM public.analysts_assessment AS earlier
            WHERE earlier.incident_id = NEW.incident_id AND earlier.round = NEW.round AND earlier.by_id = NEW.by_id
                AND earlier.undone_at IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'a later review is by a person who has not assessed the incident in this round'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_later_review_by_another';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER assessment_later_review_by_another BEFORE INSERT ON analysts_assessment FOR EACH ROW WHEN ((NEW.stage <> 'first')) EXECUTE FUNCTION analysts_refuse_second_review_by_same_person();
