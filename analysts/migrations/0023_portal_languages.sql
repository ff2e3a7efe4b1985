-- `portal_languages` of an incident, kept beside `portals`: "12:en" for a report in English to the portal 12.
CREATE FUNCTION analysts_portal_languages_of(incident uuid) RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(array_agg(DISTINCT said ORDER BY said), '{}') FROM (
            SELECT sighting.portal_id || ':' || report.language AS said
            FROM analysts_sighting AS sighting JOIN analysts_report AS report ON report.receipt_id = sighting.report_id
            WHERE sighting.incident_id = incident
        ) AS reports
    $$;

UPDATE analysts_incident SET portal_languages = analysts_portal_languages_of(id);

CREATE OR REPLACE FUNCTION analysts_keep_portals() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        NEW.portals := OLD.portals;
        NEW.portal_languages := OLD.portal_languages;
        RETURN NEW;
    END
    $$;

CREATE OR REPLACE FUNCTION analysts_sighted_by_another_portal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE analysts_incident AS incident
        SET portals = analysts_portals_of(incident.id), portal_languages = analysts_portal_languages_of(incident.id)
        FROM (
            SELECT DISTINCT incident_id
            FROM added JOIN analysts_report AS report ON report.receipt_id = report_id
            JOIN analysts_incident AS known ON known.id = incident_id
            WHERE NOT known.portals @> ARRAY[added.portal_id]
                OR NOT known.portal_languages @> ARRAY[added.portal_id || ':' || report.language]::varchar[]
        ) AS touched WHERE incident.id = touched.incident_id;
        RETURN NULL;
    END
    $$;

CREATE OR REPLACE FUNCTION analysts_sightings_moved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        touched uuid[];
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            touched := ARRAY(
                SELECT unnest(ARRAY[before.incident_id, after.incident_id]) FROM before JOIN after USING (id)
                WHERE before.incident_id <> after.incident_id OR before.portal_id <> after.portal_id
                    OR before.report_id <> after.report_id
            );
        ELSE
            touched := ARRAY(SELECT incident_id FROM before);
        END IF;
        UPDATE analysts_incident
        SET portals = analysts_portals_of(id), portal_languages = analysts_portal_languages_of(id)
        WHERE id = ANY(touched) AND (
            portals <> analysts_portals_of(id)
            OR portal_languages <> analysts_portal_languages_of(id)::varchar[]
        );
        RETURN NULL;
    END
    $$;

DROP TRIGGER incident_portals_kept ON analysts_incident;
CREATE TRIGGER incident_portals_kept BEFORE UPDATE OF portals, portal_languages ON analysts_incident
    FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION analysts_keep_portals();
