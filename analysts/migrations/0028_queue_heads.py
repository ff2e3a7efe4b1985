import uuid
from pathlib import Path

from django.db import migrations, models

import reports.models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
WITHOUT_RULES = """
    DROP TRIGGER incident_came_to_wait ON analysts_incident;
    DROP TRIGGER incident_waits_again ON analysts_incident;
    DROP FUNCTION analysts_note_queue_return();
    DROP FUNCTION analysts_advance_queue_heads();
"""


class Migration(migrations.Migration):
    dependencies = [("analysts", "0027_figures_taken_over")]
    # From the incidents that wait.
    computed = ("analysts_queuehead", "analysts_queuereturn")

    operations = [
        migrations.CreateModel(
            name="QueueHead",
            fields=[
                (
                    "priority",
                    models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name="priority"),
                ),
                ("since", models.DateTimeField(verbose_name="waiting since (hour)")),
            ],
            options={
                "verbose_name": "queue head",
                "verbose_name_plural": "queue heads",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=reports.models.WholeHour("since"), name="queue_head_whole_hour")
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueReturn",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("priority", models.PositiveSmallIntegerField(verbose_name="priority")),
                ("since", models.DateTimeField(verbose_name="waiting since (hour)")),
            ],
            options={
                "verbose_name": "return to the queue",
                "verbose_name_plural": "returns to the queue",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(condition=reports.models.WholeHour("since"), name="queue_return_whole_hour")
                ],
            },
        ),
        migrations.RunSQL([RULES], WITHOUT_RULES),
    ]
