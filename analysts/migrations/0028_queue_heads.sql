-- An incident waits that did not before, or elsewhere in the order. The last hours are no head's business: reports
-- arrive there.
CREATE FUNCTION analysts_note_queue_return() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NEW.waiting_since < now() - interval '3 hours'
            OR NEW.waiting_since < (SELECT since FROM analysts_queuehead WHERE priority = NEW.priority)
        THEN
            INSERT INTO analysts_queuereturn (id, priority, since)
            VALUES (gen_random_uuid(), NEW.priority, NEW.waiting_since);
        END IF;
        RETURN NULL;
    END
    $$;

CREATE TRIGGER incident_came_to_wait AFTER INSERT ON analysts_incident
    FOR EACH ROW WHEN (NEW.state = 'waiting') EXECUTE FUNCTION analysts_note_queue_return();

CREATE TRIGGER incident_waits_again AFTER UPDATE OF state, priority, waiting_since ON analysts_incident
    FOR EACH ROW WHEN (
        NEW.state = 'waiting'
        AND (OLD.state, OLD.priority, OLD.waiting_since) IS DISTINCT FROM (NEW.state, NEW.priority, NEW.waiting_since)
    ) EXECUTE FUNCTION analysts_note_queue_return();

-- The lock is taken by a statement of its own, so that the next one sees what its last holder committed. That one sees
-- the returns and the incidents at the same moment: a return that is not committed yet is neither counted nor deleted.
CREATE FUNCTION analysts_advance_queue_heads() RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF NOT pg_try_advisory_xact_lock(hashtext('analysts_queuehead')) THEN
            RETURN;
        END IF;
        WITH counted AS (DELETE FROM analysts_queuereturn RETURNING priority, since),
            known AS (
                SELECT priority, least(coalesce(since, '-infinity'), (
                    SELECT min(counted.since) FROM counted WHERE counted.priority = step.priority
                )) AS since
                FROM generate_series(0, 10) AS step (priority) LEFT JOIN analysts_queuehead USING (priority)
            ),
            found AS (
                SELECT priority, greatest(since, least((
                    SELECT waiting_since FROM analysts_incident AS incident
                    WHERE state = 'waiting' AND incident.priority = known.priority AND waiting_since >= known.since
                    ORDER BY waiting_since, id LIMIT 1
                ), date_trunc('hour', now(), 'UTC') - interval '3 hours')) AS since
                FROM known
            )
        INSERT INTO analysts_queuehead AS head (priority, since) SELECT priority, since FROM found
        ON CONFLICT (priority) DO UPDATE SET since = excluded.since WHERE head.since <> excluded.since;
    END
    $$;
