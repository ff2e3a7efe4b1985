from typing import ClassVar

from django.db import migrations, models

KINDS = [
    ("danger", "child in danger"),
    ("volume", "unusually many reports"),
    ("anchor", "audit log"),
    ("coverage", "portal without analysts"),
    ("suspend", "portal suspended by one operator"),
    ("contacts", "contacts to check"),
    ("approval", "approval request"),
    ("search", "search limit"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("analysts", "0005_search_counts")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="alarm", name="alarm_kind_known"),
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=8, primary_key=True, serialize=False, verbose_name="kind"),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _label in KINDS])), name="alarm_kind_known"
            ),
        ),
    ]
