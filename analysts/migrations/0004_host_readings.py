import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0003_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="JobFailure",
            fields=[
                ("job_id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="job")),
                ("task", models.CharField(db_index=True, max_length=128, verbose_name="task")),
                ("error", models.CharField(max_length=120, verbose_name="error")),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "failure of a job",
                "verbose_name_plural": "failures of jobs",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="HostReading",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("disk", "disk"),
                            ("certificate", "certificate"),
                            ("backup", "backup"),
                            ("restore", "restore rehearsal"),
                            ("unit", "service"),
                            ("release", "release"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("number", models.BigIntegerField(blank=True, null=True, verbose_name="number")),
                ("total", models.BigIntegerField(blank=True, null=True, verbose_name="total")),
                ("moment", models.DateTimeField(blank=True, null=True, verbose_name="moment")),
                (
                    "read_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="read at"),
                ),
            ],
            options={
                "verbose_name": "host reading",
                "verbose_name_plural": "host readings",
                "default_permissions": (),
                "indexes": [models.Index(fields=["kind", "name", "-id"], name="host_reading_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["disk", "certificate", "backup", "restore", "unit", "release"])
                        ),
                        name="host_reading_kind_known",
                    )
                ],
            },
        ),
    ]
