from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0002_rules")]

    operations: ClassVar = [
        migrations.AddField(
            "arrival", "received_hour", models.DateTimeField(null=True, verbose_name="received (hour)")
        ),
        # A list: not split into statements, which would break the function's body.
        migrations.RunSQL([RULES]),
        migrations.AddIndex("arrival", models.Index(fields=["received_hour"], name="arrival_oldest")),
    ]
