from django.db import migrations, models

KINDS = {
    "danger": "child in danger",
    "volume": "unusually many reports",
    "anchor": "audit log",
    "coverage": "portal without analysts",
    "suspend": "portal suspended by one operator",
    "contacts": "contacts to check",
    "approval": "approval request",
    "search": "search limit",
    "reading": "unusually many addresses revealed",
    "account": "new account of staff",
    "setting": "setting back at its earlier value",
    "refusals": "notices refused as not illegal",
    "returned": "child in danger, back in the queue",
}


class Migration(migrations.Migration):
    dependencies = [("analysts", "0039_organisation_limits")]
    operations = [
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(
                choices=list(KINDS.items()), max_length=8, primary_key=True, serialize=False, verbose_name="kind"
            ),
        ),
        migrations.RemoveConstraint(model_name="alarm", name="alarm_kind_known"),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(condition=models.Q(kind__in=list(KINDS)), name="alarm_kind_known"),
        ),
    ]
