from django.db import migrations, models
from django.db.models import PROTECT, Q


class Migration(migrations.Migration):
    dependencies = [("analysts", "0052_parts_of_first_count"), ("reports", "0006_sources")]
    operations = [
        migrations.AddField(
            "report",
            "source",
            models.ForeignKey("countries.source", PROTECT, blank=True, db_index=False, null=True, related_name="+"),
        ),
        migrations.AddIndex(
            "report",
            models.Index(
                condition=Q(source__isnull=False), fields=["source", "received_hour"], name="report_of_source"
            ),
        ),
        migrations.RemoveConstraint("dailyfigure", "daily_figure_known"),
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
                    ("source", "type of partner"),
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
                    ("sources", "reports from partners’ systems"),
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
                            "source",
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
                            "sources",
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
    ]
