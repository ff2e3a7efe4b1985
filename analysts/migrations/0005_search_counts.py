from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reports.models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0004_host_readings")]

    operations: ClassVar = [
        migrations.CreateModel(
            name="SearchCount",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hour", models.DateTimeField(verbose_name="hour")),
                ("searches", models.PositiveIntegerField(verbose_name="searches")),
                (
                    "refused_hour",
                    models.DateTimeField(blank=True, null=True, verbose_name="hour in which the limit was exceeded"),
                ),
            ],
            options={
                "verbose_name": "number of searches",
                "verbose_name_plural": "numbers of searches",
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("refused_hour__isnull", False)),
                        fields=["refused_hour"],
                        name="search_refused",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            reports.models.WholeHour("hour"),
                            models.Q(("refused_hour", None), reports.models.WholeHour("refused_hour"), _connector="OR"),
                        ),
                        name="search_count_whole_hours",
                    )
                ],
            },
        ),
    ]
