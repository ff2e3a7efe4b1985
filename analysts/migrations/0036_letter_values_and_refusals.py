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
}


class Migration(migrations.Migration):
    dependencies = [("analysts", "0035_steps_by_whom_they_wait_for")]
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
        migrations.AddField(
            model_name="recipient",
            name="refusals_alarmed_on",
            field=models.DateField(blank=True, editable=False, null=True, verbose_name="alarm about its refusals on"),
        ),
        migrations.AddIndex(
            model_name="recipient",
            index=models.Index(
                condition=models.Q(refusals_alarmed_on__isnull=False),
                fields=["refusals_alarmed_on"],
                name="recipient_alarmed",
            ),
        ),
        migrations.AddField(
            model_name="notice",
            name="letter_values",
            field=models.JSONField(blank=True, db_default={}, default=dict, verbose_name="values of the letter"),
        ),
    ]
