from django.db import migrations, models

KINDS = ("disk", "certificate", "backup", "restore", "unit", "release", "mail")


class Migration(migrations.Migration):
    dependencies = [("analysts", "0028_queue_heads")]
    # A reading is made again each minute.
    computed = ("analysts_hostreading.kind",)

    operations = [
        migrations.RemoveConstraint(model_name="hostreading", name="host_reading_kind_known"),
        migrations.AlterField(
            model_name="hostreading",
            name="kind",
            field=models.CharField(
                choices=[
                    ("disk", "disk"),
                    ("certificate", "certificate"),
                    ("backup", "backup"),
                    ("restore", "restore rehearsal"),
                    ("unit", "service"),
                    ("release", "release"),
                    ("mail", "mail server"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="hostreading",
            constraint=models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="host_reading_kind_known"),
        ),
        # On the way back first: the earlier constraint knows no readings of the mail server.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM analysts_hostreading WHERE kind = 'mail'"),
    ]
