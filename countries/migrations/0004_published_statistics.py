from datetime import timedelta
from pathlib import Path

from django.db import migrations, models
from django.db.models import F, Q

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
# The function goes with its trigger, and the trigger with the table.
UNDO = "DROP FUNCTION countries_refuse_changed_statistics() CASCADE"


class Migration(migrations.Migration):
    dependencies = [("countries", "0003_decided_settings")]

    operations = [
        migrations.CreateModel(
            name="PublishedStatistics",
            fields=[
                ("period", models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name="period")),
                ("last_day", models.DateField(verbose_name="last day")),
                ("published_on", models.DateField(verbose_name="published on")),
                ("figures", models.JSONField(verbose_name="figures")),
                ("digest", models.CharField(max_length=64, verbose_name="digest")),
            ],
            options={
                "verbose_name": "published statistics",
                "verbose_name_plural": "published statistics",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(period__regex=r"^20[0-9]{2}(Q[1-4])?$"), name="statistics_quarter_or_year"
                    ),
                    models.CheckConstraint(
                        condition=Q(published_on__gte=F("last_day") + timedelta(days=30)),
                        name="statistics_not_before_30_days",
                    ),
                ],
            },
        ),
        # A list: not split into statements, which would break the function's body.
        migrations.RunSQL([RULES], [UNDO]),
    ]
