from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    """A recipient's reply that it is removed makes the next check due."""

    dependencies: ClassVar = [("analysts", "0010_police_hold_sent_at")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="chase",
            name="removal_reported_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="reported as removed at"),
        ),
        migrations.AddIndex(
            model_name="chase",
            index=models.Index(
                condition=models.Q(("ended_at", None), ("removal_reported_at__isnull", False)),
                fields=["removal_reported_at", "id"],
                name="chase_reported_removed",
            ),
        ),
    ]
