from typing import ClassVar

from django.db import migrations

# Steps that waited for the result of a workstation file are due for review: the incident has to be drawn in a batch.
END_WAITS = "UPDATE analysts_nextstep SET review_at = now() WHERE kind = 'workstation' AND set_by_id IS NULL"


class Migration(migrations.Migration):
    """Batches alone go to isolated workstations. Traces, checks and the audit log keep the ids of the rows removed."""

    dependencies: ClassVar = [("analysts", "0032_heads_before_seniors")]

    operations: ClassVar = [
        migrations.DeleteModel("HandoffItem"),
        migrations.DeleteModel("Handoff"),
        migrations.RunSQL([END_WAITS], migrations.RunSQL.noop),
    ]
