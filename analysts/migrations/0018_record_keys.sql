-- A random number of what is erased already would be one that nothing needs.
UPDATE analysts_incident SET record_key = NULL
WHERE key_id IN (SELECT id FROM reports_sealingkey WHERE state = 'destroyed');

-- Of the sightings of an incident, also before it was merged, the earliest was the first.
UPDATE analysts_sighting SET is_repeat = true
FROM (
    SELECT s.id, row_number() OVER (
        PARTITION BY coalesce(s.merged_from_id, s.incident_id) ORDER BY r.received_hour, s.id
    ) AS place
    FROM analysts_sighting s JOIN analysts_report r ON r.receipt_id = s.report_id
) AS placed
WHERE placed.id = analysts_sighting.id AND placed.place > 1;
