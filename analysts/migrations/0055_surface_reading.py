from django.db import migrations, models

KINDS = [
    ("disk", "disk"),
    ("certificate", "certificate"),
    ("backup", "backup"),
    ("restore", "restore rehearsal"),
    ("unit", "service"),
    ("release", "release"),
    ("mail", "mail server"),
    ("keyring", "keyring"),
    ("surface", "surface"),
]


class Migration(migrations.Migration):
    # The machine is read again each minute; going back removes them.
    computed = ("analysts_hostreading.kind",)
    dependencies = [("analysts", "0054_history")]
    operations = [
        migrations.AlterField("hostreading", "kind", models.CharField("kind", max_length=12, choices=KINDS)),
        migrations.RemoveConstraint("hostreading", "host_reading_kind_known"),
        migrations.AddConstraint(
            "hostreading",
            models.CheckConstraint(
                condition=models.Q(kind__in=[kind for kind, _label in KINDS]), name="host_reading_kind_known"
            ),
        ),
        # Reversed first, while the values are still allowed.
        migrations.RunSQL(migrations.RunSQL.noop, "DELETE FROM analysts_hostreading WHERE kind = 'surface'"),
    ]
