-- What the database itself refuses or does, whoever writes.

CREATE FUNCTION analysts_keep_portals() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        NEW.portals := OLD.portals;
        NEW.portal_languages := OLD.portal_languages;
        RETURN NEW;
    END
    $$;

-- The portals of an incident: those of its sightings and of the addresses that staff entered, 0 for the hotline.
CREATE FUNCTION analysts_portals_of(incident uuid) RETURNS bigint[]
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(array_agg(DISTINCT portal_id ORDER BY portal_id), '{}') FROM (
            SELECT portal_id FROM analysts_sighting WHERE incident_id = incident
            UNION ALL
            SELECT coalesce(portal_id, 0) FROM analysts_enteredaddress WHERE incident_id = incident
        ) AS named
    $$;

CREATE FUNCTION analysts_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        RAISE EXCEPTION 'this is added to, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = TG_TABLE_NAME || '_kept_as_made';
    END
    $$;

CREATE FUNCTION analysts_refuse_changed_assessment() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.undone_at IS NULL
            AND to_jsonb(NEW) - '{undone_at,undone_by_id,undo_reason}'::text[]
                = to_jsonb(OLD) - '{undone_at,undone_by_id,undo_reason}'::text[]
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an assessment is taken back, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_kept_as_made';
    END
    $$;

CREATE FUNCTION analysts_sighted_by_another_portal() RETURNS trigger
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

-- Sealing a sighting's address again moves nothing and reads no other sighting.
CREATE FUNCTION analysts_sightings_moved() RETURNS trigger
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

CREATE FUNCTION analysts_refuse_wrong_flood() RETURNS trigger
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

-- The answer of a second person who declines a closing is stored with the sample; the rest of it stays as drawn.
CREATE FUNCTION analysts_refuse_changed_sample() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        changing CONSTANT text[] :=
            '{asked_at,verdict,reason,declined_at,declined_by_id,decline_reason,ended_at}';
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND to_jsonb(NEW) - changing = to_jsonb(OLD) - changing THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a sample is drawn once, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'floodsample_kept_as_drawn';
    END
    $$;

CREATE FUNCTION analysts_refuse_changed_sample_item() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND OLD.opened_at IS NULL
            AND to_jsonb(NEW) - 'opened_at' = to_jsonb(OLD) - 'opened_at'
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'an incident of a sample is opened, never changed or deleted'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'floodsampleitem_kept_as_drawn';
    END
    $$;

-- `analysts.models.flood.sample_size` and `FloodSample.draw` are the same rules.
CREATE FUNCTION analysts_refuse_unseen_closing() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        drawn analysts_floodsample;
        number integer;
        needed integer;
        opened integer;
    BEGIN
        SELECT * INTO drawn FROM analysts_floodsample WHERE id = NEW.sample_id;
        number := cardinality(drawn.population);
        IF drawn.id IS NULL OR drawn.ended_at IS NOT NULL
            OR (drawn.flood, drawn.by_id) <> (NEW.flood, NEW.by_id) OR NEW.number > number
        THEN
            RAISE EXCEPTION 'many incidents are closed together only from an unfinished sample of theirs'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bulk_closing_of_a_sample';
        END IF;
        IF NEW.approved_by_id IS NOT NULL THEN
            IF drawn.asked_at IS NULL OR (drawn.verdict, drawn.reason) <> (NEW.verdict, NEW.reason) THEN
                RAISE EXCEPTION 'a second person approves the decision that was asked for'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'bulk_closing_approved_as_asked';
            END IF;
            RETURN NEW;
        END IF;
        needed := least(number, greatest(10, ceil(number * 0.05)));
        SELECT count(*) INTO opened
        FROM (
            SELECT member FROM unnest(drawn.population) AS member
            ORDER BY sha256(drawn.seed || uuid_send(member)) LIMIT needed
        ) AS sample
        JOIN analysts_floodsampleitem AS item ON item.sample_id = drawn.id AND item.incident_id = member
        WHERE item.opened_at IS NOT NULL;
        IF opened < needed THEN
            RAISE EXCEPTION 'the sample has not been opened'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'bulk_closing_sample_opened';
        END IF;
        RETURN NEW;
    END
    $$;

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

-- `User.unchanged_since` follows the names, the role and the activation of an account, and never goes back.
CREATE FUNCTION analysts_note_changed_identity() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        IF NEW.unchanged_since = OLD.unchanged_since AND ((NEW.username, NEW.name, NEW.role) IS DISTINCT FROM (OLD.username, OLD.name, OLD.role)
            OR (NEW.is_active AND NOT OLD.is_active))
        THEN
            NEW.unchanged_since := clock_timestamp();
        END IF;
        NEW.unchanged_since := greatest(NEW.unchanged_since, OLD.unchanged_since);
        RETURN NEW;
    END
    $$;

-- A later review is by a person who has given no verdict in the round: the constraint `assessment_once_a_person` looks at
-- verdicts in force, this at undone ones, whose author has seen the incident too.
CREATE FUNCTION analysts_refuse_second_review_by_same_person() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM public.analysts_assessment AS earlier
            WHERE earlier.incident_id = NEW.incident_id AND earlier.round = NEW.round AND earlier.by_id = NEW.by_id
                AND earlier.undone_at IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'a later review is by a person who has not assessed the incident in this round'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'assessment_later_review_by_another';
        END IF;
        RETURN NEW;
    END
    $$;

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

-- Every database role may listen, and fill the queue of notifications: no job of staff depends on one, or sends one.
-- Disabled and not dropped: later versions of the library replace them by name.
ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1;

ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1;

ALTER TABLE analysts_incident SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);

CREATE TRIGGER assessment_kept_as_made BEFORE DELETE OR UPDATE ON analysts_assessment FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_assessment();

CREATE TRIGGER availabilitycheck_kept_as_made BEFORE DELETE OR UPDATE ON analysts_availabilitycheck FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER draft_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_draft FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER historyrow_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_historyrow FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

-- All columns but those of the sealed IP address, which erasure blanks and a later key seals again.
CREATE TRIGGER hostingtrace_kept_as_made BEFORE DELETE
    OR UPDATE OF id, incident_id, method, country, provider_id, network, note, at, recorded_at, by_id, source
    ON analysts_hostingtrace FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER hostingtrace_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_hostingtrace FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER incident_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_incident FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER incident_portals_kept BEFORE UPDATE OF portals, portal_languages ON analysts_incident
    FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION analysts_keep_portals();

CREATE TRIGGER note_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_note FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER noticeitem_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_noticeitem FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER noticetemplate_kept_as_made BEFORE DELETE OR UPDATE ON analysts_noticetemplate FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER redaction_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_redaction FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER route_kept_as_made BEFORE DELETE OR UPDATE ON analysts_route FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER sighting_added AFTER INSERT ON analysts_sighting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION analysts_sighted_by_another_portal();

CREATE TRIGGER sighting_moved AFTER UPDATE ON analysts_sighting REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION analysts_sightings_moved();

CREATE TRIGGER sighting_removed AFTER DELETE ON analysts_sighting REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION analysts_sightings_moved();

CREATE TRIGGER urllistentry_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_urllistentry FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER wordsrelease_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_wordsrelease FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

-- A sighting's address is sealed under an open key, like everything sealed.
CREATE TRIGGER sighting_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_sighting FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER incident_flood_allowed BEFORE INSERT OR UPDATE OF flood ON analysts_incident FOR EACH ROW WHEN ((NEW.flood <> '')) EXECUTE FUNCTION analysts_refuse_wrong_flood();

CREATE TRIGGER floodfolding_kept_as_made BEFORE DELETE OR UPDATE ON analysts_floodfolding FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER floodsample_kept_as_drawn BEFORE DELETE OR UPDATE ON analysts_floodsample FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_sample();

CREATE TRIGGER floodsampleitem_kept_as_drawn BEFORE DELETE OR UPDATE ON analysts_floodsampleitem FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_sample_item();

CREATE TRIGGER bulkclosing_sample_opened BEFORE INSERT ON analysts_bulkclosing FOR EACH ROW EXECUTE FUNCTION analysts_refuse_unseen_closing();

CREATE TRIGGER user_identity_noted BEFORE UPDATE ON analysts_user FOR EACH ROW EXECUTE FUNCTION analysts_note_changed_identity();

CREATE TRIGGER assessment_later_review_by_another BEFORE INSERT ON analysts_assessment FOR EACH ROW WHEN ((NEW.stage <> 'first')) EXECUTE FUNCTION analysts_refuse_second_review_by_same_person();

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

-- An appeal is decided once, by a senior analyst who has made no assessment of the incident, undone or not.
CREATE FUNCTION analysts_check_appeal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    DECLARE
        reviewed uuid[];
    BEGIN
        IF TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND OLD.outcome <> '') THEN
            RAISE EXCEPTION 'a decided appeal is never changed, and none is deleted'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_kept_as_decided';
        END IF;
        IF NEW.reviewed_by_id IS NULL THEN
            RETURN NEW;
        END IF;
        IF NOT EXISTS (SELECT FROM analysts_user WHERE id = NEW.reviewed_by_id AND role = 'senior') THEN
            RAISE EXCEPTION 'only a senior analyst decides an appeal'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_decided_by_senior';
        END IF;
        -- By an array of ids: with a subquery in an OR, all assessments would be read.
        reviewed := ARRAY(
            SELECT NEW.incident_id UNION ALL SELECT id FROM analysts_incident WHERE merged_into_id = NEW.incident_id
        );
        IF EXISTS (
            SELECT FROM analysts_assessment WHERE by_id = NEW.reviewed_by_id AND incident_id = ANY(reviewed)
        ) THEN
            RAISE EXCEPTION 'the reviewer of an appeal has assessed none of it'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'appeal_reviewed_by_another';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER appeal_checked BEFORE INSERT OR UPDATE OR DELETE ON analysts_appeal
    FOR EACH ROW EXECUTE FUNCTION analysts_check_appeal();

-- What the list of all incidents filters by: one row for each value of an incident at each of its portals. The function
-- is the one definition; triggers keep the table equal to it.
--
-- Nothing of an undecided round is listed while a later review is due: it would reveal the first review.
CREATE FUNCTION analysts_list_facets_of(wanted uuid)
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
                WHEN step.kind IN ('notice', 'recipient', 'receipt', 'decision') THEN 'recipient'
                WHEN step.kind = 'reporter' THEN 'reporter'
                WHEN step.kind IN ('appeal', 'verify', 'colleague') THEN 'colleague'
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

-- Look-ups of incidents of one host or site read them as lists do: by portal, so that nothing of others is read. The
-- value is half of the keyed fingerprint; once the address is erased, it says so. A merged incident has none.
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

-- What was published is never changed or deleted: a correction appears in a later period.
CREATE FUNCTION analysts_refuse_changed_period() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF OLD.confirmed_at IS NULL AND TG_OP = 'DELETE' THEN
            RETURN OLD;
        END IF;
        IF OLD.confirmed_at IS NULL
            AND (to_jsonb(NEW) - '{confirmed_by_id,confirmed_at}'::text[])
                = (to_jsonb(OLD) - '{confirmed_by_id,confirmed_at}'::text[]) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a closed period is never changed, and only deleted before it is confirmed'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'periodclose_kept';
    END
    $$;

CREATE TRIGGER periodclose_kept BEFORE UPDATE OR DELETE ON analysts_periodclose
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_period();

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

-- Also where the stage changes: a head may have passed over what comes back to all.
CREATE TRIGGER incident_waits_again AFTER UPDATE OF state, priority, waiting_since, stage ON analysts_incident
    FOR EACH ROW WHEN (
        NEW.state = 'waiting'
        AND (OLD.state, OLD.priority, OLD.waiting_since, OLD.stage)
            IS DISTINCT FROM (NEW.state, NEW.priority, NEW.waiting_since, NEW.stage)
    ) EXECUTE FUNCTION analysts_note_queue_return();

-- A head does not wait for what only senior analysts may take: they find it by itself. Floods, of priority 0, have no
-- lane of their own to find it by.
--
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
                        AND (stage <> 'senior' OR incident.priority = 0)
                    ORDER BY waiting_since, id LIMIT 1
                ), date_trunc('hour', now(), 'UTC') - interval '3 hours')) AS since
                FROM known
            )
        INSERT INTO analysts_queuehead AS head (priority, since) SELECT priority, since FROM found
        ON CONFLICT (priority) DO UPDATE SET since = excluded.since WHERE head.since <> excluded.since;
    END
    $$;

CREATE TRIGGER incident_places_changed AFTER UPDATE ON analysts_incident
    FOR EACH ROW WHEN (
        OLD.host_fingerprint <> NEW.host_fingerprint OR OLD.site_fingerprint <> NEW.site_fingerprint
        OR OLD.merged_into_id IS DISTINCT FROM NEW.merged_into_id
        OR (OLD.sealed_address = '') <> (NEW.sealed_address = '')
    ) EXECUTE FUNCTION analysts_incident_changed();

-- A second person is an account that no administrator made alone. The column with the second person is the first
-- argument; the second, where there is one, is the state that needs one. A row that stays as it was is not judged
-- again.
CREATE FUNCTION analysts_refuse_second_person() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    DECLARE
        person text := to_jsonb(NEW) ->> TG_ARGV[0];
        state text := to_jsonb(NEW) ->> 'state';
    BEGIN
        IF person IS NULL OR state <> TG_ARGV[1] THEN
            RETURN NEW;
        END IF;
        IF TG_OP = 'UPDATE' THEN
            IF person = (to_jsonb(OLD) ->> TG_ARGV[0]) AND state IS NOT DISTINCT FROM (to_jsonb(OLD) ->> 'state') THEN
                RETURN NEW;
            END IF;
        END IF;
        IF EXISTS (SELECT FROM public.analysts_user WHERE id = person::bigint AND NOT is_vouched_for) THEN
            RAISE EXCEPTION 'two administrators have not vouched for the second person'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'second_person_vouched_for';
        END IF;
        RETURN NEW;
    END
    $$;

CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_addressallowance
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id', 'granted');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_bulkclosing
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_historyimport
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_periodclose
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('confirmed_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_recipient
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('verified_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON analysts_wordsrelease
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_approvalrequest
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id', 'approved');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_emergencysuspension
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_installationmode
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_interfacetranslation
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('reviewed_by_id', 'approved');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_languagereview
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('confirmed_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_settingchange
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('approved_by_id');
CREATE TRIGGER second_person_vouched_for BEFORE INSERT OR UPDATE ON countries_withdrawal
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_second_person('decided_by_id');

-- Once decided, an account never goes back to the earlier rules.
CREATE FUNCTION analysts_keep_vouching() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        RAISE EXCEPTION 'whether two administrators vouch for an account is never forgotten'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'user_vouching_decided';
    END
    $$;

CREATE TRIGGER user_vouching_decided BEFORE UPDATE ON analysts_user
    FOR EACH ROW WHEN (OLD.is_vouched_for IS NOT NULL AND NEW.is_vouched_for IS NULL)
    EXECUTE FUNCTION analysts_keep_vouching();

-- A route is confirmed for the hosting with its number (`routed_trace`): other hosting has another number.
CREATE FUNCTION analysts_number_hosting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    NEW.trace := OLD.trace + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER chase_numbers_hosting BEFORE UPDATE ON analysts_chase FOR EACH ROW WHEN (
    OLD.trace > 0 AND NEW.trace = OLD.trace
    AND (OLD.country, OLD.provider_id) IS DISTINCT FROM (NEW.country, NEW.provider_id)
) EXECUTE FUNCTION analysts_number_hosting();

-- The sentence is never changed but by erasure and sealing again, and a decision is final.
CREATE FUNCTION analysts_refuse_unannounced_release() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND (
            OLD.decided_at IS NOT NULL AND NEW.is_released IS DISTINCT FROM OLD.is_released
            OR (NEW.incident_id, NEW.report_id, NEW.to_id, NEW.ground, NEW.by_id, NEW.at)
                IS DISTINCT FROM (OLD.incident_id, OLD.report_id, OLD.to_id, OLD.ground, OLD.by_id, OLD.at)
        ) THEN
            RAISE EXCEPTION 'a release of words is decided once, and never changed'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'words_release_kept_as_made';
        END IF;
        IF NEW.ground = 'portal' AND (TG_OP = 'INSERT' OR NEW.is_released AND NOT OLD.is_released) AND NOT EXISTS (
            SELECT FROM analysts_report AS report JOIN countries_portal AS portal ON portal.id = report.portal_id
            WHERE report.receipt_id = NEW.report_id
                AND (report.received_hour AT TIME ZONE 'UTC')::date >= portal.words_release_from
        ) THEN
            RAISE EXCEPTION 'its portal had not announced the release of words'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'words_release_announced';
        END IF;
        RETURN NEW;
    END
    $$;
CREATE TRIGGER words_release_announced BEFORE INSERT OR UPDATE ON analysts_wordsrelease
    FOR EACH ROW EXECUTE FUNCTION analysts_refuse_unannounced_release();

-- An account never moves to another recipient: its record says which one it saw.
CREATE FUNCTION analysts_keep_recipient() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'pg_temp'
    AS $$
    BEGIN
        RAISE EXCEPTION 'an account keeps its recipient'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'recipient_access_kept';
    END
    $$;
CREATE TRIGGER recipient_access_kept BEFORE UPDATE ON analysts_recipientaccess
    FOR EACH ROW WHEN (OLD.recipient_id <> NEW.recipient_id OR OLD.user_id <> NEW.user_id)
    EXECUTE FUNCTION analysts_keep_recipient();
