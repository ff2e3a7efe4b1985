-- A head does not wait for what only senior analysts may take: they find it by itself. Floods, of priority 0, have no
-- lane of their own to find it by.
--
-- The lock is taken by a statement of its own, so that the next one sees what its last holder committed. That one sees
-- the returns and the incidents at the same moment: a return that is not committed yet is neither counted nor deleted.
CREATE OR REPLACE FUNCTION analysts_advance_queue_heads() RETURNS void
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
                        AND (stage <> 'senior' OR incident.priority = 0)
                    ORDER BY waiting_since, id LIMIT 1
                ), date_trunc('hour', now(), 'UTC') - interval '3 hours')) AS since
                FROM known
            )
        INSERT INTO analysts_queuehead AS head (priority, since) SELECT priority, since FROM found
        ON CONFLICT (priority) DO UPDATE SET since = excluded.since WHERE head.since <> excluded.since;
    END
    $$;

-- As it was, and where the stage changes: what a head has passed over can come back to all.
CREATE OR REPLACE TRIGGER incident_waits_again AFTER UPDATE OF state, priority, waiting_since, stage ON analysts_incident
    FOR EACH ROW WHEN (
        NEW.state = 'waiting'
        AND (OLD.state, OLD.priority, OLD.waiting_since, OLD.stage)
            IS DISTINCT FROM (NEW.state, NEW.priority, NEW.waiting_since, NEW.stage)
    ) EXECUTE FUNCTION analysts_note_queue_return();
