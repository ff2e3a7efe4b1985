from pathlib import Path

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    replaces = [("countries", "0002_rules")]
    dependencies = [("countries", "0001_tables")]
    # A list: not split into statements, which would break the functions' bodies.
    operations = [migrations.RunSQL([RULES])]
