from pathlib import Path
from typing import ClassVar

from django.db import migrations

RENAME = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0005_erased_with_digest")]

    operations: ClassVar = [migrations.RunSQL([RENAME], migrations.RunSQL.noop)]
