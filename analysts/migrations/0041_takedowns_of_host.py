from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0040_chase_check_asked_at")]

    operations = [
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(
                condition=models.Q(
                    models.Q(
                        ("state__in", ["assessed", "acting"]),
                        models.Q(("round__gt", 1), ("state__in", ["waiting", "claimed"])),
                        _connector="OR",
                    ),
                    models.Q(("host_fingerprint", b""), _negated=True),
                ),
                fields=["host_fingerprint"],
                name="incident_takedowns_of_host",
            ),
        ),
    ]
