"""Whoever says in the midst of a flood that a child is in danger was not counted; now it is, group by group."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0007_sightings_without_order")]

    operations: ClassVar = [
        # What is part of a flood has never been assessed: no tick of it was considered before.
        migrations.RunSQL(
            """
            UPDATE analysts_incident AS incident SET child_in_danger = true
            WHERE priority = 0 AND state IN ('waiting', 'claimed') AND EXISTS (
                SELECT FROM analysts_sighting AS sighting JOIN analysts_report AS report
                ON report.receipt_id = sighting.report_id
                WHERE sighting.incident_id = incident.id AND 'child_in_danger' = ANY (report.facts)
            );
            """,
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex("incident", "incident_danger"),
        migrations.AddIndex(
            "incident",
            models.Index(
                F("priority").desc(),
                "waiting_since",
                "id",
                condition=Q(child_in_danger=True, state__in=["waiting", "claimed"]),
                name="incident_danger",
            ),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(
                condition=Q(child_in_danger=True, priority=0, state="waiting"),
                fields=["flood", "waiting_since", "id"],
                name="incident_flood_danger",
            ),
        ),
    ]
