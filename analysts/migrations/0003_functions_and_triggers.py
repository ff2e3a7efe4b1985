from pathlib import Path

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    replaces = [("analysts", "0003_rules")]
    dependencies = [
        ("analysts", "0002_tables"),
        ("reports", "0002_functions_and_triggers"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]
    # A list: not split into statements, which would break the functions' bodies.
    operations = [migrations.RunSQL([RULES])]
