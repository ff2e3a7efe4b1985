from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0012_saved_views")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="displaypreferences",
            name="time_zone",
            field=models.CharField(blank=True, max_length=40, verbose_name="time zone"),
        ),
    ]
