"""Each incident says which portals sighted it, so that nobody's queue is found by asking every waiting incident."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

# A statement at a time, not a row: merging moves many sightings of one incident at once.
KEEP = """
    CREATE FUNCTION analysts_portals_of(incident uuid) RETURNS bigint[] LANGUAGE sql STABLE AS $$
        SELECT coalesce(array_agg(DISTINCT portal_id ORDER BY portal_id), '{}')
        FROM analysts_sighting WHERE incident_id = incident
    $$;

    CREATE FUNCTION analysts_sighted_by_another_portal() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE analysts_incident AS incident SET portals = analysts_portals_of(incident.id)
        FROM (
            SELECT DISTINCT incident_id FROM added JOIN analysts_incident AS known ON known.id = incident_id
            WHERE NOT known.portals @> ARRAY[portal_id]
        ) AS touched WHERE incident.id = touched.incident_id;
        RETURN NULL;
    END
    $$;
    CREATE TRIGGER sighting_added AFTER INSERT ON analysts_sighting REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION analysts_sighted_by_another_portal();

    CREATE FUNCTION analysts_sightings_moved() RETURNS trigger LANGUAGE plpgsql AS $$
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
    CREATE TRIGGER sighting_moved AFTER UPDATE ON analysts_sighting
        REFERENCING OLD TABLE AS before NEW TABLE AS after
        FOR EACH STATEMENT EXECUTE FUNCTION analysts_sightings_moved();
    CREATE TRIGGER sighting_removed AFTER DELETE ON analysts_sighting REFERENCING OLD TABLE AS before
        FOR EACH STATEMENT EXECUTE FUNCTION analysts_sightings_moved();
"""
LET_GO = """
    DROP TRIGGER sighting_removed ON analysts_sighting;
    DROP TRIGGER sighting_moved ON analysts_sighting;
    DROP TRIGGER sighting_added ON analysts_sighting;
    DROP FUNCTION analysts_sightings_moved();
    DROP FUNCTION analysts_sighted_by_another_portal();
    DROP FUNCTION analysts_portals_of(uuid);
"""

# Only those triggers: a row saved whole, with what its portals were when it was read, must not hide it from anybody.
GUARD = """
    CREATE FUNCTION analysts_keep_portals() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        NEW.portals := OLD.portals;
        RETURN NEW;
    END
    $$;
    CREATE TRIGGER incident_portals_kept BEFORE UPDATE OF portals ON analysts_incident
        FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION analysts_keep_portals();
"""
NO_GUARD = """
    DROP TRIGGER incident_portals_kept ON analysts_incident;
    DROP FUNCTION analysts_keep_portals();
"""

FILL_IN = """
    UPDATE analysts_incident SET portals = seen.portals
    FROM (
        SELECT incident_id, array_agg(DISTINCT portal_id ORDER BY portal_id) AS portals
        FROM analysts_sighting GROUP BY incident_id
    ) AS seen
    WHERE seen.incident_id = id;
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0011_notes_handed_over")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="portals",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                default=list,
                editable=False,
                size=None,
                verbose_name="portals",
            ),
        ),
        migrations.RunSQL(FILL_IN, migrations.RunSQL.noop),
        migrations.RunSQL(KEEP, LET_GO),
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.AddIndex(
            model_name="incident",
            index=django.contrib.postgres.indexes.GinIndex(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=["portals"],
                name="incident_portals",
            ),
        ),
    ]
