from pathlib import Path

from django.db import migrations, models
from django.db.models import Q

MOVE = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
# With the phrases that were approved since.
MOVE_BACK = """
    INSERT INTO countries_crisisphrase (language, words)
        SELECT language, words FROM countries_approvedtext, string_to_table(forms ->> 0, E'\\n') AS words
        WHERE context = 'words of crisis' AND words <> '' ON CONFLICT DO NOTHING;
    DELETE FROM countries_approvedtext WHERE context = 'words of crisis';
"""
REASON = models.CharField("reason for the change", max_length=500, blank=True, default="", db_default="")
WITH_REASON = models.CheckConstraint(
    condition=~Q(context="words of crisis") | ~Q(state__in=["proposed", "approved"]) | ~Q(change_reason=""),
    name="interface_translation_crisis_with_reason",
)


class Migration(migrations.Migration):
    dependencies = [("countries", "0006_language_review_accounts")]
    operations = [
        migrations.RunSQL([MOVE], [MOVE_BACK]),
        migrations.DeleteModel("CrisisPhrase"),
        migrations.AddField("interfacetranslation", "change_reason", REASON),
        migrations.AddConstraint("interfacetranslation", WITH_REASON),
    ]
