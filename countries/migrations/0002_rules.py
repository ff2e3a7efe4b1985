from pathlib import Path
from typing import ClassVar

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("countries", "0001_initial")]
    # A list: not split into statements, which would break the functions' bodies.
    operations: ClassVar = [migrations.RunSQL([RULES])]
