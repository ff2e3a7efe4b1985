from pathlib import Path
from typing import ClassVar

from django.db import migrations, models

SENT = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    """The time of an answer runs from when the request was sent."""

    dependencies: ClassVar = [("analysts", "0009_check_stated_at")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="policehold",
            name="sent_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="request sent at"),
        ),
        migrations.RunSQL([SENT], reverse_sql=migrations.RunSQL.noop),
    ]
