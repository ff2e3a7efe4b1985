import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0012_next_steps")]

    operations = [
        migrations.CreateModel(
            name="FloodFolding",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("flood", models.BinaryField(max_length=32, unique=True)),
                ("at", models.DateTimeField(verbose_name="at")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("invented", "the addresses seem invented"),
                            ("repeated", "the same content under many addresses"),
                            ("unreachable", "none of the pages checked exists"),
                        ],
                        max_length=12,
                        verbose_name="reason",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "folding by hand",
                "verbose_name_plural": "foldings by hand",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("reason__in", ["invented", "repeated", "unreachable"])),
                        name="flood_folding_reason_known",
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(
                    ("priority", 0),
                    ("state__in", ["waiting", "claimed"]),
                    models.Q(("site_fingerprint", b""), _negated=True),
                ),
                fields=["site_fingerprint"],
                name="incident_folded_site",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(
                    ("round__gt", 1),
                    ("state__in", ["waiting", "claimed"]),
                    models.Q(("site_fingerprint", b""), _negated=True),
                ),
                fields=["site_fingerprint"],
                name="incident_reopened_site",
            ),
        ),
    ]
