"""Nearly equal reports that come in a flood are one group with the lowest priority, which nothing else has."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0002_incident_rules")]

    operations: ClassVar = [
        migrations.AddField("incident", "shape", models.BinaryField(blank=True, default=b"", max_length=32)),
        migrations.AddField("incident", "flood", models.BinaryField(blank=True, default=b"", max_length=32)),
        migrations.AlterField(
            "incident", "priority", models.PositiveSmallIntegerField(default=1, verbose_name="priority")
        ),
        # What had no reason to be urgent was 0 so far.
        migrations.RunSQL(
            "UPDATE analysts_incident SET priority = 1 WHERE priority = 0;",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex("incident", models.Index(fields=["shape", "-first_sighted"], name="incident_shape")),
        migrations.AddIndex(
            "incident",
            models.Index(
                condition=models.Q(state="waiting", priority=0),
                fields=["flood", "waiting_since", "id"],
                name="incident_flood",
            ),
        ),
        migrations.AddConstraint(
            "incident",
            models.CheckConstraint(
                condition=models.Q(flood=b"", priority__gt=0) | (~models.Q(flood=b"") & models.Q(priority=0)),
                name="incident_flood_is_lowest",
            ),
        ),
    ]
