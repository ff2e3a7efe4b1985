-- A sighting's address is sealed under an open key, like everything sealed.
CREATE TRIGGER sighting_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_sighting FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

-- As before, but sealing a sighting's address again moves nothing and reads no other sighting.
CREATE OR REPLACE FUNCTION analysts_sightings_moved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            UPDATE analysts_incident SET portals = analysts_portals_of(id)
            WHERE id IN (
                SELECT unnest(ARRAY[before.incident_id, after.incident_id]) FROM before JOIN after USING (id)
                WHERE before.incident_id <> after.incident_id OR before.portal_id <> after.portal_id
            ) AND portals <> analysts_portals_of(id);
        ELSE
            UPDATE analysts_incident SET portals = analysts_portals_of(id)
            WHERE id IN (SELECT incident_id FROM before) AND portals <> analysts_portals_of(id);
        END IF;
        RETURN NULL;
    END
    $$;
