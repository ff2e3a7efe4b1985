from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    # A function reads the actor's name and role from the table of accounts.
    dependencies: ClassVar = [
        ("audit", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    # A list: not split into statements, which would break the functions' bodies.
    operations: ClassVar = [migrations.RunSQL([RULES])]
