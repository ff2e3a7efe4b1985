from django.db import migrations, models

from countries.lasting_columns import AddLastingField

KINDS = [
    ("first", "first assessments"),
    ("second", "second reviews"),
    ("traces", "hosting traces"),
    ("checks", "availability checks"),
]
KIND = models.CharField("kind", max_length=6, choices=KINDS)
EMPTY_KIND = models.CharField("kind", max_length=6, choices=KINDS, null=True)


class Migration(migrations.Migration):
    dependencies = [("analysts", "0048_heartbeat_of_intake")]
    refilled = ("analysts_batch.kind",)
    operations = [
        AddLastingField("batchitem", "kind", EMPTY_KIND),
        # The way back does not restore it: the release before checks it in code, and a person may have several open then.
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveConstraint("batch", "batch_one_open_a_person")],
            database_operations=[
                migrations.RunSQL("DROP INDEX IF EXISTS batch_one_open_a_person", migrations.RunSQL.noop)
            ],
        ),
        migrations.RemoveConstraint("batch", "batch_kind_known"),
        # Back, a batch has the kind of its first incident, and until then none.
        migrations.AlterField("batch", "kind", EMPTY_KIND),
        migrations.RunSQL(
            "UPDATE analysts_batchitem AS item SET kind = batch.kind FROM analysts_batch AS batch "
            "WHERE batch.id = item.batch_id AND item.kind IS NULL",
            "UPDATE analysts_batch AS batch SET kind = coalesce((SELECT item.kind FROM analysts_batchitem AS item "
            "WHERE item.batch_id = batch.id ORDER BY item.number LIMIT 1), 'first')",
        ),
        migrations.AlterField("batchitem", "kind", KIND),
        migrations.AddConstraint(
            "batchitem",
            models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _label in KINDS])), name="batch_item_kind_known"
            ),
        ),
        migrations.RemoveField("batch", "kind"),
    ]
