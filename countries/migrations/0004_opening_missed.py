from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("countries", "0003_lifecycle_brand_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="portal",
            name="opening_missed_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="opening missed on"),
        ),
    ]
