"""How many reports each portal got in each hour, so that far more than usual is seen without counting them again."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

import reports.models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0003_floods_folded"), ("countries", "0001_initial")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="PortalHour",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "portal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="countries.portal"
                    ),
                ),
                ("hour", models.DateTimeField(verbose_name="hour")),
                ("reports", models.PositiveIntegerField(default=0, verbose_name="reports")),
                ("mailed", models.BooleanField(default=False, verbose_name="mailed")),
            ],
            options={
                "verbose_name": "hour of a portal",
                "verbose_name_plural": "hours of portals",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("portal", "hour"), name="portal_hour_once"),
                    models.CheckConstraint(condition=reports.models.WholeHour("hour"), name="portal_hour_whole"),
                ],
            },
        ),
    ]
