from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0010_appeal_drop_reason"),
        ("countries", "0002_rules"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="IncidentFacet",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "portal",
                        "name",
                        "value",
                        "received",
                        "incident",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("name", models.CharField(max_length=12, verbose_name="name")),
                ("value", models.CharField(max_length=40, verbose_name="value")),
                ("received", models.DateTimeField(verbose_name="received (hour)")),
                (
                    "incident",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="analysts.incident",
                    ),
                ),
                (
                    "portal",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="countries.portal",
                    ),
                ),
            ],
            options={
                "verbose_name": "filter value",
                "verbose_name_plural": "filter values",
                "default_permissions": (),
                "indexes": [models.Index(fields=["incident"], name="facet_of_incident")],
            },
        ),
        # A list: not split into statements, which would break the functions' bodies.
        migrations.RunSQL([RULES]),
    ]
