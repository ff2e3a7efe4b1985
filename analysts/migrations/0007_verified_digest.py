from pathlib import Path

from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
REVERSE = "DROP TRIGGER chase_numbers_hosting ON analysts_chase; DROP FUNCTION analysts_number_hosting()"
DIGEST = models.CharField("verified as written", max_length=64, blank=True, default="", db_default="", editable=False)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0006_second_persons")]
    computed = ("analysts_recipient.verified_digest",)
    operations = [migrations.AddField("recipient", "verified_digest", DIGEST), migrations.RunSQL([RULES], REVERSE)]
