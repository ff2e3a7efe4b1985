from django.db import migrations, models

KINDS = {1: "worker", 2: "intake"}
# Jobs of this kind that wait are of a name that the worker does not know any more: intake is a process of its own.
FORMER_JOBS = """
    DELETE FROM procrastinate_jobs WHERE status = 'todo' AND task_name = 'analysts.pages.tasks.take_in'
"""


class Migration(migrations.Migration):
    dependencies = [
        ("analysts", "0047_systemic_cases"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    # The row of intake, which its process writes again within seconds.
    computed = ("analysts_workerheartbeat.id",)
    operations = [
        migrations.AlterModelOptions(
            "workerheartbeat",
            options={
                "default_permissions": (),
                "verbose_name": "heartbeat of a worker",
                "verbose_name_plural": "heartbeats of the workers",
            },
        ),
        migrations.AlterField(
            "workerheartbeat",
            "id",
            models.PositiveSmallIntegerField(
                choices=list(KINDS.items()), default=1, editable=False, primary_key=True, serialize=False
            ),
        ),
        migrations.RemoveConstraint("workerheartbeat", "worker_heartbeat_one"),
        migrations.AddConstraint(
            "workerheartbeat",
            models.CheckConstraint(condition=models.Q(id__in=list(KINDS)), name="worker_heartbeat_kind_known"),
        ),
        migrations.RunSQL(FORMER_JOBS, "DELETE FROM analysts_workerheartbeat WHERE id <> 1"),
    ]
