import uuid
from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import reports.models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
ORIGINS = [
    ("telephone", "by telephone"),
    ("letter", "by e-mail or letter"),
    ("hotline", "from another hotline"),
    ("police", "from the police"),
    ("partner", "from a helpline or another organisation"),
    ("found", "found by an analyst"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0007_recipient_words"),
        ("countries", "0002_rules"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="EnteredAddress",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("origin", models.CharField(choices=ORIGINS, max_length=10, verbose_name="origin")),
                ("entered_hour", models.DateTimeField(verbose_name="entered (hour)")),
                ("in_danger", models.BooleanField(default=False, verbose_name="says a child is in danger now")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        related_name="+",
                        on_delete=django.db.models.deletion.PROTECT,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        related_name="entries",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="analysts.incident",
                    ),
                ),
                (
                    "merged_from",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        db_index=False,
                        related_name="+",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="analysts.incident",
                    ),
                ),
                (
                    "portal",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        db_index=False,
                        related_name="+",
                        on_delete=django.db.models.deletion.PROTECT,
                        to="countries.portal",
                    ),
                ),
            ],
            options={
                "verbose_name": "entered address",
                "verbose_name_plural": "entered addresses",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("origin__in", [origin for origin, _label in ORIGINS])),
                        name="entered_origin_known",
                    ),
                    models.CheckConstraint(
                        condition=reports.models.WholeHour("entered_hour"), name="entered_whole_hour"
                    ),
                    models.UniqueConstraint(
                        fields=("incident", "portal", "origin", "by", "entered_hour", "in_danger"),
                        name="entered_once",
                        nulls_distinct=False,
                    ),
                ],
            },
        ),
        migrations.RunSQL([RULES]),
    ]
