-- The answer of a second person who declines a closing is stored with the sample; the rest of it stays as drawn.
CREATE OR REPLACE FUNCTION analysts_refuse_changed_sample() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        changing CONSTANT text[] :=
            '{asked_at,verdict,reason,declined_at,declined_by_id,decline_reason,ended_at}';
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND to_jsonb(NEW) - changing = to_jsonb(OLD) - changing THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a sample is drawn once, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'floodsample_kept_as_drawn';
    END
    $$;
