"""Where an envelope lies on disk: in one row, and found by no index twice."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

# An ordinary envelope has some 2,200 bytes, just above the size at which PostgreSQL tries to compress a row and then moves
# parts of it to a table beside. Sealed bytes cannot be compressed, and two more rows with an index only cost.
INLINE = "ALTER TABLE reports_submission SET (toast_tuple_target = 4080)"
REVERSE = "ALTER TABLE reports_submission RESET (toast_tuple_target)"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("reports", "0004_key_rules")]

    operations: ClassVar = [
        migrations.RunSQL(INLINE, REVERSE),
        # `submission_once_a_text` begins with the receipt.
        migrations.AlterField(
            model_name="submission",
            name="receipt",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="submissions",
                to="reports.receipt",
            ),
        ),
    ]
