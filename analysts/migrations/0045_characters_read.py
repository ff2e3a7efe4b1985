from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0044_counselling")]
    operations = [
        migrations.AddField(
            "exposure",
            "characters_read",
            models.PositiveIntegerField("characters read", default=0, db_default=0),
        )
    ]
