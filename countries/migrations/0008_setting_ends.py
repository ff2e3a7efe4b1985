from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("countries", "0007_crisis_texts")]
    operations = [
        migrations.AddField(
            model_name="decidedsetting",
            name="ends_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="ends at"),
        ),
        migrations.AddField(
            model_name="decidedsetting",
            name="returns_to",
            field=models.CharField(blank=True, db_default="", max_length=40, verbose_name="value afterwards"),
        ),
    ]
