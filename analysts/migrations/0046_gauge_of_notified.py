from django.db import migrations, models

KINDS = {
    "waiting": "waiting for a verdict",
    "takedown": "takedown in progress",
    "notified": "first notice sent, not yet removed",
    "overdue": "overdue next steps",
}


class Migration(migrations.Migration):
    dependencies = [("analysts", "0045_characters_read")]
    computed = ("analysts_workgauge.kind",)
    operations = [
        migrations.RemoveConstraint("workgauge", "work_gauge_kind_known"),
        migrations.AlterField("workgauge", "kind", models.CharField("kind", choices=list(KINDS.items()), max_length=8)),
        migrations.AddConstraint(
            "workgauge",
            models.CheckConstraint(condition=models.Q(("kind__in", list(KINDS))), name="work_gauge_kind_known"),
        ),
        # Every few minutes all gauges are counted again.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM analysts_workgauge WHERE kind = 'notified'"),
    ]
