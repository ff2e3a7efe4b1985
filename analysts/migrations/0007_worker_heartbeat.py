from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0006_alarms")]

    operations = [
        migrations.CreateModel(
            name="WorkerHeartbeat",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="at")),
            ],
            options={
                "verbose_name": "heartbeat of the worker",
                "verbose_name_plural": "heartbeats of the worker",
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="worker_heartbeat_one")],
            },
        ),
    ]
