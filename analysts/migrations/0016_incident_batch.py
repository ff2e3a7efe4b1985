import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("analysts", "0015_batches")]

    operations = [
        migrations.AddField(
            model_name="incident",
            name="batch",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claims",
                to="analysts.batch",
            ),
        ),
        migrations.AddIndex(
            model_name="incident",
            index=models.Index(fields=["batch"], name="incident_batch", condition=Q(batch__isnull=False)),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=Q(batch=None) | Q(state="claimed"), name="incident_batch_while_claimed"
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=Q(batch=None) | Q(child_in_danger=False), name="incident_batch_without_danger"
            ),
        ),
    ]
