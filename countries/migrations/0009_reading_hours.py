"""Public pages state the hours in which reports are read."""

from django.db import migrations

VIEW = """
    CREATE OR REPLACE VIEW countries_visiblesetting WITH (security_barrier) AS
        SELECT name, value, effective_at, previous FROM countries_decidedsetting
        WHERE name IN (
            {}'WORDS_DAYS_NOT_ACTIONED', 'WORDS_DAYS_ACTIONED', 'ADDRESSES_DAYS_NOT_ACTIONED', 'ADDRESSES_DAYS_ACTIONED'
        ) OR has_table_privilege('countries_decidedsetting', 'SELECT')
"""


class Migration(migrations.Migration):
    dependencies = [("countries", "0008_setting_ends")]
    operations = [migrations.RunSQL(VIEW.format("'READING_HOURS', "), VIEW.format(""))]
