from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_rules")]

    operations = [
        migrations.AddField(
            model_name="auditevent",
            name="actor_id",
            field=models.BigIntegerField(
                blank=True,
                help_text="The number of the account; empty for the system.",
                null=True,
                verbose_name="account number",
            ),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="actor",
            field=models.CharField(
                blank=True,
                help_text="The user name at that time; empty for the system.",
                max_length=150,
                verbose_name="actor",
            ),
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=models.Index(fields=["actor_id", "number"], name="audit_event_by_actor_id"),
        ),
    ]
