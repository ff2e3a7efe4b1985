from pathlib import Path

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
REVERSE = """
    DROP TRIGGER incident_places_changed ON analysts_incident;
    DROP FUNCTION analysts_facets_of(uuid);
    ALTER FUNCTION analysts_list_facets_of(uuid) RENAME TO analysts_facets_of;
    DELETE FROM analysts_incidentfacet WHERE name IN ('host', 'site');
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0008_keyring_reading")]
    # A list: not split into statements, which would break the functions' bodies.
    operations = [migrations.RunSQL([RULES], [REVERSE])]
