"""A note tells with which claim it was handed over."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0010_assessment_rules")]

    operations = [
        migrations.AddField(
            model_name="note",
            name="claim",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="claim number"),
        ),
    ]
