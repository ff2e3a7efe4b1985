from typing import Any

from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

import reports.models

# The columns keep their name, and the indexes with them.
INDEXES: dict[str, tuple[tuple[str, list[str], dict[str, Any]], ...]] = {
    "reply": (("reply_unread", [], {"condition": models.Q(read_at=None)}), ("reply_received", [], {})),
    "appeal": (("appeal_waiting", ["id"], {"condition": models.Q(outcome="")}),),
}
RECEIVED_AT = models.DateTimeField("received at", db_column="received_hour")
# The earlier release refuses anything but whole hours.
WHOLE_HOURS = """
    UPDATE analysts_reply SET received_hour = date_trunc('hour', received_hour, 'UTC');
    ALTER TABLE analysts_appeal DISABLE TRIGGER appeal_checked;
    UPDATE analysts_appeal SET received_hour = date_trunc('hour', received_hour, 'UTC');
    ALTER TABLE analysts_appeal ENABLE TRIGGER appeal_checked;
"""


def rename_in_state(model: str) -> list[Any]:
    indexes = INDEXES[model]
    return [
        *(migrations.RemoveIndex(model, name) for name, _more, _options in indexes),
        migrations.AlterField(model, "received_hour", RECEIVED_AT),
        migrations.RenameField(model, "received_hour", "received_at"),
        *(
            migrations.AddIndex(model, models.Index(fields=["received_at", *more], name=name, **options))
            for name, more, options in indexes
        ),
    ]


def check_minute(model: str) -> AddConstraintNotValid:
    condition = reports.models.WholeMinute("received_at")
    return AddConstraintNotValid(model, models.CheckConstraint(condition=condition, name=f"{model}_whole_minute"))


class Migration(migrations.Migration):
    """Times of recipients' replies and of appeals are kept to the minute: hours protect reporters only."""

    dependencies = [("analysts", "0031_indexes_of_letters"), ("reports", "0004_minutes_of_answers")]
    operations = [
        migrations.RemoveConstraint("reply", "reply_whole_hour"),
        migrations.RemoveConstraint("appeal", "appeal_whole_hour"),
        migrations.SeparateDatabaseAndState(state_operations=[*rename_in_state("reply"), *rename_in_state("appeal")]),
        migrations.AlterModelOptions(
            "reply",
            {
                "default_permissions": (),
                "ordering": ["received_at"],
                "verbose_name": "reply",
                "verbose_name_plural": "replies",
            },
        ),
        check_minute("reply"),
        check_minute("appeal"),
        migrations.RunSQL(migrations.RunSQL.noop, [WHOLE_HOURS]),
    ]
