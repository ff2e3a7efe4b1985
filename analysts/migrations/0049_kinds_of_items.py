from django.db import migrations, models

KINDS = [
    ("first", "first assessments"),
    ("second", "second reviews"),
    ("traces", "hosting traces"),
    ("checks", "availability checks"),
]


class Migration(migrations.Migration):
    dependencies = [("analysts", "0048_heartbeat_of_intake")]
    operations = [
        migrations.AddField(
            "batchitem",
            "kind",
            models.CharField("kind", max_length=6, choices=KINDS, default="first"),
            preserve_default=False,
        ),
        migrations.RemoveConstraint("batch", "batch_one_open_a_person"),
        migrations.RemoveConstraint("batch", "batch_kind_known"),
        # Back, a batch has the kind of its first incident, and a person who has several open returns them first.
        migrations.RunSQL(
            "UPDATE analysts_batchitem AS item SET kind = batch.kind FROM analysts_batch AS batch "
            "WHERE batch.id = item.batch_id",
            "UPDATE analysts_batch AS batch SET kind = item.kind FROM analysts_batchitem AS item "
            "WHERE item.batch_id = batch.id AND item.number = 1",
        ),
        migrations.AddConstraint(
            "batchitem",
            models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _label in KINDS])), name="batch_item_kind_known"
            ),
        ),
        migrations.RemoveField("batch", "kind"),
    ]
