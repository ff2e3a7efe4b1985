from django.db import migrations, models

import reports.models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0005_portal_grants")]

    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("danger", "child in danger"),
                            ("volume", "unusually many reports"),
                            ("anchor", "audit log"),
                            ("coverage", "portal without analysts"),
                        ],
                        max_length=8,
                        primary_key=True,
                        serialize=False,
                        verbose_name="kind",
                    ),
                ),
                ("raised_at", models.DateTimeField(verbose_name="raised at (hour)")),
                ("raised", models.PositiveIntegerField(default=1, verbose_name="how often it was raised")),
                ("attempts", models.PositiveIntegerField(default=0, verbose_name="attempts")),
                ("next_try_at", models.DateTimeField(verbose_name="next try at")),
                ("failed_at", models.DateTimeField(blank=True, null=True, verbose_name="failed at")),
            ],
            options={
                "verbose_name": "alarm",
                "verbose_name_plural": "alarms",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["danger", "volume", "anchor", "coverage"])),
                        name="alarm_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=reports.models.WholeHour("raised_at"), name="alarm_raised_whole_hour"
                    ),
                ],
            },
        ),
    ]
