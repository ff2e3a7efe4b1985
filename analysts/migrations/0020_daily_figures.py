import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0019_figure_indexes"), ("countries", "0002_rules")]

    operations = [
        migrations.CreateModel(
            name="DailyFigure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="day")),
                ("is_month", models.BooleanField(default=False, verbose_name="month")),
                (
                    "subject",
                    models.CharField(
                        choices=[
                            ("reports", "reports received"),
                            ("addresses", "web addresses reported"),
                            ("assessed", "incidents assessed"),
                            ("decided", "incidents decided for the first time"),
                            ("notified", "recipients notified"),
                            ("removed", "incidents removed"),
                        ],
                        max_length=10,
                        verbose_name="subject",
                    ),
                ),
                (
                    "dimension",
                    models.CharField(
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
                            ("lang_hours", "time taken by language"),
                            ("sev_hours", "time taken by category"),
                            ("land_hours", "time taken by hosting country"),
                        ],
                        max_length=10,
                        verbose_name="dimension",
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=36, verbose_name="value")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
                ("key", models.PositiveBigIntegerField(verbose_name="sum of record keys")),
            ],
            options={
                "verbose_name": "figure of a day",
                "verbose_name_plural": "figures by day",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FigureProgress",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("counted_until", models.DateTimeField(verbose_name="counted until")),
            ],
            options={
                "verbose_name": "progress of figures",
                "verbose_name_plural": "progress of figures",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="FigureTarget",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("assess_hours", models.PositiveIntegerField(verbose_name="hours from report to verdict")),
                ("removal_hours", models.PositiveIntegerField(verbose_name="hours from first notice to removal")),
            ],
            options={
                "verbose_name": "target",
                "verbose_name_plural": "targets",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="WorkGauge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting for a verdict"),
                            ("takedown", "takedown in progress"),
                            ("overdue", "overdue next steps"),
                        ],
                        max_length=8,
                        verbose_name="kind",
                    ),
                ),
                ("hours", models.PositiveIntegerField(verbose_name="age in hours")),
                ("number", models.PositiveIntegerField(verbose_name="number")),
            ],
            options={
                "verbose_name": "gauge of open work",
                "verbose_name_plural": "gauges of open work",
                "default_permissions": (),
            },
        ),
        migrations.AddField(
            model_name="dailyfigure",
            name="portal",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="countries.portal",
            ),
        ),
        migrations.AddConstraint(
            model_name="figureprogress",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="figure_progress_one_row"),
        ),
        migrations.AddConstraint(
            model_name="figuretarget",
            constraint=models.CheckConstraint(condition=models.Q(("id", 1)), name="figure_target_one_row"),
        ),
        migrations.AddField(
            model_name="workgauge",
            name="portal",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="countries.portal",
            ),
        ),
        migrations.AddIndex(
            model_name="dailyfigure",
            index=models.Index(fields=["day"], name="daily_figure_day"),
        ),
        migrations.AddConstraint(
            model_name="dailyfigure",
            constraint=models.UniqueConstraint(
                fields=("subject", "dimension", "portal", "is_month", "day", "value"),
                include=("number", "key"),
                name="daily_figure_once",
                nulls_distinct=False,
            ),
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
                            "lang_hours",
                            "sev_hours",
                            "land_hours",
                        ],
                    ),
                    ("subject__in", ["reports", "addresses", "assessed", "decided", "notified", "removed"]),
                ),
                name="daily_figure_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="dailyfigure",
            constraint=models.CheckConstraint(condition=models.Q(("number__gt", 0)), name="daily_figure_of_something"),
        ),
        migrations.AddConstraint(
            model_name="workgauge",
            constraint=models.UniqueConstraint(
                fields=("portal", "kind", "hours"), name="work_gauge_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="workgauge",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["waiting", "takedown", "overdue"])), name="work_gauge_kind_known"
            ),
        ),
    ]
