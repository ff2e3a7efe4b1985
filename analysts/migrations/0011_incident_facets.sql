-- What the list of all incidents filters by: one row for each value of an incident at each of its portals. The function
-- is the one definition; triggers keep the table equal to it.
--
-- Nothing of an undecided round is listed while a later review is due: it would reveal the first review.
CREATE FUNCTION analysts_facets_of(wanted uuid)
    RETURNS TABLE (portal_id bigint, name varchar, value varchar, received timestamptz, incident_id uuid)
    LANGUAGE sql STABLE
    AS $$
        SELECT reach.portal_id, had.name::varchar, had.value::varchar, incident.first_sighted, incident.id
        FROM analysts_incident AS incident
        CROSS JOIN LATERAL (
            SELECT 'state' AS name, CASE incident.state WHEN 'claimed' THEN 'waiting' ELSE incident.state END AS value
            UNION ALL
            SELECT 'priority', incident.priority::text
            UNION ALL
            SELECT 'severity', incident.severity WHERE incident.severity <> ''
            UNION ALL
            SELECT 'lane', incident.stage
            WHERE incident.state IN ('waiting', 'claimed') AND incident.priority > 0 AND incident.stage <> 'first'
            UNION ALL
            SELECT 'lane', incident.kind
            WHERE incident.state IN ('waiting', 'claimed') AND incident.priority > 0 AND incident.kind = 'words'
            UNION ALL
            SELECT 'analyst', made.by_id::text
            FROM analysts_assessment AS made
            WHERE made.incident_id = incident.id AND made.undone_at IS NULL AND (
                made.round < incident.round OR incident.stage = 'first' OR incident.state NOT IN ('waiting', 'claimed')
            )
            UNION ALL
            SELECT latest.name, latest.value
            FROM (
                SELECT made.verdict, made.flags
                FROM analysts_assessment AS made
                WHERE made.incident_id = incident.id AND made.undone_at IS NULL AND (
                    made.round < incident.round OR incident.stage = 'first'
                    OR incident.state NOT IN ('waiting', 'claimed')
                )
                ORDER BY made.at DESC LIMIT 1
            ) AS decided
            CROSS JOIN LATERAL (
                SELECT 'verdict' AS name, decided.verdict AS value
                UNION ALL
                SELECT 'flag', flag FROM unnest(decided.flags) AS flag
            ) AS latest
            UNION ALL
            SELECT traced.name, traced.value
            FROM (
                SELECT chase.country, chase.provider_id
                FROM analysts_chase AS chase
                WHERE chase.incident_id = incident.id
                ORDER BY chase.since DESC LIMIT 1
            ) AS hosted
            CROSS JOIN LATERAL (
                VALUES ('country', hosted.country), ('provider', hosted.provider_id::text)
            ) AS traced (name, value)
            WHERE traced.value <> ''
            UNION ALL
            SELECT 'recipient', referral.to_id::text
            FROM analysts_referral AS referral
            WHERE referral.incident_id = incident.id AND referral.to_id IS NOT NULL
            UNION ALL
            -- As `NextStepKind` says for each kind.
            SELECT 'waits_for', CASE
                WHEN step.kind IN ('request', 'police', 'ask_again', 'keep_online') THEN 'police'
                WHEN step.kind IN ('notice', 'recipient') THEN 'recipient'
                WHEN step.kind = 'reporter' THEN 'reporter'
                WHEN step.kind IN ('verify', 'colleague') THEN 'colleague'
                WHEN step.kind IN ('workstation', 'removal') THEN 'workstation'
                ELSE 'analyst' END
            FROM analysts_nextstep AS step WHERE step.incident_id = incident.id
        ) AS had
        CROSS JOIN LATERAL unnest(incident.portals) AS reach (portal_id)
        WHERE incident.id = wanted
        UNION ALL
        SELECT split_part(said.pair, ':', 1)::bigint, spoken.name::varchar, spoken.value::varchar,
            incident.first_sighted, incident.id
        FROM analysts_incident AS incident
        CROSS JOIN LATERAL unnest(incident.portal_languages) AS said (pair)
        CROSS JOIN LATERAL (
            SELECT 'language' AS name, split_part(said.pair, ':', 2) AS value
            UNION ALL
            SELECT 'lane', 'language:' || split_part(said.pair, ':', 2)
            WHERE incident.state IN ('waiting', 'claimed') AND incident.priority > 0
        ) AS spoken
        WHERE incident.id = wanted
    $$;

CREATE FUNCTION analysts_update_facets(wanted uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
    BEGIN
        -- What is there already is read once, and neither deleted nor inserted.
        WITH facets AS MATERIALIZED (
            SELECT DISTINCT facets_of.portal_id, facets_of.name, facets_of.value, facets_of.received
            FROM analysts_facets_of(wanted) AS facets_of
        ), kept AS MATERIALIZED (
            SELECT old.portal_id, old.name, old.value, old.received
            FROM analysts_incidentfacet AS old WHERE old.incident_id = wanted
        ), gone AS (
            DELETE FROM analysts_incidentfacet AS old USING (TABLE kept EXCEPT TABLE facets) AS less
            WHERE old.incident_id = wanted
                AND (old.portal_id, old.name, old.value, old.received)
                    = (less.portal_id, less.name, less.value, less.received)
        )
        INSERT INTO analysts_incidentfacet (portal_id, name, value, received, incident_id)
        SELECT added.portal_id, added.name, added.value, added.received, wanted
        FROM (TABLE facets EXCEPT TABLE kept) AS added
        ON CONFLICT DO NOTHING;
    END
    $$;

CREATE FUNCTION analysts_incident_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        PERFORM analysts_update_facets(NEW.id);
        RETURN NULL;
    END
    $$;

CREATE FUNCTION analysts_facet_source_changed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP <> 'INSERT' THEN
            PERFORM analysts_update_facets(OLD.incident_id);
        END IF;
        IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.incident_id <> OLD.incident_id) THEN
            PERFORM analysts_update_facets(NEW.incident_id);
        END IF;
        RETURN NULL;
    END
    $$;

-- How frequent a value is at a portal decides which of two filters is read first.
CREATE STATISTICS analysts_facet_values (ndistinct, mcv) ON portal_id, name, value FROM analysts_incidentfacet;
ALTER STATISTICS analysts_facet_values SET STATISTICS 500;

INSERT INTO analysts_incidentfacet (portal_id, name, value, received, incident_id)
SELECT facets.portal_id, facets.name, facets.value, facets.received, facets.incident_id
FROM analysts_incident AS incident CROSS JOIN LATERAL analysts_facets_of(incident.id) AS facets
ON CONFLICT DO NOTHING;

CREATE TRIGGER incident_facets_added AFTER INSERT ON analysts_incident
    FOR EACH ROW EXECUTE FUNCTION analysts_incident_changed();

-- A claim, and the end of one, changes none of them.
CREATE TRIGGER incident_facets_changed AFTER UPDATE ON analysts_incident
    FOR EACH ROW WHEN (
        (
            OLD.state <> NEW.state
            AND NOT (OLD.state IN ('waiting', 'claimed') AND NEW.state IN ('waiting', 'claimed'))
        )
        OR OLD.priority <> NEW.priority OR OLD.severity <> NEW.severity OR OLD.stage <> NEW.stage
        OR OLD.round <> NEW.round OR OLD.portals <> NEW.portals OR OLD.portal_languages <> NEW.portal_languages
        OR OLD.first_sighted <> NEW.first_sighted
    ) EXECUTE FUNCTION analysts_incident_changed();

CREATE TRIGGER assessment_facets AFTER INSERT OR UPDATE OF undone_at ON analysts_assessment
    FOR EACH ROW EXECUTE FUNCTION analysts_facet_source_changed();

CREATE TRIGGER chase_facets AFTER INSERT OR DELETE OR UPDATE OF incident_id, country, provider_id ON analysts_chase
    FOR EACH ROW EXECUTE FUNCTION analysts_facet_source_changed();

CREATE TRIGGER referral_facets AFTER INSERT OR DELETE OR UPDATE OF incident_id, to_id ON analysts_referral
    FOR EACH ROW EXECUTE FUNCTION analysts_facet_source_changed();

CREATE TRIGGER nextstep_facets AFTER INSERT OR DELETE OR UPDATE OF kind ON analysts_nextstep
    FOR EACH ROW EXECUTE FUNCTION analysts_facet_source_changed();
