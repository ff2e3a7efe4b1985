from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0020_identity_rules")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="recipient",
            name="changed_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="changed at"),
        ),
    ]
