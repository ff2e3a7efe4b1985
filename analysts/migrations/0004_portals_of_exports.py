import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0003_functions_and_triggers")]
    operations = [
        migrations.AddField(
            model_name="export",
            name="portals",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), blank=True, default=list, size=None, verbose_name="portals"
            ),
        ),
    ]
