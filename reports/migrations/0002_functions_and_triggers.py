from pathlib import Path

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    replaces = [
        ("reports", "0002_rules"),
        ("reports", "0003_further_look"),
        ("reports", "0004_minutes_of_answers"),
        ("reports", "0005_expedited_arrivals"),
        ("reports", "0006_sources"),
    ]
    dependencies = [("reports", "0001_tables")]
    # A list: not split into statements, which would break the functions' bodies.
    operations = [migrations.RunSQL([RULES])]
