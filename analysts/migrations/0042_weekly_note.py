from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0041_warnings_of_hosts")]
    operations = [
        migrations.AddField(
            "displaypreferences",
            "weekly_note",
            models.BooleanField("weekly note", db_default=True, default=True),
        )
    ]
