import datetime
import uuid
from typing import ClassVar

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0029_mail_readings"),
    ]

    operations: ClassVar = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "subject",
                    models.CharField(
                        choices=[("incidents", "Incidents"), ("events", "Audit events")],
                        max_length=9,
                        verbose_name="table",
                    ),
                ),
                (
                    "format",
                    models.CharField(choices=[("csv", "CSV"), ("xlsx", "XLSX")], max_length=4, verbose_name="format"),
                ),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20), blank=True, default=list, verbose_name="columns"
                    ),
                ),
                ("query", models.CharField(blank=True, max_length=1000, verbose_name="filters")),
                ("has_addresses", models.BooleanField(default=False, verbose_name="with addresses")),
                ("addresses", models.PositiveIntegerField(default=0, verbose_name="addresses")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for the worker"),
                            ("running", "being written"),
                            ("ready", "ready"),
                            ("fetched", "downloaded, and erased here"),
                            ("cancelled", "cancelled"),
                            ("stopped", "not written"),
                            ("expired", "erased after 24 hours"),
                        ],
                        default="waiting",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("too_long", "An XLSX sheet holds at most 1,048,575 rows. Order it as CSV."),
                            ("limit", "It has more addresses than you may put into files today. Narrow the filters."),
                            ("refused", "Your account may not export this any more."),
                            ("filters", "The filters are no longer valid. Set them again on the list."),
                            ("no_key", "There is no key to seal it to. Tell an administrator."),
                            ("failed", "It failed. Administrators see why on the operations page. Order it again."),
                        ],
                        max_length=8,
                        verbose_name="problem",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="ordered at")),
                ("until", models.DateTimeField(verbose_name="kept until")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="ended at")),
                ("run", models.PositiveSmallIntegerField(default=0, verbose_name="run")),
                ("active_at", models.DateTimeField(blank=True, null=True, verbose_name="active at")),
                ("total", models.PositiveIntegerField(blank=True, null=True, verbose_name="rows to write")),
                ("written", models.PositiveIntegerField(default=0, verbose_name="rows written")),
                ("size", models.PositiveBigIntegerField(default=0, verbose_name="bytes")),
                (
                    "by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "export",
                "verbose_name_plural": "exports",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "export", "number", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("key_id", models.CharField(max_length=40, verbose_name="key")),
                ("sealed", models.BinaryField()),
                (
                    "export",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="analysts.export",
                    ),
                ),
            ],
            options={
                "verbose_name": "part of an export",
                "verbose_name_plural": "parts of exports",
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["by", "-at"], name="export_of_person"),
        ),
        migrations.AddIndex(
            model_name="export",
            index=models.Index(fields=["until"], name="export_until"),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ("waiting", "running"))),
                fields=("by",),
                name="export_one_unfinished_a_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("subject__in", ["incidents", "events"])), name="export_subject_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(("format__in", ["csv", "xlsx"])), name="export_format_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__gt", models.F("at")),
                    (
                        "until__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("at"), "+", models.Value(datetime.timedelta(days=1))
                        ),
                    ),
                ),
                name="export_kept_a_day_at_most",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at", None), ("state__in", ("waiting", "running", "ready"))),
                    models.Q(
                        ("state__in", ["waiting", "running", "ready", "fetched", "cancelled", "stopped", "expired"]),
                        models.Q(("state__in", ("waiting", "running", "ready")), _negated=True),
                        ("ended_at__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="export_ended_with_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("problem__in", ["too_long", "limit", "refused", "filters", "no_key", "failed"]),
                        ("state", "stopped"),
                    ),
                    models.Q(models.Q(("state", "stopped"), _negated=True), ("problem", "")),
                    _connector="OR",
                ),
                name="export_stopped_with_problem",
            ),
        ),
        migrations.AddConstraint(
            model_name="export",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("has_addresses", True), ("subject", "incidents")),
                    models.Q(("addresses", 0), ("has_addresses", False)),
                    _connector="OR",
                ),
                name="export_addresses_of_incidents",
            ),
        ),
    ]
