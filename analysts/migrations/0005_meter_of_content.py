from django.db import migrations, models

ALARMS = ["danger", "volume", "anchor", "coverage", "suspend", "contacts", "approval", "search"]
# Until now each reading of a letter showed its reply link. Read by the index of actions.
MARK_READ_LINKS = """
    UPDATE analysts_notice AS notice SET link_read_at = reading.at
    FROM (
        SELECT object_id, min(at) AS at FROM audit_auditevent WHERE action = 'notice.read' GROUP BY object_id
    ) AS reading
    WHERE reading.object_id = notice.id::text
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0004_portals_of_exports"), ("audit", "0002_functions_and_triggers")]
    operations = [
        migrations.AddField(
            "exposure", "addresses_read", models.PositiveIntegerField("addresses read", default=0, db_default=0)
        ),
        migrations.AddField(
            "exposure", "addresses_copied", models.PositiveIntegerField("addresses copied", default=0, db_default=0)
        ),
        migrations.AddField("exposure", "alarmed_at", models.DateTimeField("alarm raised at", null=True, blank=True)),
        migrations.AddField(
            "notice", "link_read_at", models.DateTimeField("reply link shown at", null=True, blank=True)
        ),
        migrations.RunSQL(MARK_READ_LINKS, migrations.RunSQL.noop),
        migrations.AlterField(
            "alarm",
            "kind",
            models.CharField(
                "kind",
                max_length=8,
                primary_key=True,
                serialize=False,
                choices=[
                    ("danger", "child in danger"),
                    ("volume", "unusually many reports"),
                    ("anchor", "audit log"),
                    ("coverage", "portal without analysts"),
                    ("suspend", "portal suspended by one operator"),
                    ("contacts", "contacts to check"),
                    ("approval", "approval request"),
                    ("search", "search limit"),
                    ("reading", "unusually many addresses revealed"),
                ],
            ),
        ),
        migrations.RemoveConstraint("alarm", "alarm_kind_known"),
        migrations.AddConstraint(
            "alarm",
            models.CheckConstraint(condition=models.Q(kind__in=[*ALARMS, "reading"]), name="alarm_kind_known"),
        ),
    ]
