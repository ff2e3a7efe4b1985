import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0013_flood_folding")]

    operations = [
        migrations.CreateModel(
            name="FloodSample",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("flood", models.BinaryField(max_length=32)),
                ("at", models.DateTimeField(verbose_name="at")),
                ("seed", models.BinaryField(max_length=32)),
                (
                    "population",
                    django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), verbose_name="incidents"),
                ),
                ("asked_at", models.DateTimeField(blank=True, null=True, verbose_name="asked at")),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("illegal", "illegal"),
                            ("not_illegal", "not illegal"),
                            ("not_assessed", "could not assess"),
                            ("outside_remit", "outside remit"),
                        ],
                        max_length=16,
                        verbose_name="verdict",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("content_not_found", "content not found"),
                            ("referrer_wrong", "referrer unknown or wrong"),
                            ("unable_to_access", "unable to access"),
                            ("password_protected", "password protected"),
                            ("account_disabled", "account disabled"),
                            ("legally_unable", "legally unable to access"),
                            ("link_expired", "link expired"),
                            ("site_down", "404 or site down"),
                            ("temporarily_down", "503 or temporarily unavailable"),
                            ("premium_needed", "premium account needed"),
                            ("missing_parts", "missing parts to open file"),
                            ("removed_before", "removed before assessment"),
                            ("adult", "adults only"),
                            ("not_sexualised", "nudism or not sexualised"),
                            ("below_threshold", "below the threshold for illegality"),
                            ("too_small", "images too small"),
                            ("virtual", "virtual material"),
                            ("link_list", "linking or link lists not illegal"),
                            ("age_unclear", "age unclear"),
                            ("age_over", "age over the national threshold"),
                            ("other", "other"),
                        ],
                        max_length=20,
                        verbose_name="reason",
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "sample of similar reports",
                "verbose_name_plural": "samples of similar reports",
                "default_permissions": (),
                "indexes": [models.Index(fields=["flood", "-at"], name="flood_sample_of_flood")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("flood", "by"),
                        name="flood_sample_one_unfinished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("asked_at", None), ("reason", ""), ("verdict", "")),
                            models.Q(
                                ("asked_at__isnull", False),
                                models.Q(("verdict", ""), _negated=True),
                                models.Q(("reason", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="flood_sample_asked_with_decision",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FloodSampleItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("opened_at", models.DateTimeField(blank=True, null=True, verbose_name="opened at")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="analysts.incident"
                    ),
                ),
                (
                    "sample",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="items", to="analysts.floodsample"
                    ),
                ),
            ],
            options={
                "verbose_name": "incident of a sample",
                "verbose_name_plural": "incidents of a sample",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("sample", "incident"), name="flood_sample_item_once")],
            },
        ),
        migrations.AddField(
            model_name="bulkclosing",
            name="sample",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="closing",
                to="analysts.floodsample",
            ),
        ),
        migrations.AddField(
            model_name="bulkclosing",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkclosing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by__isnull", True),
                    models.Q(("approved_by", models.F("by")), _negated=True),
                    _connector="OR",
                ),
                name="bulk_closing_approved_by_another",
            ),
        ),
    ]
