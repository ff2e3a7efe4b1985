from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A check counts by when it was recorded; an earlier time that its author typed becomes a remark."""

    dependencies: ClassVar = [("analysts", "0008_sighting_addresses")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="availabilitycheck",
            name="stated_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="stated time"),
        ),
        migrations.AddConstraint(
            model_name="availabilitycheck",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stated_at", None),
                    models.Q(("source", None), ("stated_at__lt", models.F("recorded_at"))),
                    _connector="OR",
                ),
                name="check_stated_before_recorded",
            ),
        ),
    ]
