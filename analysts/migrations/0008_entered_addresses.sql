-- The portals of an incident: those of its sightings and of the addresses that staff entered, 0 for the hotline.
CREATE OR REPLACE FUNCTION analysts_portals_of(incident uuid) RETURNS bigint[]
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(array_agg(DISTINCT portal_id ORDER BY portal_id), '{}') FROM (
            SELECT portal_id FROM analysts_sighting WHERE incident_id = incident
            UNION ALL
            SELECT coalesce(portal_id, 0) FROM analysts_enteredaddress WHERE incident_id = incident
        ) AS named
    $$;

CREATE FUNCTION analysts_address_entered() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        UPDATE analysts_incident SET portals = analysts_portals_of(id)
        WHERE id IN (OLD.incident_id, NEW.incident_id) AND portals <> analysts_portals_of(id);
        RETURN NULL;
    END
    $$;

CREATE TRIGGER enteredaddress_portals AFTER INSERT OR DELETE OR UPDATE OF incident_id, portal_id
    ON analysts_enteredaddress FOR EACH ROW EXECUTE FUNCTION analysts_address_entered();
