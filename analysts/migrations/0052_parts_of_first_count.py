from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0051_spellings_of_incidents")]
    operations = [
        migrations.AddField(
            "figureprogress", "first_count_at", models.DateTimeField("first count began at", null=True)
        ),
    ]
