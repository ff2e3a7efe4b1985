from pathlib import Path
from typing import ClassVar

import django.contrib.postgres.fields
from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0022_no_job_notifications"),
        ("countries", "0007_service_approval_requests"),
    ]

    operations: ClassVar = [
        migrations.AddField(
            model_name="incident",
            name="portal_languages",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=32),
                default=list,
                editable=False,
                verbose_name="languages by portal",
            ),
        ),
        migrations.RunSQL([RULES]),
    ]
