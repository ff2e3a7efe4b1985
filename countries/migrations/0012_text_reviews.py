from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

COPY = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
PARTS = [
    ("title", "title"),
    ("welcome", "welcome"),
    ("about", "about"),
    ("law", "law"),
    ("suspended_message", "message while suspended"),
    ("closed_message", "message while closed"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0011_approval_announcement"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="TextReview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("part", models.CharField(choices=PARTS, max_length=20, verbose_name="text")),
                ("digest", models.CharField(max_length=64, verbose_name="digest of the text")),
                (
                    "reviewed_by",
                    models.CharField(
                        help_text="A named speaker of the language.", max_length=100, verbose_name="reviewed by"
                    ),
                ),
                ("reviewed_on", models.DateField(verbose_name="reviewed on")),
                (
                    "recorded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recorded by",
                    ),
                ),
                (
                    "text",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reviews",
                        to="countries.portaltext",
                        verbose_name="portal text",
                    ),
                ),
            ],
            options={
                "verbose_name": "review of a text",
                "verbose_name_plural": "reviews of texts",
                "ordering": ["text", "part"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("text", "part"), name="text_review_once_a_part"),
                    models.CheckConstraint(
                        condition=models.Q(("part__in", [value for value, _label in PARTS])),
                        name="text_review_part_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="text_review_digest_sha256"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reviewed_by__length__gt", 0)), name="text_review_with_name"
                    ),
                ],
            },
        ),
        # A list: not split into statements.
        migrations.RunSQL([COPY]),
        migrations.RemoveField(model_name="portaltext", name="reviewed_by"),
        migrations.RemoveField(model_name="portaltext", name="reviewed_on"),
    ]
