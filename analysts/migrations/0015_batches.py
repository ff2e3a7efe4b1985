import datetime
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q

KINDS = [
    ("first", "first assessments"),
    ("second", "second reviews"),
    ("traces", "hosting traces"),
    ("checks", "availability checks"),
]
STATES = [("drawn", "on the workstation"), ("returned", "returned"), ("late", "late"), ("revoked", "revoked")]


class Migration(migrations.Migration):
    dependencies = [("analysts", "0014_workstation_sealing_key")]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=KINDS, max_length=6, verbose_name="kind")),
                ("state", models.CharField(choices=STATES, default="drawn", max_length=8, verbose_name="state")),
                ("at", models.DateTimeField(verbose_name="drawn at")),
                ("until", models.DateTimeField(verbose_name="back in the queue at")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "workstation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="analysts.workstation",
                    ),
                ),
            ],
            options={
                "verbose_name": "batch",
                "verbose_name_plural": "batches",
                "ordering": ["-at"],
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["by", "-at"], name="batch_of_person"),
                    models.Index(fields=["-at"], name="batch_latest"),
                    models.Index(fields=["until"], name="batch_leases", condition=Q(state="drawn")),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["by"], condition=Q(state="drawn"), name="batch_one_open_a_person"),
                    models.CheckConstraint(
                        condition=Q(kind__in=[kind for kind, _label in KINDS]), name="batch_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(until__gt=F("at"), until__lte=F("at") + datetime.timedelta(days=1)),
                        name="batch_lease_within_a_day",
                    ),
                    models.CheckConstraint(
                        condition=Q(state="drawn", ended_at=None, ended_by=None)
                        | Q(state="late", ended_at__isnull=False, ended_by=None)
                        | Q(state__in=["returned", "revoked"], ended_at__isnull=False, ended_by__isnull=False),
                        name="batch_ended_with_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BatchItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("round", models.PositiveSmallIntegerField(verbose_name="round")),
                ("fence", models.PositiveIntegerField(verbose_name="claim number")),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="result received at")),
                (
                    "answer",
                    models.BinaryField(blank=True, default=b"", max_length=32, verbose_name="digest of the result"),
                ),
                ("seconds", models.PositiveIntegerField(default=0, verbose_name="seconds of exposure")),
                ("refusal", models.CharField(blank=True, max_length=300, verbose_name="refused")),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="analysts.batch",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_items",
                        to="analysts.incident",
                    ),
                ),
            ],
            options={
                "verbose_name": "incident of a batch",
                "verbose_name_plural": "incidents of batches",
                "ordering": ["number"],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=["batch", "incident"], name="batch_item_once_a_batch"),
                    models.CheckConstraint(
                        condition=Q(answered_at=None, answer=b"") | (Q(answered_at__isnull=False) & ~Q(answer=b"")),
                        name="batch_item_answered_once",
                    ),
                ],
            },
        ),
    ]
