from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

from reports.models import erased_with_digest

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0004_answered_messages")]

    operations: ClassVar = [
        migrations.AlterField("noticeanswer", "digest", models.BinaryField(max_length=32, null=True)),
        migrations.AlterField("submission", "digest", models.BinaryField(max_length=32, null=True)),
        # A list: not split into statements, which would break the functions' bodies.
        migrations.RunSQL([RULES]),
        migrations.AddConstraint(
            "noticeanswer",
            models.CheckConstraint(condition=erased_with_digest(), name="notice_answer_erased_with_digest"),
        ),
        migrations.AddConstraint(
            "submission",
            models.CheckConstraint(condition=erased_with_digest(), name="submission_erased_with_digest"),
        ),
    ]
