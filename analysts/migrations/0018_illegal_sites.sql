-- One rule for the trigger, the queries and Python: whether an address of the site was found illegal, including one that
-- is being reviewed again since. FALSE for the empty index of incidents without a site.
--
-- The conditions repeat those of the partial indexes. With LIMIT, because EXISTS may be planned as a list of all that
-- was ever decided.
CREATE FUNCTION analysts_has_illegal_verdict(site bytea) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(
            (SELECT true FROM analysts_incident AS decided
             WHERE decided.site_fingerprint = site AND decided.site_fingerprint <> '' AND decided.severity <> ''
             LIMIT 1),
            (SELECT true FROM analysts_incident AS reopened
             WHERE reopened.site_fingerprint = site AND reopened.site_fingerprint <> ''
                 AND reopened.state IN ('waiting', 'claimed') AND reopened.round > 1
                 AND (SELECT true FROM analysts_chase AS chase WHERE chase.incident_id = reopened.id LIMIT 1)
             LIMIT 1),
            false
        )
    $$;

CREATE OR REPLACE FUNCTION analysts_refuse_wrong_flood() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND NEW.flood = OLD.flood THEN
            RETURN NEW;
        END IF;
        IF EXISTS (SELECT FROM analysts_floodfolding WHERE flood = NEW.flood) THEN
            RETURN NEW;
        END IF;
        IF NEW.flood <> NEW.shape THEN
            RAISE EXCEPTION 'only incidents with the pattern of a flood are folded without a person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_flood_of_its_pattern';
        END IF;
        IF analysts_has_illegal_verdict(NEW.site_fingerprint) THEN
            RAISE EXCEPTION 'incidents of a site with an illegal verdict are never folded without a person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'incident_flood_of_illegal_site';
        END IF;
        RETURN NEW;
    END
    $$;
