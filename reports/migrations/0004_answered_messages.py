from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

LOOK_UP = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("countries", "0001_initial"), ("reports", "0003_arrival_hours")]

    operations: ClassVar = [
        migrations.AddField(
            "submission",
            "message",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reports.message",
            ),
        ),
        migrations.AddConstraint(
            "submission",
            models.CheckConstraint(
                condition=models.Q(message=None) | models.Q(kind="answer"), name="submission_only_answers_answer"
            ),
        ),
        # A list: not split into statements, which would break the functions' bodies.
        migrations.RunSQL([LOOK_UP]),
    ]
