from typing import ClassVar

from django.db import migrations

# Every database role may listen, and fill the queue of notifications: no job of staff depends on one, or sends one.
TRIGGERS = ("procrastinate_jobs_notify_queue_job_inserted_v1", "procrastinate_jobs_notify_queue_job_aborted_v1")


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0021_recipient_changed_at"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    # Disabled and not dropped: later versions of the library replace them by name.
    operations: ClassVar = [
        migrations.RunSQL(
            f"ALTER TABLE procrastinate_jobs DISABLE TRIGGER {trigger}",
            f"ALTER TABLE procrastinate_jobs ENABLE TRIGGER {trigger}",
        )
        for trigger in TRIGGERS
    ]
