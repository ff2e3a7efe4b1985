from typing import ClassVar

from django.db import migrations, models

# Receipts say other things now, so the next batch publishes each of them again.
PUBLISH_ALL = "UPDATE analysts_report SET unpublished = TRUE WHERE NOT unpublished"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0015_flood_rules"), ("reports", "0006_public_states")]

    operations: ClassVar = [
        migrations.AddField(
            "incident",
            "answers_from",
            models.PositiveSmallIntegerField(default=1, verbose_name="verdicts count from round"),
        ),
        migrations.AddField(
            "incident",
            "reopens_at",
            models.DateTimeField(blank=True, null=True, verbose_name="reopens at"),
        ),
        migrations.AddField(
            "sighting",
            "round",
            models.PositiveSmallIntegerField(default=1, verbose_name="answered from round"),
        ),
        migrations.AddIndex(
            "incident",
            models.Index(
                condition=models.Q(reopens_at__isnull=False), fields=["reopens_at", "id"], name="incident_reopens"
            ),
        ),
        migrations.AddConstraint(
            "incident",
            models.CheckConstraint(
                condition=models.Q(answers_from__lte=models.F("round")),
                name="incident_answers_from_known_round",
            ),
        ),
        migrations.AddConstraint(
            "sighting", models.CheckConstraint(condition=models.Q(round__gte=1), name="sighting_round_from_one")
        ),
        migrations.RunSQL(PUBLISH_ALL, migrations.RunSQL.noop),
    ]
