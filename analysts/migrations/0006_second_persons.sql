-- A second person is an account that no administrator made alone. The column with the second person is the first
-- argument; the second, where there is one, is the state that needs one. A row that stays as it was is not judged
-- again.
CREATE FUNCTION analysts_refuse_second_person() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    DECLARE
        person text := to_jsonb(NEW) ->> TG_ARGV[0];
        state text := to_jsonb(NEW) ->> 'state';
    BEGIN
        IF person IS NULL OR state <> TG_ARGV[1] THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF person = (to_jsonb(OLD) ->> TG_ARGV[0]) AND state IS NOT DISTINCT FROM (to_jsonb(OLD) ->> 'state') THEN
                RETURN NEW;
            END IF;
        END IF;
        IF EXISTS (SELECT FROM public.analysts_user WHERE id = person::bigint AND NOT is_vouched_for) THEN
            RAISE EXCEPTION 'two administrators have not vouched for the second person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'second_person_vouched_for';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_addressallowance
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id', 'granted');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_bulkclosing
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_periodclose
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('confirmed_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_recipient
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('verified_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_approvalrequest
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id', 'approved');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_emergencysuspension
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_installationmode
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_interfacetranslation
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('reviewed_by_id', 'approved');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_settingchange
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_withdrawal
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id');

-- Once decided, an account never goes back to the earlier rules.
CREATE FUNCTION analysts_keep_vouching() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        RAISE EXCEPTION 'whether two administrators vouch for an account is never forgotten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_vouching_decided';
    END
    $$;

CREATE TRIGGER user_vouching_decided BEFORE UPDATE ON analysts_user
    FOR EACH ROW WHEN (OLD.is_vouched_for IS NOT NULL AND NEW.is_vouched_for IS NULL)
    EXECUTE FUNCTION analysts_keep_vouching();
