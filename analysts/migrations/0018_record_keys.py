from pathlib import Path

from django.db import migrations, models
from django.db.models.functions import Floor, Random

FILL = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
RANDOM_KEY = Floor(Random() * 256)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0017_address_allowances")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="record_key",
            field=models.PositiveSmallIntegerField(
                db_default=RANDOM_KEY, editable=False, null=True, verbose_name="record key"
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="record_key",
            field=models.PositiveSmallIntegerField(
                db_default=RANDOM_KEY, editable=False, null=True, verbose_name="record key"
            ),
        ),
        migrations.AddField(
            model_name="sighting",
            name="is_repeat",
            field=models.BooleanField(db_default=False, default=False, verbose_name="reported before"),
        ),
        migrations.RunSQL([FILL], migrations.RunSQL.noop),
    ]
