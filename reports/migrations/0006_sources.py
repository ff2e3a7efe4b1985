import uuid
from pathlib import Path

from django.db import migrations, models
from django.db.models import PROTECT, Q

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
REVERSE = """
    DROP FUNCTION reports_store_source_items;
    DROP FUNCTION reports_source_state;
    DROP FUNCTION reports_source_of;
"""
SOURCE = models.ForeignKey("countries.source", PROTECT, db_index=False, related_name="+")


class Migration(migrations.Migration):
    dependencies = [("countries", "0011_sources"), ("reports", "0005_expedited_arrivals")]
    operations = [
        migrations.CreateModel(
            name="SourceDay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField("day")),
                ("addresses", models.PositiveIntegerField("addresses", default=0)),
                ("source", SOURCE.clone()),
            ],
            options={
                "verbose_name": "day of a source",
                "verbose_name_plural": "days of sources",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=["source", "day"], name="source_day_once")],
            },
        ),
        migrations.CreateModel(
            name="SourceItem",
            fields=[
                (
                    "receipt",
                    models.OneToOneField(
                        "reports.receipt", PROTECT, primary_key=True, related_name="source_item", serialize=False
                    ),
                ),
                ("reference", models.BinaryField(max_length=32)),
                ("digest", models.BinaryField(max_length=32, null=True)),
                ("received_on", models.DateField("received on")),
                ("is_closed", models.BooleanField("closed", db_default=False, default=False)),
                ("key", models.ForeignKey("countries.sourcekey", PROTECT, db_index=False, related_name="+")),
                ("source", SOURCE.clone()),
            ],
            options={
                "verbose_name": "report of a source",
                "verbose_name_plural": "reports of sources",
                "default_permissions": (),
                "indexes": [
                    models.Index(condition=Q(digest__isnull=False), fields=["received_on"], name="source_item_compared")
                ],
                "constraints": [models.UniqueConstraint(fields=["source", "reference"], name="source_item_once")],
            },
        ),
        migrations.CreateModel(
            name="SourceRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key_digest", models.BinaryField(max_length=32)),
                ("body_digest", models.BinaryField(max_length=32)),
                ("answer", models.JSONField("answer", default=list)),
                ("received_on", models.DateField("received on")),
                ("source", SOURCE.clone()),
            ],
            options={
                "verbose_name": "request of a source",
                "verbose_name_plural": "requests of sources",
                "default_permissions": (),
                "indexes": [models.Index(fields=["received_on"], name="source_request_old")],
                "constraints": [models.UniqueConstraint(fields=["source", "key_digest"], name="source_request_once")],
            },
        ),
        # A list: not split into statements, which would break the functions' bodies.
        migrations.RunSQL([RULES], REVERSE),
    ]
