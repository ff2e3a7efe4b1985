from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
UNDO_RULES = "DROP TRIGGER banner_words_approved ON countries_banner; DROP FUNCTION countries_refuse_unapproved_words()"
READY_TEXTS = [
    ("maintenance", "maintenance today, reports are taken"),
    ("slow", "many reports, answers take longer"),
    ("receipts_late", "receipts show news later than usual"),
]
READY_KEYS = ["maintenance", "slow", "receipts_late"]


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0008_emergency_suspensions"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Banner",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "ready_text",
                    models.CharField(blank=True, choices=READY_TEXTS, max_length=16, verbose_name="ready text"),
                ),
                ("words", models.JSONField(blank=True, default=dict, verbose_name="words by language")),
                ("shown_until", models.DateTimeField(blank=True, null=True, verbose_name="shown until")),
            ],
            options={
                "verbose_name": "banner",
                "verbose_name_plural": "banners",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="banner_one"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ready_text__in", READY_KEYS), ("words", {})),
                            models.Q(("ready_text", ""), models.Q(("words", {}), _negated=True)),
                            _connector="OR",
                        ),
                        name="banner_ready_or_own_words",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InstallationMode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("read_only", "read-only"), ("banner", "banner"), ("sending", "sending stopped")],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                (
                    "ready_text",
                    models.CharField(blank=True, choices=READY_TEXTS, max_length=16, verbose_name="ready text"),
                ),
                ("words", models.JSONField(blank=True, default=dict, verbose_name="words by language")),
                ("started_at", models.DateTimeField(verbose_name="started at")),
                ("approved_at", models.DateTimeField(blank=True, null=True, verbose_name="approved at")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="ends at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "approved_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="approved by",
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "mode of the installation",
                "verbose_name_plural": "modes of the installation",
                "ordering": ["-pk"],
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["read_only", "banner", "sending"])), name="mode_kind_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)), fields=("kind",), name="mode_once_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(models.Q(("kind", "banner"), _negated=True), ("ready_text", ""), ("words", {})),
                            models.Q(("kind", "banner"), ("ready_text__in", READY_KEYS), ("words", {})),
                            models.Q(("kind", "banner"), ("ready_text", ""), models.Q(("words", {}), _negated=True)),
                            _connector="OR",
                        ),
                        name="mode_banner_ready_or_own_words",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("approved_at", None), ("approved_by", None)),
                            models.Q(
                                ("approved_at__isnull", False),
                                ("approved_by__isnull", False),
                                models.Q(("words", {}), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="mode_approved_with_name_and_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("approved_by", models.F("started_by")), _negated=True),
                        name="mode_approved_by_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ended_by", None)),
                            models.Q(("ended_at__isnull", False), ("ended_by__isnull", False)),
                            models.Q(("ended_at", models.F("ends_at")), ("ended_by", None)),
                            _connector="OR",
                        ),
                        name="mode_ended_by_a_person_or_its_time",
                    ),
                ],
            },
        ),
        # A list: not split into statements, which would break the function's body.
        migrations.RunSQL([RULES], [UNDO_RULES]),
    ]
