-- Incidents that are open already wait for a decision; the next run derives their steps.
INSERT INTO analysts_nextstep (incident_id, kind, since, review_at)
SELECT id, 'decide', now(), now() FROM analysts_incident WHERE state IN ('assessed', 'acting')
UNION
SELECT incident_id, 'decide', now(), now() FROM analysts_chase WHERE ended_at IS NULL;
