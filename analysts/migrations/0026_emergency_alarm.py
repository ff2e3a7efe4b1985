from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0025_translator_role")]

    operations = [
        migrations.RemoveConstraint(model_name="alarm", name="alarm_kind_known"),
        migrations.AlterField(
            model_name="alarm",
            name="kind",
            field=models.CharField(
                choices=[
                    ("danger", "child in danger"),
                    ("volume", "unusually many reports"),
                    ("anchor", "audit log"),
                    ("coverage", "portal without analysts"),
                    ("suspend", "portal suspended by one operator"),
                ],
                max_length=8,
                primary_key=True,
                serialize=False,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="alarm",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["danger", "volume", "anchor", "coverage", "suspend"])),
                name="alarm_kind_known",
            ),
        ),
    ]
