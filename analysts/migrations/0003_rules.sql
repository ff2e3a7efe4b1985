-- What the database itself refuses or does, whoever writes: functions, then grants and table settings, then triggers.

CREATE FUNCTION analysts_keep_portals() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        NEW.portals := OLD.portals;
        RETURN NEW;
    END
    $$;

CREATE FUNCTION analysts_portals_of(incident uuid) RETURNS bigint[]
    LANGUAGE sql STABLE
    AS $$
        SELECT coalesce(array_agg(DISTINCT portal_id ORDER BY portal_id), '{}')
        FROM analysts_sighting WHERE incident_id = incident
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
        UPDATE analysts_incident AS incident SET portals = analysts_portals_of(incident.id)
        FROM (
            SELECT DISTINCT incident_id FROM added JOIN analysts_incident AS known ON known.id = incident_id
            WHERE NOT known.portals @> ARRAY[portal_id]
        ) AS touched WHERE incident.id = touched.incident_id;
        RETURN NULL;
    END
    $$;

CREATE FUNCTION analysts_sightings_moved() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            UPDATE analysts_incident SET portals = analysts_portals_of(id)
            WHERE id IN (SELECT incident_id FROM before UNION SELECT incident_id FROM after)
                AND portals <> analysts_portals_of(id);
        ELSE
            UPDATE analysts_incident SET portals = analysts_portals_of(id)
            WHERE id IN (SELECT incident_id FROM before) AND portals <> analysts_portals_of(id);
        END IF;
        RETURN NULL;
    END
    $$;

ALTER TABLE analysts_incident SET (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0
);

CREATE TRIGGER assessment_kept_as_made BEFORE DELETE OR UPDATE ON analysts_assessment FOR EACH ROW EXECUTE FUNCTION analysts_refuse_changed_assessment();

CREATE TRIGGER availabilitycheck_kept_as_made BEFORE DELETE OR UPDATE ON analysts_availabilitycheck FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER draft_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_draft FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER hostingtrace_kept_as_made BEFORE DELETE OR UPDATE ON analysts_hostingtrace FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER incident_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_incident FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER incident_portals_kept BEFORE UPDATE OF portals ON analysts_incident FOR EACH ROW WHEN ((pg_trigger_depth() = 0)) EXECUTE FUNCTION analysts_keep_portals();

CREATE TRIGGER note_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_note FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER noticeitem_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_noticeitem FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER noticetemplate_kept_as_made BEFORE DELETE OR UPDATE ON analysts_noticetemplate FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER redaction_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_redaction FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();

CREATE TRIGGER route_kept_as_made BEFORE DELETE OR UPDATE ON analysts_route FOR EACH ROW EXECUTE FUNCTION analysts_refuse_change();

CREATE TRIGGER sighting_added AFTER INSERT ON analysts_sighting REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION analysts_sighted_by_another_portal();

CREATE TRIGGER sighting_moved AFTER UPDATE ON analysts_sighting REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION analysts_sightings_moved();

CREATE TRIGGER sighting_removed AFTER DELETE ON analysts_sighting REFERENCING OLD TABLE AS before FOR EACH STATEMENT EXECUTE FUNCTION analysts_sightings_moved();

CREATE TRIGGER urllistentry_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_urllistentry FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();
