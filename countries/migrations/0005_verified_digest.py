from pathlib import Path

from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
REVERSE = """
    DROP TRIGGER approved_text_stays ON countries_approvedtext;
    DROP TRIGGER reviewed_translation_stays ON countries_interfacetranslation;
    DROP FUNCTION countries_refuse_changed_words();
"""
DIGEST = models.CharField("verified as written", max_length=64, blank=True, default="", db_default="", editable=False)
MODELS = ("contact", "helpservice", "partner")


class Migration(migrations.Migration):
    dependencies = [("countries", "0004_withdrawals")]
    computed = tuple(f"countries_{model}.verified_digest" for model in MODELS)
    operations = [
        *(migrations.AddField(model, "verified_digest", DIGEST) for model in MODELS),
        migrations.RunSQL([RULES], REVERSE),
    ]
