-- The arrival keeps the hour of its envelope, so that the oldest one is found by one index descent.

UPDATE reports_arrival AS arrival SET received_hour = submission.received_hour
    FROM reports_submission AS submission WHERE submission.id = arrival.submission_id;

CREATE OR REPLACE FUNCTION reports_note_arrival() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    INSERT INTO public.reports_arrival (submission_id, received_hour) VALUES (NEW.id, NEW.received_hour);
    RETURN NULL;
END $$;
