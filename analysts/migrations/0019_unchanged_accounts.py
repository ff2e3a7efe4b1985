from typing import ClassVar

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0018_illegal_sites")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="user",
            name="unchanged_since",
            field=models.DateTimeField(
                default=django.utils.timezone.now, editable=False, verbose_name="unchanged since"
            ),
        ),
    ]
