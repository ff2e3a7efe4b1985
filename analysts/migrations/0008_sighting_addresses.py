from pathlib import Path
from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

RULES = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0007_worker_heartbeat"), ("reports", "0002_rules")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="sighting",
            name="key",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reports.sealingkey",
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="sealed_address",
            field=models.BinaryField(blank=True, default=b""),
        ),
        migrations.AddIndex(
            model_name="sighting",
            index=models.Index(
                condition=models.Q(("sealed_address", b""), _negated=True),
                fields=["key", "id"],
                name="sighting_readable",
            ),
        ),
        migrations.AddConstraint(
            model_name="sighting",
            constraint=models.CheckConstraint(
                condition=models.Q(("sealed_address", b""), ("key__isnull", False), _connector="OR"),
                name="sighting_sealed_has_key",
            ),
        ),
        migrations.RunSQL([RULES]),
    ]
