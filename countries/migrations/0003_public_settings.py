"""The decided settings that a role may see: the public one those that public pages state, and no other value.

By the role that asks: in a demonstration both surfaces are one process, which reads the view for both.
"""

from django.db import migrations

VIEW = """
    CREATE VIEW countries_visiblesetting WITH (security_barrier) AS
        SELECT name, value, effective_at, previous FROM countries_decidedsetting
        WHERE name IN (
            'WORDS_DAYS_NOT_ACTIONED', 'WORDS_DAYS_ACTIONED', 'ADDRESSES_DAYS_NOT_ACTIONED', 'ADDRESSES_DAYS_ACTIONED'
        ) OR has_table_privilege('countries_decidedsetting', 'SELECT')
"""


class Migration(migrations.Migration):
    dependencies = [("countries", "0002_functions_and_triggers")]
    operations = [migrations.RunSQL(VIEW, "DROP VIEW countries_visiblesetting")]
