from pathlib import Path
from typing import ClassVar

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [
        ("analysts", "0002_initial"),
        ("reports", "0002_rules"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    # A list: not split into statements, which would break the functions' bodies.
    operations: ClassVar = [migrations.RunSQL([RULES])]
