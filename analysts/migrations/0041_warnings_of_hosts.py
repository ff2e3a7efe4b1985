from django.db import migrations, models
from django.db.models import Case, F, Q, When

# Says of earlier assessments what later ones say when they are recorded.
FREE_HOSTS = """
    UPDATE analysts_incident SET is_on_free_host = true WHERE id IN (
        SELECT incident_id FROM analysts_assessment WHERE undone_at IS NULL AND site_type IN (
            'file_host', 'image_store', 'image_host', 'social_network', 'redirector', 'web_archive', 'search_provider',
            'blog', 'messaging'
        )
    )
"""
WARNED_OF = Case(When(is_on_free_host=True, then=F("host_fingerprint")), default=F("site_fingerprint"))


class Migration(migrations.Migration):
    dependencies = [("analysts", "0040_alarm_of_returns")]
    computed = ("analysts_incident.is_on_free_host",)
    operations = [
        migrations.AddField(
            "incident",
            "is_on_free_host",
            models.BooleanField("on a free host", default=False, db_default=False),
        ),
        migrations.RemoveIndex("incident", "incident_noticed"),
        migrations.AddIndex(
            "incident",
            models.Index(
                WARNED_OF,
                F("last_sighted").desc(),
                name="incident_warned_of",
                condition=~Q(notices=[]) & ~Q(site_fingerprint=b""),
            ),
        ),
        # Last: no index is made after rows have changed.
        migrations.RunSQL(FREE_HOSTS, migrations.RunSQL.noop),
    ]
