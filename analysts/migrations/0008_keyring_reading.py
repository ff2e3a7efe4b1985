from django.db import migrations, models

KINDS = ["disk", "certificate", "backup", "restore", "unit", "release", "mail", "keyring"]


class Migration(migrations.Migration):
    # The worker takes the readings again each minute; going back removes them.
    computed = ("analysts_hostreading.kind",)
    dependencies = [("analysts", "0007_verified_digest")]
    operations = [
        migrations.AlterField(
            "hostreading",
            "kind",
            models.CharField(
                "kind",
                max_length=12,
                choices=[
                    ("disk", "disk"),
                    ("certificate", "certificate"),
                    ("backup", "backup"),
                    ("restore", "restore rehearsal"),
                    ("unit", "service"),
                    ("release", "release"),
                    ("mail", "mail server"),
                    ("keyring", "keyring"),
                ],
            ),
        ),
        migrations.RemoveConstraint("hostreading", "host_reading_kind_known"),
        migrations.AddConstraint(
            "hostreading",
            models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="host_reading_kind_known"),
        ),
        # Reversed first, while the values are still allowed.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM analysts_hostreading WHERE kind = 'keyring'"),
    ]
