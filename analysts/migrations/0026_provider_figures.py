import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0025_reply_decisions"),
        ("countries", "0002_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="IndependenceStatement",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("text", models.TextField(max_length=5000, verbose_name="text")),
            ],
            options={
                "verbose_name": "statement of independence",
                "verbose_name_plural": "statements of independence",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ProviderSheet",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("statement", models.TextField(blank=True, max_length=5000, verbose_name="statement of the provider")),
                ("released_at", models.DateTimeField(blank=True, null=True, verbose_name="released at")),
            ],
            options={
                "verbose_name": "provider sheet",
                "verbose_name_plural": "provider sheets",
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="dailyfigure",
            name="daily_figure_known",
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="dimension",
            field=models.CharField(
                choices=[
                    ("all", "all"),
                    ("language", "language"),
                    ("newness", "reported before"),
                    ("verdict", "verdict"),
                    ("severity", "category"),
                    ("age", "age"),
                    ("sex", "sex"),
                    ("site_type", "site type"),
                    ("flag", "flag"),
                    ("reason", "reason"),
                    ("hours", "time taken"),
                    ("country", "hosting country"),
                    ("provider", "hosting provider"),
                    ("recipient", "type of recipient"),
                    ("wide_hours", "time taken, in wide intervals"),
                    ("prov_type", "provider and type of content"),
                    ("prov_kind", "provider and kind of reply"),
                    ("prov_hours", "provider and time taken"),
                    ("prov_act", "provider and action"),
                    ("lang_hours", "time taken by language"),
                    ("sev_hours", "time taken by category"),
                    ("land_hours", "time taken by hosting country"),
                ],
                max_length=10,
                verbose_name="dimension",
            ),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="subject",
            field=models.CharField(
                choices=[
                    ("reports", "reports received"),
                    ("addresses", "web addresses reported"),
                    ("assessed", "incidents assessed"),
                    ("decided", "incidents decided for the first time"),
                    ("notified", "recipients notified"),
                    ("letters", "notices sent"),
                    ("replies", "replies received"),
                    ("answered", "actions of recipients"),
                    ("removed", "incidents removed"),
                ],
                max_length=10,
                verbose_name="subject",
            ),
        ),
        migrations.AlterField(
            model_name="dailyfigure",
            name="value",
            field=models.CharField(blank=True, max_length=80, verbose_name="value"),
        ),
        migrations.AddConstraint(
            model_name="dailyfigure",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "dimension__in",
                        [
                            "all",
                            "language",
                            "newness",
                            "verdict",
                            "severity",
                            "age",
                            "sex",
                            "site_type",
                            "flag",
                            "reason",
                            "hours",
                            "country",
                            "provider",
                            "recipient",
                            "wide_hours",
                            "prov_type",
                            "prov_kind",
                            "prov_hours",
                            "prov_act",
                            "lang_hours",
                            "sev_hours",
                            "land_hours",
                        ],
                    ),
                    (
                        "subject__in",
                        [
                            "reports",
                            "addresses",
                            "assessed",
                            "decided",
                            "notified",
                            "letters",
                            "replies",
                            "answered",
                            "removed",
                        ],
                    ),
                ),
                name="daily_figure_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="independencestatement",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="independence_one_row"),
        ),
        migrations.AddField(
            model_name="providersheet",
            name="period",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sheets",
                to="analysts.periodclose",
            ),
        ),
        migrations.AddField(
            model_name="providersheet",
            name="provider",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="sheets", to="analysts.recipient"
            ),
        ),
        migrations.AddField(
            model_name="providersheet",
            name="released_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="providersheet",
            name="statement_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="providersheet",
            constraint=models.UniqueConstraint(fields=("period", "provider"), name="provider_sheet_once"),
        ),
        migrations.AddConstraint(
            model_name="providersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("released_at", None), ("released_by", None)),
                    models.Q(("released_at__isnull", False), ("released_by__isnull", False)),
                    _connector="OR",
                ),
                name="provider_sheet_released_at_some_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="providersheet",
            constraint=models.CheckConstraint(
                condition=models.Q(("statement", ""), ("statement_by__isnull", False), _connector="OR"),
                name="provider_sheet_statement_by_person",
            ),
        ),
        # The worker's next run counts all days, with the figures of providers.
        migrations.RunSQL("DELETE FROM analysts_figureprogress", migrations.RunSQL.noop),
    ]
