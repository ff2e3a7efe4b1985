"""No two changes of the URL list share a version; the whole list is read by an index; members' downloads are counted."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("analysts", "0018_outbox_indexes"), ("reports", "0007_answers_to_notices_rules")]

    operations = [
        migrations.RemoveIndex(model_name="urllistentry", name="url_list_version"),
        migrations.AddIndex(
            model_name="urllistentry",
            index=models.Index(condition=Q(removed_on=None), fields=["version"], name="url_list_live"),
        ),
        migrations.AddIndex(
            model_name="urllistentry",
            index=models.Index(fields=["incident", "version"], name="url_list_of_incident"),
        ),
        migrations.AddConstraint(
            model_name="urllistentry",
            constraint=models.UniqueConstraint(fields=("version",), name="url_list_version_once"),
        ),
        migrations.AddField(
            model_name="memberkey",
            name="hour",
            field=models.DateTimeField(blank=True, null=True, verbose_name="hour"),
        ),
        migrations.AddField(
            model_name="memberkey",
            name="full_lists",
            field=models.PositiveIntegerField(default=0, verbose_name="full lists in the hour"),
        ),
        migrations.AddField(
            model_name="memberkey",
            name="pages",
            field=models.PositiveIntegerField(default=0, verbose_name="pages of changes in the hour"),
        ),
    ]
