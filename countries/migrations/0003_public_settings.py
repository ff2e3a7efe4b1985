"""The decided settings that public pages state: the public role reads this view, and no other decided value."""

from django.db import migrations

VIEW = """
    CREATE VIEW countries_publicsetting WITH (security_barrier) AS
        SELECT name, value, effective_at, previous FROM countries_decidedsetting
        WHERE name IN (
            'WORDS_DAYS_NOT_ACTIONED', 'WORDS_DAYS_ACTIONED', 'ADDRESSES_DAYS_NOT_ACTIONED', 'ADDRESSES_DAYS_ACTIONED'
        )
"""


class Migration(migrations.Migration):
    dependencies = [("countries", "0002_functions_and_triggers")]
    operations = [migrations.RunSQL(VIEW, "DROP VIEW countries_publicsetting")]
