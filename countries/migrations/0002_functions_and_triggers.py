from pathlib import Path

from django.db import migrations

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    replaces = [
        ("countries", "0002_rules"),
        ("countries", "0003_public_settings"),
        ("countries", "0004_withdrawals"),
        ("countries", "0005_verified_digest"),
        ("countries", "0006_language_review_accounts"),
        ("countries", "0007_crisis_texts"),
        ("countries", "0008_setting_ends"),
        ("countries", "0009_reading_hours"),
        ("countries", "0010_words_release"),
        ("countries", "0011_sources"),
        ("countries", "0012_log_ids"),
    ]
    dependencies = [("countries", "0001_tables")]
    # A list: not split into statements, which would break the functions' bodies.
    operations = [migrations.RunSQL([RULES])]
