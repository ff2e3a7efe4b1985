-- Look-ups of incidents of one host or site read them as lists do: by portal, so that nothing of others is read. The
-- value is half of the keyed fingerprint; once the address is erased, it says so. A merged incident has none.
ALTER FUNCTION analysts_facets_of(uuid) RENAME TO analysts_list_facets_of;

CREATE FUNCTION analysts_facets_of(pk uuid)
    RETURNS TABLE (portal_id bigint, name varchar, value varchar, received timestamptz, incident_id uuid)
    LANGUAGE sql STABLE
    AS $$
        SELECT listed.portal_id, listed.name, listed.value, listed.received, listed.incident_id
        FROM analysts_list_facets_of(pk) AS listed
        UNION ALL
        SELECT reach.portal_id, place.name::varchar,
            (CASE WHEN incident.sealed_address = '' THEN 'erased:' ELSE '' END
                || encode(substr(place.fingerprint, 1, 16), 'hex'))::varchar,
            incident.first_sighted, incident.id
        FROM analysts_incident AS incident
        CROSS JOIN LATERAL (
            VALUES ('host', incident.host_fingerprint), ('site', incident.site_fingerprint)
        ) AS place (name, fingerprint)
        CROSS JOIN LATERAL unnest(incident.portals) AS reach (portal_id)
        WHERE incident.id = pk AND incident.merged_into_id IS NULL AND place.fingerprint <> ''
    $$;

CREATE TRIGGER incident_places_changed AFTER UPDATE ON analysts_incident
    FOR EACH ROW WHEN (
        OLD.host_fingerprint <> NEW.host_fingerprint OR OLD.site_fingerprint <> NEW.site_fingerprint
        OR OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id
        OR (OLD.sealed_address = '') <> (NEW.sealed_address = '')
    ) EXECUTE FUNCTION analysts_incident_changed();
