from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("analysts", "0039_next_step_assigned")]

    operations = [
        migrations.AddField(
            model_name="chase",
            name="check_asked_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="check asked for at"),
        ),
    ]
