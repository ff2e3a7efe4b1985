from pathlib import Path

from django.conf import settings
from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    replaces = [
        ("audit", "0002_rules"),
        ("audit", "0003_bounds"),
        ("audit", "0004_log_ids"),
    ]
    # A function reads the actor's name and role from the table of accounts.
    dependencies = [("audit", "0001_tables"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    # A list: not split into statements, which would break the functions' bodies.
    operations = [migrations.RunSQL([RULES])]
