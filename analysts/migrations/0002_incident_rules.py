"""No address is sealed under a key that is going; the queue's table is vacuumed by its churn, not by its size."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0001_initial"), ("reports", "0002_envelope_rules")]

    operations: ClassVar = [
        migrations.RunSQL(
            """
            CREATE TRIGGER incident_key_open AFTER INSERT OR UPDATE OF key_id ON analysts_incident
                FOR EACH ROW EXECUTE FUNCTION reports_refuse_closed_key();
            """,
            "DROP TRIGGER incident_key_open ON analysts_incident;",
        ),
        # Dead entries at the head of the queue's index are what makes claims slow.
        migrations.RunSQL(
            """
            ALTER TABLE analysts_incident SET (
                autovacuum_vacuum_scale_factor = 0,
                autovacuum_vacuum_threshold = 2000,
                autovacuum_vacuum_cost_delay = 0
            );
            """,
            """
            ALTER TABLE analysts_incident RESET (
                autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold, autovacuum_vacuum_cost_delay
            );
            """,
        ),
    ]
