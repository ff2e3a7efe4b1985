from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

ONCE_A_STEP = models.UniqueConstraint(
    fields=["referral", "interval"], condition=Q(dropped="", corrects=None), name="notice_item_once_a_step"
)
CORRECTED_ONCE = models.UniqueConstraint(
    fields=["corrects"], condition=Q(dropped="", corrects__isnull=False), name="notice_item_corrected_once"
)
CREATE = """
    CREATE UNIQUE INDEX CONCURRENTLY {name} ON analysts_noticeitem ({columns}) WHERE {condition}
"""
RENAME = "ALTER INDEX notice_item_step RENAME TO notice_item_once_a_step"
DROP = "DROP INDEX CONCURRENTLY {}"


def create_index(name: str, columns: str, condition: str) -> str:
    return CREATE.format(name=name, columns=columns, condition=condition)


class Migration(migrations.Migration):
    """Each index is built while the tables are used."""

    atomic = False
    dependencies = [("analysts", "0030_looks_and_corrections")]
    operations = [
        AddIndexConcurrently(
            "chase",
            models.Index(
                fields=["unseen_since", "id"],
                name="chase_unseen",
                condition=Q(ended_at=None, unseen_since__isnull=False),
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    create_index(
                        "notice_item_corrected_once", "corrects_id", "corrects_id IS NOT NULL AND dropped = ''"
                    ),
                    DROP.format("notice_item_corrected_once"),
                ),
                migrations.RunSQL(
                    create_index("notice_item_step", 'referral_id, "interval"', "corrects_id IS NULL AND dropped = ''"),
                    migrations.RunSQL.noop,
                ),
                migrations.RunSQL(
                    DROP.format("notice_item_once_a_step"),
                    create_index("notice_item_once_a_step", 'referral_id, "interval"', "dropped = ''"),
                ),
                migrations.RunSQL(RENAME, DROP.format("notice_item_once_a_step")),
            ],
            state_operations=[
                migrations.RemoveConstraint("noticeitem", "notice_item_once_a_step"),
                migrations.AddConstraint("noticeitem", ONCE_A_STEP),
                migrations.AddConstraint("noticeitem", CORRECTED_ONCE),
            ],
        ),
    ]
