from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0043_support_contacts")]
    operations = [
        migrations.AddField(
            "displaypreferences",
            "counselled_on",
            models.DateField("last counselling on", blank=True, null=True),
        )
    ]
