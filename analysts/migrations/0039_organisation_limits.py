from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0038_alerts_by_letter")]
    operations = [
        migrations.AddField(
            "exposure",
            "passed_limit",
            models.BooleanField("continued past the organisation's limit", db_default=False, default=False),
        )
    ]
